"""Log groups that the whole account shares get a retention where that deletes nothing of anybody's."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from covidlake import aws
from covidlake.ship.bootstrap import shared_logs

NAME = "/aws-glue/crawlers"
DAY_MILLISECONDS = 86_400_000


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    client: Any = boto3.client(
        "logs", region_name="us-east-2", aws_access_key_id="x", aws_secret_access_key="x"
    )
    monkeypatch.setattr(aws, "client", {"logs": client}.__getitem__)
    monkeypatch.setattr(shared_logs, "GROUPS", (NAME,))
    with Stubber(client) as stub:
        yield stub
        stub.assert_no_pending_responses()


def there(logs: Stubber, days_old: int, **more: Any) -> None:
    created = int(time.time() * 1000) - days_old * DAY_MILLISECONDS
    other = {"logGroupName": NAME + "-of-others", "creationTime": 0}
    group = {"logGroupName": NAME, "creationTime": created, **more}
    logs.add_response("describe_log_groups", {"logGroups": [other, group]}, {"logGroupNamePrefix": NAME})


def kept(logs: Stubber) -> None:
    logs.add_response("put_retention_policy", {}, {"logGroupName": NAME, "retentionInDays": 90})


def limit() -> list[str]:
    said: list[str] = []
    shared_logs.limit(said.append)
    return said


SAID = [f"log group {NAME}: logs are kept for 90 days"]


def test_a_missing_group_is_made_and_expires(logs: Stubber) -> None:
    logs.add_response("describe_log_groups", {"logGroups": []})
    logs.add_response("create_log_group", {}, {"logGroupName": NAME})
    kept(logs)
    assert limit() == SAID


def test_a_job_that_begins_meanwhile_makes_no_difference(logs: Stubber) -> None:
    logs.add_response("describe_log_groups", {"logGroups": []})
    logs.add_client_error("create_log_group", "ResourceAlreadyExistsException")
    kept(logs)
    assert limit() == SAID


def test_a_young_group_without_a_retention_gets_one(logs: Stubber) -> None:
    there(logs, days_old=89)
    kept(logs)
    assert limit() == SAID


def test_old_logs_of_others_are_not_deleted_but_reported(logs: Stubber) -> None:
    there(logs, days_old=91)
    (line,) = limit()
    assert line.startswith(f"log group {NAME} never expires")
    assert line.endswith(f"aws logs put-retention-policy --log-group-name {NAME} --retention-in-days 90")


@pytest.mark.parametrize("days", [1, 3653])
def test_a_retention_that_somebody_set_stays(logs: Stubber, days: int) -> None:
    there(logs, days_old=1000, retentionInDays=days)
    assert limit() == []


def test_the_groups_are_those_that_jobs_and_crawlers_write_to() -> None:
    assert shared_logs.GROUPS == ("/aws-glue/jobs/output", "/aws-glue/jobs/error", "/aws-glue/crawlers")
