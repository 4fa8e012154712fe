"""Collecting: each part is read by itself, and one that cannot be read is a gap that says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from covidlake import aws
from covidlake.base.errors import EnvironmentFileError, IngestionError, QueryError
from covidlake.report.page import asked, collect, lake_records, recorded
from covidlake.report.page.collect import collect as collected
from covidlake.run import execution
from covidlake.ship.stack import stack

MACHINE = "arn:aws:states:us-east-2:111122223333:stateMachine:covid-lake-dev-ingestion"
ARN = "arn:aws:states:us-east-2:111122223333:execution:covid-lake-dev-ingestion:today"
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
OUTPUTS = {"StateMachineArn": MACHINE, "JobName": "job", "CrawlerName": "crawler", "LakeBucketName": "lake"}
DENIED = ClientError({"Error": {"Code": "AccessDenied", "Message": "not\nallowed " + "x" * 1000}}, "Ask")


class Cloud:
    """Answers as AWS does; `denied` names the calls that are refused."""

    denied: frozenset[str] = frozenset()
    cause = "because"

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**_: Any) -> Any:
            if name in self.denied:
                raise DENIED
            return {
                "describe_execution": {
                    "executionArn": ARN,
                    "status": "FAILED",
                    "startDate": BEGIN,
                    "cause": self.cause,
                },
                "list_executions": {
                    "executions": [{"name": "today", "status": "FAILED", "startDate": BEGIN}]
                },
                "describe_state_machine": {"definition": json.dumps({"StartAt": "A", "States": {}})},
                "get_crawler": {"Crawler": {"Name": "crawler", "State": "READY", "Role": "x"}},
            }[name]

        return call

    def get_paginator(self, _: str) -> Any:
        return self

    def paginate(self, **_: Any) -> Any:
        if "get_job_runs" in self.denied:
            raise DENIED
        runs = [{"Id": "1", "Arguments": {"--run_id": "today"}}, {"Id": "2", "Arguments": {}}]
        return [{"JobRuns": runs}]


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Cloud:
    made = Cloud()
    found = stack.Stack("covid-lake-dev", "CREATE_COMPLETE", OUTPUTS)
    monkeypatch.setattr(stack, "find", lambda _: found)
    monkeypatch.setattr(aws, "client", lambda _: made)
    entered = {"name": "A", "input": json.dumps({"datasets": ["a", "b"], "secret": "x"})}
    event = {"id": 1, "type": "PassStateEntered", "timestamp": BEGIN, "stateEnteredEventDetails": entered}
    monkeypatch.setattr(execution, "history", lambda _: [event])
    monkeypatch.setattr(lake_records, "of_run", lambda *_: {"a": [{"run_id": "today"}]})
    monkeypatch.setattr(asked, "quarantine", lambda _: [{"reason": "bad"}])
    monkeypatch.setattr(asked, "charts", lambda *_: [])
    return made


def test_everything_is_collected_and_inputs_are_not_kept(cloud: Cloud) -> None:
    found = collected("dev")
    assert found.gaps == []
    assert found.events[0]["named"] == ["a", "b"]
    assert "secret" not in found.as_json()
    assert [run["Id"] for run in found.job_runs] == ["1"]
    assert found.crawlers == [{"Name": "crawler", "State": "READY"}]
    assert found.execution["startDate"] == "2026-01-01T00:00:00.000+00:00"


@pytest.mark.parametrize(
    ("call", "part"),
    [
        ("get_job_runs", "job runs"),
        ("describe_state_machine", "state machine"),
        ("get_crawler", "crawl"),
    ],
)
def test_a_part_that_is_refused_is_a_gap_and_the_others_are_read(cloud: Cloud, call: str, part: str) -> None:
    cloud.denied = frozenset({call})
    found = collected("dev", "today")
    (gap,) = found.gaps
    assert gap.part == part
    assert "AccessDenied" in gap.why
    assert "\n" not in gap.why
    assert len(gap.why) <= collect.WHY_LENGTH
    assert found.quarantine


def test_a_megabyte_of_cause_is_cut_and_says_so(cloud: Cloud) -> None:
    cloud.cause = "x" * 1_000_000
    cause = collected("dev").execution["cause"]
    assert cause.endswith(" … (996,000 more characters)")
    assert len(cause) < collect.TEXT_LENGTH + 50


def test_no_execution_is_said_with_the_command_that_starts_one(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution, "names", lambda _: [])
    with pytest.raises(IngestionError, match="no execution in dev yet: start one with: covidlake ingest dev"):
        collected("dev")


def test_a_wrong_name_is_answered_with_the_nearest(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "status_of", lambda *_: None)
    with pytest.raises(IngestionError, match="no execution 'todya': did you mean today"):
        collected("dev", "todya")


def test_a_stack_without_a_state_machine_has_no_executions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack, "find", lambda _: stack.Stack("covid-lake-dev-tiny", "CREATE_COMPLETE", {}))
    with pytest.raises(IngestionError, match="its stack has no state machine"):
        collected("segmentation/dev")


def test_a_pipeline_that_nothing_explains_is_refused() -> None:
    with pytest.raises(EnvironmentFileError, match=r"covidlake/run/pipelines/tiny\.py"):
        collected("tiny/dev")


def test_a_trend_without_the_table_is_said_and_is_what_step_functions_lists(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: Any) -> Any:
        raise QueryError("query failed: TABLE_NOT_FOUND: runs")

    listed = [{"name": name, "status": "FAILED", "startDate": name} for name in ("today", "before")]
    monkeypatch.setattr(collect, "_executions", lambda _: listed)
    monkeypatch.setattr(recorded, "read", missing)
    found = collected("dev")
    assert found.executions == listed
    assert [(gap.part, gap.why) for gap in found.gaps] == [("trend", "query failed: TABLE_NOT_FOUND: runs")]
