"""The queue that people read notifications from goes when its stack goes."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from covidlake import aws
from covidlake.ship.deploy import reader_queue

URL = "https://sqs.us-east-2.amazonaws.com/000000000000/covid-lake-dev-reader"


@pytest.fixture
def sqs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    client = boto3.client("sqs", region_name="us-east-2", aws_access_key_id="x", aws_secret_access_key="x")
    monkeypatch.setattr(aws, "client", {"sqs": client}.__getitem__)
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def delete() -> list[str]:
    lines: list[str] = []
    reader_queue.delete("dev", lines.append)
    return lines


def test_the_queue_is_deleted_and_said(sqs: Stubber) -> None:
    sqs.add_response("get_queue_url", {"QueueUrl": URL}, {"QueueName": "covid-lake-dev-reader"})
    sqs.add_response("delete_queue", {}, {"QueueUrl": URL})
    assert delete() == ["queue covid-lake-dev-reader of `covidlake notifications` deleted"]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("AWS.SimpleQueueService.NonExistentQueue", []),
        ("QueueDoesNotExist", []),
        ("AccessDenied", ["queue covid-lake-dev-reader, if `covidlake notifications` made it, stays: no"]),
    ],
)
def test_one_that_is_not_there_or_may_not_be_deleted_holds_nothing_up(
    sqs: Stubber, code: str, said: list[str]
) -> None:
    sqs.add_client_error("get_queue_url", code, "no")
    assert delete() == said


def test_any_other_answer_is_an_error(sqs: Stubber) -> None:
    sqs.add_client_error("get_queue_url", "InternalFailure")
    with pytest.raises(ClientError):
        delete()
