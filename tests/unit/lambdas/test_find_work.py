"""`find_work`: what it is given, what it answers, and which errors are worth another attempt."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws

from infra.ingestion.states import find_work
from tests.unit.lambdas.conftest import load_handler

EVENT = {
    "datasets": ["country_codes", "uk_covid"],
    "run_id": "run-1",
    "load_mode": "incremental",
    "from_date": "any",
    "to_date": "any",
    "allow_removal": "false",
}
ENVIRONMENT = {
    "SOURCE_ROOT": "s3://source/",
    "LAKE_ROOT": "s3://lake/",
    "AREAS": "*",
    "DATABASE": "lake_db",
    "JOB_RUN_MEGABYTES": "1000",
    "JOB_RUN_DATA_SETS": "20",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
}


class Context:
    """Of a Lambda that has some time left."""

    def __init__(self, seconds: int = 300) -> None:
        self.seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        return self.seconds * 1000


@pytest.fixture
def function(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        s3 = boto3.client("s3")
        for bucket in ("source", "lake"):
            s3.create_bucket(Bucket=bucket)
        boto3.client("glue").create_database(DatabaseInput={"Name": "lake_db"})
        yield load_handler("find_work")


def put(key: str, body: bytes = b"code\n") -> None:
    boto3.client("s3").put_object(Bucket="source", Key=key, Body=body)


def test_each_data_set_is_in_a_job_run_or_has_a_failure(
    function: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    put("uk_covid/json/2022-12-07.json", b"{}")
    answer = function.handler(EVENT, Context())
    codes, uk = answer["data_sets"]
    assert (codes["dataset"], codes["failure"]["error"]) == ("country_codes", "SourceNotFoundError")
    assert uk == {"dataset": "uk_covid", "reason": "1 objects to read, 0 vanished"}
    assert answer["job_runs"] == [{"datasets": ["uk_covid"]}]
    logged = json.loads(capsys.readouterr().out)
    assert logged == {"message": "find_work", **answer}


def test_without_time_everything_is_left_to_the_job(function: ModuleType) -> None:
    put("uk_covid/json/2022-12-07.json", b"{}")
    answer = function.handler({**EVENT, "datasets": ["uk_covid"]}, Context(seconds=5))
    assert answer["job_runs"] == [{"datasets": ["uk_covid"]}]
    assert "too long to list" in answer["data_sets"][0]["reason"]


def test_a_catalog_without_the_database_has_no_tables(function: ModuleType) -> None:
    assert function.tables("lake_db") == set()
    assert function.tables("gone") == set()


@pytest.mark.parametrize("event", [None, [], {}, {"datasets": ["a"]}])
def test_an_event_that_lacks_something_is_refused(function: ModuleType, event: Any) -> None:
    with pytest.raises(function.InvalidEventError, match=r"lacks .*run_id"):
        function.handler(event, Context())


def error(code: str, status: int = 400) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": "m"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "GetTables")


@pytest.mark.parametrize(
    "raised",
    [
        error("ThrottlingException"),
        error("SlowDown", 503),
        error("Whatever", 500),
        EndpointConnectionError(endpoint_url="https://glue"),
    ],
)
def test_what_may_pass_by_is_raised_under_the_name_that_is_retried(
    function: ModuleType, monkeypatch: pytest.MonkeyPatch, raised: Exception
) -> None:
    def fails(_: str) -> set[str]:
        raise raised

    monkeypatch.setattr(function, "tables", fails)
    with pytest.raises(function.FindWorkUnavailableError):
        function.handler(EVENT, Context())
    assert function.FindWorkUnavailableError.__name__ == find_work.UNAVAILABLE


def test_what_will_not_pass_by_is_raised_as_it_is(
    function: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(_: str) -> set[str]:
        raise error("AccessDeniedException")

    monkeypatch.setattr(function, "tables", denied)
    with pytest.raises(ClientError, match="AccessDenied"):
        function.handler(EVENT, Context())
