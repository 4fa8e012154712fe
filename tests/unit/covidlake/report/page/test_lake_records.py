"""Run records of the lake, as S3 answers."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from covidlake import aws
from covidlake.report.page import lake_records

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    client = boto3.client("s3", region_name="us-east-2", aws_access_key_id="x", aws_secret_access_key="x")
    monkeypatch.setattr(aws, "client", {"s3": client}.__getitem__)
    with Stubber(client) as stubber:
        yield stubber


def listed(s3: Stubber, *names: str, **more: Any) -> None:
    s3.add_response("list_objects_v2", {"CommonPrefixes": [{"Prefix": "runs/uk_covid/"}]})
    items = [
        {"Key": f"runs/uk_covid/{name}.json", "LastModified": BEGIN + timedelta(days=at), "Size": 100} | more
        for at, name in enumerate(names)
    ]
    s3.add_response("list_objects_v2", {"Contents": items})


def answered(s3: Stubber, content: Any) -> None:
    text = content if isinstance(content, str) else json.dumps(content)
    s3.add_response("get_object", {"Body": io.BytesIO(text.encode())})


def test_the_records_up_to_this_run_are_read_the_oldest_first(s3: Stubber) -> None:
    listed(s3, "b", "a", "later")
    for name in ("b", "a"):
        answered(s3, {"run_id": name, "rows_read": 1, "rules": [1], "catalog": "x"})
    found = lake_records.of_run("lake", "a")
    older, own = found["uk_covid"]
    assert (older["run_id"], own["run_id"]) == ("b", "a")
    assert "rules" not in older
    assert own["rules"] == [1]
    assert list(lake_records.own(found, "a")) == [own]


def test_only_the_last_ones_are_read(s3: Stubber) -> None:
    listed(s3, *(f"run-{number:02}" for number in range(lake_records.LAST + 5)))
    for number in range(5, lake_records.LAST + 5):
        answered(s3, {"run_id": f"run-{number:02}"})
    assert len(lake_records.of_run("lake", "running now")["uk_covid"]) == lake_records.LAST


def test_what_is_no_record_or_gone_is_left_out(s3: Stubber) -> None:
    listed(s3, "a", "b", "c")
    answered(s3, "{")
    s3.add_client_error("get_object", "NoSuchKey")
    answered(s3, {"run_id": "c"})
    assert [one["run_id"] for one in lake_records.of_run("lake", "c")["uk_covid"]] == ["c"]


def test_one_that_is_too_large_to_be_a_record_is_not_read(s3: Stubber) -> None:
    listed(s3, "a", Size=lake_records.READ_AT_MOST + 1)
    assert lake_records.of_run("lake", "a") == {}
