"""`covidlake notifications`: the messages of the stack's topic, read from a queue of our own."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from covidlake import aws
from covidlake.ship.deploy.reader_queue import queue_name
from covidlake.ship.stack import stack

HIDDEN_SECONDS = 30


@dataclass(frozen=True)
class Notification:
    subject: str
    message: str


def subscribe(environment: str) -> str:
    """Subscribe a queue to the environment's topic, once, and return its URL."""
    topic = stack.find(environment).outputs["TopicArn"]
    sqs, sns = aws.client("sqs"), aws.client("sns")
    url = sqs.create_queue(QueueName=queue_name(environment))["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(_policy(arn, topic))})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)  # the same subscription when there is one
    return url


def receive(environment: str, wait_seconds: float) -> list[Notification]:
    """Take the notifications off the queue; wait at most `wait_seconds` for the first."""
    sqs, found = aws.client("sqs"), []
    url = sqs.get_queue_url(QueueName=queue_name(environment))["QueueUrl"]
    for item in _messages(url, wait_seconds):
        found.append(_read(json.loads(item["Body"])))
        sqs.delete_message(QueueUrl=url, ReceiptHandle=item["ReceiptHandle"])
    return found


def peek(environment: str, wait_seconds: float) -> list[Notification]:
    """Look at the notifications and leave them in the queue; wait at most `wait_seconds` for the first."""
    url = aws.client("sqs").get_queue_url(QueueName=queue_name(environment))["QueueUrl"]
    return [_read(json.loads(item["Body"])) for item in _messages(url, wait_seconds, hidden_seconds=0)]


def _messages(url: str, wait_seconds: float, hidden_seconds: int = HIDDEN_SECONDS) -> list[Any]:
    """The messages in the queue, each once, until none is new; others do not see them meanwhile."""
    found: dict[str, Any] = {}
    deadline = time.monotonic() + wait_seconds
    while True:
        batch = aws.client("sqs").receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=hidden_seconds
        )
        new = {one["MessageId"]: one for one in batch.get("Messages", []) if one["MessageId"] not in found}
        found |= new
        if not new and (found or time.monotonic() > deadline):
            return list(found.values())
        if not new:
            time.sleep(0.2)


def _read(envelope: dict[str, Any]) -> Notification:
    return Notification(envelope.get("Subject") or "(no subject)", envelope.get("Message", ""))


def _policy(queue: str, topic: str) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}
