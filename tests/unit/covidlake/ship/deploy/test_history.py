"""Deployment records are kept in the order of their end, and read back whatever else lies there."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import ANY, Stubber

from covidlake import aws
from covidlake.base.errors import CloudError
from covidlake.ship.deploy import history
from covidlake.ship.deploy.history import Record

BUCKET = "covid-lake-artifacts-111122223333-us-east-2"
RECORD = Record(
    *("dev", "covid-lake-dev", "UPDATE_COMPLETE", "DEPLOYED", "a" * 64, "c" * 40),
    *("2026-01-02T03:04:05.678+00:00", "2026-01-02T03:05:05.678+00:00", "arn:aws:iam::1:user/me"),
)
KEY = "covid-lake-dev/deployments/20260102T030505.678Z-aaaaaaaaaaaa.json"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    client = boto3.client("s3", region_name="us-east-2", aws_access_key_id="x", aws_secret_access_key="x")
    monkeypatch.setattr(aws, "client", {"s3": client}.__getitem__)
    monkeypatch.setattr(aws, "account", lambda: "111122223333")
    monkeypatch.setattr(aws, "region", lambda: "us-east-2")
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def keys_are(s3: Stubber, *keys: str) -> None:
    asked = {"Bucket": BUCKET, "Prefix": "covid-lake-dev/deployments/"}
    kept = datetime(2026, 1, 2, 3, 5, 6, tzinfo=UTC)
    found = [{"Key": key, "LastModified": kept + timedelta(days=n)} for n, key in enumerate(keys)]
    s3.add_response("list_objects_v2", {"Contents": found}, asked)


def holds(s3: Stubber, key: str, text: str) -> None:
    body = StreamingBody(io.BytesIO(text.encode()), len(text.encode()))
    s3.add_response("get_object", {"Body": body}, {"Bucket": BUCKET, "Key": key})


def test_a_record_is_written_once_under_the_time_of_its_end(s3: Stubber) -> None:
    written = {
        "Bucket": BUCKET,
        "Key": KEY,
        "Body": ANY,
        "ContentType": "application/json",
        "IfNoneMatch": "*",
    }
    s3.add_response("put_object", {}, written)
    history.write(RECORD, BUCKET)


def test_the_newest_records_come_first_and_no_more_than_asked_for_are_read(s3: Stubber) -> None:
    keys_are(s3, "z", "b", KEY)  # in the order in which S3 took them, whatever the deployers' clocks said
    holds(s3, KEY, json.dumps(asdict(RECORD)))
    assert history.history("dev", limit=1) == [replace(RECORD, ended_at="2026-01-04T03:05:06+00:00")]


def test_what_is_no_record_is_named(s3: Stubber) -> None:
    keys_are(s3, KEY)
    holds(s3, KEY, '{"environment": "dev"}')
    with pytest.raises(CloudError, match=f"s3://{BUCKET}/{KEY} is no deployment record: delete it"):
        history.history("dev")


def test_without_an_artifact_bucket_the_hint_is_to_deploy(s3: Stubber) -> None:
    s3.add_client_error("list_objects_v2", "NoSuchBucket")
    with pytest.raises(CloudError, match=f"{BUCKET} does not exist: deploy with: covidlake deploy dev"):
        history.history("dev")


def test_the_newest_good_commit_is_that_of_the_last_success(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = replace(RECORD, outcome="FAILED", commit="f" * 40)
    same = replace(RECORD, outcome="NO_CHANGE", commit="d" * 40)
    monkeypatch.setattr(history, "history", lambda _: [failed, same, RECORD])
    assert history.newest_good_commit("dev") == "d" * 40
    monkeypatch.setattr(history, "history", lambda _: [failed])
    assert history.newest_good_commit("dev") == ""


def test_without_an_artifact_bucket_no_commit_is_known(s3: Stubber) -> None:
    s3.add_client_error("list_objects_v2", "NoSuchBucket")
    assert history.newest_good_commit("dev") == ""
