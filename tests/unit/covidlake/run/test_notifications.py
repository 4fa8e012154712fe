"""The topic's messages, each read once from a queue that only the topic may write to."""

from __future__ import annotations

import json

from botocore.stub import ANY

from covidlake.run import notifications
from covidlake.run.notifications import Notification
from covidlake.ship.deploy.reader_queue import queue_name
from tests.unit.covidlake.run.conftest import OUTPUTS, Stubs

URL = "https://sqs.us-east-2.amazonaws.com/111122223333/queue"
QUEUE = "arn:aws:sqs:us-east-2:111122223333:queue"
TOPIC = OUTPUTS["TopicArn"]


def messages_are(stubs: Stubs, *bodies: dict[str, str]) -> list[str]:
    """The next answer of the queue; the receipts of its messages."""
    found = [
        {"Body": json.dumps(body), "ReceiptHandle": f"r{n}", "MessageId": f"m{n}"}
        for n, body in enumerate(bodies)
    ]
    asked = {"QueueUrl": URL, "MaxNumberOfMessages": 10, "VisibilityTimeout": 30}
    stubs("sqs").add_response("receive_message", {"Messages": found}, asked)
    return [item["ReceiptHandle"] for item in found]


def test_only_the_topic_may_write_to_the_queue(stubs: Stubs) -> None:
    sqs = stubs("sqs")
    sqs.add_response("create_queue", {"QueueUrl": URL}, {"QueueName": queue_name("dev")})
    sqs.add_response("get_queue_attributes", {"Attributes": {"QueueArn": QUEUE}})
    sqs.add_response("set_queue_attributes", {}, {"QueueUrl": URL, "Attributes": {"Policy": ANY}})
    expected = {"TopicArn": TOPIC, "Protocol": "sqs", "Endpoint": QUEUE}
    stubs("sns").add_response("subscribe", {"SubscriptionArn": "s"}, expected)
    assert notifications.subscribe("dev") == URL
    (statement,) = notifications._policy(QUEUE, TOPIC)["Statement"]
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": TOPIC}}
    assert (statement["Effect"], statement["Resource"]) == ("Allow", QUEUE)


def test_messages_are_taken_off_the_queue(stubs: Stubs) -> None:
    stubs("sqs").add_response("get_queue_url", {"QueueUrl": URL}, {"QueueName": queue_name("dev")})
    receipts = messages_are(stubs, {"Subject": "failed", "Message": "why"}, {"Message": "more"})
    messages_are(stubs)
    for receipt in receipts:
        stubs("sqs").add_response("delete_message", {}, {"QueueUrl": URL, "ReceiptHandle": receipt})
    assert notifications.receive("dev", wait_seconds=0) == [
        Notification("failed", "why"),
        Notification("(no subject)", "more"),
    ]


def test_an_empty_queue_is_waited_for_only_so_long(stubs: Stubs) -> None:
    stubs("sqs").add_response("get_queue_url", {"QueueUrl": URL})
    messages_are(stubs)
    assert notifications.receive("dev", wait_seconds=-1) == []


def test_a_peek_leaves_the_messages_where_they_are(stubs: Stubs) -> None:
    sqs = stubs("sqs")
    sqs.add_response("get_queue_url", {"QueueUrl": URL})
    one = {
        "MessageId": "1",
        "Body": json.dumps({"Subject": "failed", "Message": "why"}),
        "ReceiptHandle": "r",
    }
    asked = {"QueueUrl": URL, "MaxNumberOfMessages": 10, "VisibilityTimeout": 0}
    for _ in range(2):  # the second time it is no new one
        sqs.add_response("receive_message", {"Messages": [one]}, asked)
    assert notifications.peek("dev", wait_seconds=0) == [Notification("failed", "why")]
