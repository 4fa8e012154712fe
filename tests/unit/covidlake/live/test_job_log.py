"""The job's own progress: the last line of its log, in bounded looks, and silence where it cannot be read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import boto3
import pytest
from botocore.stub import Stubber

from covidlake import aws
from covidlake.live import job_log
from covidlake.live.job_log import JobLog
from covidlake.live.model import SUCCEEDED, Event, Tree
from covidlake.ship.stack import stack
from covidlake.ship.stack.stack import Stack

NOW = datetime(2026, 11, 28, tzinfo=UTC)
GROUP = {"JobOutputLogGroupName": "/aws-glue/lake/output"}


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    client = boto3.client("logs", region_name="us-east-2", aws_access_key_id="x", aws_secret_access_key="x")
    monkeypatch.setattr(aws, "client", {"logs": client}.__getitem__)
    monkeypatch.setattr(stack, "find", lambda _: Stack("lake", "CREATE_COMPLETE", GROUP))
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def tree_of(*nodes: str) -> Tree:
    tree = Tree()
    for node in nodes:
        tree.apply(Event("begun", node, NOW))
    return tree


def answer(logs: Stubber, stream: str, *messages: str) -> None:
    events = [{"timestamp": 1, "message": message, "ingestionTime": 1} for message in messages]
    asked = {
        "logGroupName": "/aws-glue/lake/output",
        "logStreamName": stream,
        "limit": job_log.LINES,
        "startFromHead": False,
    }
    logs.add_response("get_log_events", {"events": events}, asked)


def test_the_last_line_is_told_without_its_stamp(logs: Stubber) -> None:
    answer(logs, "jr_1", "old", "2026-11-28 18:24:53,386 INFO Spark is there;\treading\n", " \n")
    (said,) = JobLog("dev").look({"a": "jr_1"}, tree_of("a"))
    assert (said.kind, said.node, said.text) == ("said", "a", "Spark is there; reading")


def test_looks_are_rare_and_few(logs: Stubber) -> None:
    log, tree = JobLog("dev"), tree_of("a", "b", "c", "d")
    for run in ("jr_a", "jr_b", "jr_c"):
        answer(logs, run, "x")
    runs = {name: f"jr_{name}" for name in "abcd"}
    assert len(list(log.look(runs, tree))) == job_log.MOST_RUNS
    assert list(log.look(runs, tree)) == [], "the next look is not due yet"


def test_what_has_ended_is_not_looked_at(logs: Stubber) -> None:
    tree = tree_of("a")
    tree.apply(Event("ended", "a", NOW, status=SUCCEEDED))
    assert list(JobLog("dev").look({"a": "jr_1", "gone": "jr_2"}, tree)) == []
    assert logs


def test_a_log_that_cannot_be_read_is_left_out(logs: Stubber) -> None:
    logs.add_client_error("get_log_events", service_error_code="ResourceNotFoundException")
    assert list(JobLog("dev").look({"a": "jr_1"}, tree_of("a"))) == []


@pytest.mark.usefixtures("logs")
def test_a_pipeline_without_that_log_group_is_followed_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack, "find", lambda _: Stack("lake", "CREATE_COMPLETE", {}))
    assert list(JobLog("dev").look({"a": "jr_1"}, tree_of("a"))) == []
