"""`covidlake notifications`: the messages of the stack's topic, read from a queue of our own."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from covidlake import aws
from covidlake.ship.deploy.reader_queue import queue_name
from covidlake.ship.stack import stack


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
    sqs = aws.client("sqs")
    url = sqs.get_queue_url(QueueName=queue_name(environment))["QueueUrl"]
    found: list[Notification] = []
    deadline = time.monotonic() + wait_seconds
    while True:
        batch = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for item in batch:
            found.append(_read(json.loads(item["Body"])))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=item["ReceiptHandle"])
        if not batch and (found or time.monotonic() > deadline):
            return found
        if not batch:
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
