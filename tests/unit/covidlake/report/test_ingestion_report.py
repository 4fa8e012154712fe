"""What is told of an execution: names, outcomes of states, diagram, cost, report."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from covidlake.base.errors import IngestionError
from covidlake.report import cost, ingestion_report, state_diagram
from covidlake.report.ingestion_report import Facts
from covidlake.run import execution_name
from covidlake.run.execution import Execution
from covidlake.run.execution_history import StateOutcome, data_set_outcomes, outcomes
from infra.ingestion.states.definition import definition

ARN = "arn:aws:states:us-east-2:111122223333:execution:covid-lake-dev-ingest:ingest-2026-11-26"
LOADED = {
    "dataset": "uk_covid",
    "outcome": "LOADED",
    "rows_read": 3787,
    "rows_new": 3780,
    "rows_restated": 0,
    "rows_unchanged": 0,
    "rows_removed": 0,
    "quarantine_rows": 4,
    "rows_filtered_out": 0,
    "rows_quarantined": 4,
    "rows_duplicate": 3,
}
FAILED = {
    "dataset": "uk_covid",
    "outcome": "FAILED",
    "state": "RunJob",
    "error": "States.TaskFailed",
    "cause": "ValueError: day | <b>2022-12-07</b>\nis broken",
}


class History:
    """Writes events as Step Functions does: each names the one before it on its path."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def add(self, kind: str, before: int | None = None, **details: Any) -> int:
        identity = len(self.events) + 1
        time = datetime(2026, 11, 26, tzinfo=UTC) + timedelta(seconds=identity)
        previous = identity - 1 if before is None else before
        self.events.append(
            {"id": identity, "previousEventId": previous, "type": kind, "timestamp": time, **details}
        )
        return identity

    def enter(self, name: str, kind: str = "Task", before: int | None = None) -> int:
        return self.add(f"{kind}StateEntered", before, stateEnteredEventDetails={"name": name})

    def leave(self, name: str, kind: str = "Task", before: int | None = None, output: str = "") -> int:
        details = {"name": name, **({"output": output} if output else {})}
        return self.add(f"{kind}StateExited", before, stateExitedEventDetails=details)


def two_data_sets() -> History:
    """One is loaded at the second attempt of RunJob, the other caught there; their events are mixed."""
    history = History()
    history.add("ExecutionStarted")
    whole = history.enter("IngestDataSets", "Map")
    first = history.add("MapIterationStarted", whole)
    second = history.add("MapIterationStarted", whole)
    a, b = history.enter("RunJob", before=first), history.enter("RunJob", before=second)
    a = history.add("TaskFailed", a)
    b = history.add("TaskFailed", b)
    a = history.add("TaskSucceeded", history.add("TaskScheduled", a))
    b = history.leave("RunJob", before=b)
    a = history.leave("RunJob", before=a)
    b = history.leave("NotifyDataSetFailed", before=history.enter("NotifyDataSetFailed", before=b))
    a = history.leave("VerifyTable", before=history.enter("VerifyTable", before=a))
    history.add("MapIterationSucceeded", b)
    last = history.add("MapIterationSucceeded", a)
    history.leave("IngestDataSets", "Map", before=history.add("MapStateSucceeded", last), output="[]")
    return history


def test_each_state_has_the_worst_of_its_outcomes() -> None:
    found = outcomes(two_data_sets().events, "FAILED")
    assert {name: one.outcome for name, one in found.items()} == {
        "IngestDataSets": "succeeded",
        "RunJob": "caught",
        "NotifyDataSetFailed": "succeeded",
        "VerifyTable": "succeeded",
    }
    assert (found["RunJob"].visits, found["RunJob"].faults) == (2, 2)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [("ABORTED", "aborted"), ("TIMED_OUT", "timedout"), ("FAILED", "failed"), ("RUNNING", "running")],
)
def test_a_state_that_is_never_left_ends_as_the_execution(status: str, outcome: str) -> None:
    history = History()
    history.leave(
        "CompleteInput", "Pass", history.enter("CompleteInput", "Pass", history.add("ExecutionStarted"))
    )
    history.enter("RunJob")
    found = outcomes(history.events, status)
    assert (found["CompleteInput"].outcome, found["RunJob"].outcome) == ("succeeded", outcome)


def test_the_outcomes_of_data_sets_come_from_the_map() -> None:
    history = History()
    history.leave("IngestDataSets", "Map", output='[{"dataset": "uk_covid", "outcome": "FAILED"}]')
    assert data_set_outcomes(history.events, "IngestDataSets") == [
        {"dataset": "uk_covid", "outcome": "FAILED"}
    ]
    assert data_set_outcomes([], "IngestDataSets") == []


def test_the_diagram_shows_every_state_and_colours_those_that_were_entered() -> None:
    states = {
        "ValidateInput": StateOutcome("succeeded", 1),
        "IngestDataSets": StateOutcome("succeeded", 1),
        "RunJob": StateOutcome("caught", 2, 3),
    }
    text = state_diagram.diagram(definition(), states)
    lines = [line.strip() for line in text.splitlines()]
    assert lines[0] == "stateDiagram-v2"
    assert "state IngestDataSets {" in lines
    assert text.count("{") == text.count("}")
    assert "RunJob --> ReadRunRecord" in lines
    assert "RunJob --> NotifyDataSetFailed: caught" in lines
    assert "RunJob: RunJob (2x, 3 failed attempts)" in lines
    assert "class RunJob caught" in lines
    assert "class IngestDataSets succeeded" not in lines
    assert not [line for line in lines if line.startswith("ReadRunRecord --> NotifyDataSetFailed")]
    for line in lines[1:]:
        assert re.fullmatch(
            r"\[\*\] --> \w+|\w+ --> (\w+|\[\*\])(: caught)?|state \w+ \{|\}|\w+: [\w (),]+"
            r"|classDef \w+ \S+|class \w+ \w+",
            line,
        ), line


def facts(status: str, *found: dict[str, Any], **more: Any) -> Facts:
    ended = Execution(ARN, status, 61.0, {}, more.pop("error", ""), more.pop("cause", ""))
    return Facts("dev", ended, list(found), **more)


def test_a_success_is_healthy_and_says_what_it_cost() -> None:
    run = {"DPUSeconds": 3600.0, "ExecutionTime": 61, "LogGroupName": "/aws-glue/jobs"}
    made = ingestion_report.made_of(facts("SUCCEEDED", LOADED, job_runs={"uk_covid": run}))
    assert (made.healthy, made.status) == (True, "SUCCEEDED")
    assert "| 3,787 | 3,780 | 0 | 0 | 3 | 4 | 0 | 0 | 4 | 61 s | $0.44 |" in made.markdown
    assert (
        f"https://us-east-2.console.aws.amazon.com/states/home?region=us-east-2#/v2/executions/details/{ARN}"
        in (made.markdown)
    )


def test_nothing_new_is_a_success_of_its_own() -> None:
    made = ingestion_report.made_of(facts("SUCCEEDED", {**LOADED, "outcome": "NOTHING_NEW"}))
    assert (made.healthy, made.status) == (True, "NOTHING_NEW")
    assert "nothing new" in made.title
    both = facts("SUCCEEDED", LOADED, {**LOADED, "outcome": "NOTHING_NEW"})
    assert ingestion_report.made_of(both).status == "SUCCEEDED"


def test_a_failure_names_data_set_state_cause_and_logs() -> None:
    runs = {"uk_covid": {"LogGroupName": "/aws-glue/jobs", "ExecutionTime": 5}}
    made = ingestion_report.made_of(facts("FAILED", FAILED, job_runs=runs, error="IngestionFailed"))
    assert (made.healthy, made.status) == (False, "FAILED")
    assert made.title == "dev: uk_covid failed in RunJob: States.TaskFailed"
    assert "is broken" in made.markdown
    assert "<b>" not in made.markdown
    assert "log-group/$252Faws-glue$252Fjobs$252Ferror" in made.markdown


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("TIMED_OUT", "timed out"),
        ("ABORTED", "was stopped"),
        ("RUNNING", "still runs"),
        ("FAILED", "InvalidInput"),
    ],
)
def test_other_ends_are_told_apart(status: str, words: str) -> None:
    made = ingestion_report.made_of(facts(status, error="InvalidInput", cause="unknown mode"))
    assert not made.healthy
    assert made.status == status
    assert words in made.title


def test_the_console_of_another_partition_has_another_host() -> None:
    arn = ARN.replace("arn:aws:", "arn:aws-cn:").replace("us-east-2", "cn-north-1")
    assert ingestion_report.console_url(arn).startswith("https://cn-north-1.console.amazonaws.cn/states/")


def test_a_run_costs_its_dpu_seconds_or_capacity_by_time() -> None:
    assert cost.of_job_run({"DPUSeconds": 3600}) == pytest.approx(0.44)
    assert cost.of_job_run({"DPUSeconds": 3600, "ExecutionClass": "FLEX"}) == pytest.approx(0.29)
    assert cost.of_job_run({"NumberOfWorkers": 2, "ExecutionTime": 30}) == pytest.approx(2 * 60 / 3600 * 0.44)
    assert cost.text(0.014667) == "$0.015"


DEFAULT = {"mode": "incremental"}


def test_a_second_start_of_a_day_has_the_name_of_the_first() -> None:
    for status in (None, "RUNNING", "SUCCEEDED"):
        name = execution_name.daily(DEFAULT, lambda _, status=status: status)  # type: ignore[misc]
        assert re.fullmatch(r"ingest-\d{4}-\d{2}-\d{2}", name)


def test_another_request_has_another_name() -> None:
    names = {execution_name.daily(request, lambda _: None) for request in (DEFAULT, {"mode": "full"})}
    assert len(names) == 2


def test_what_failed_is_tried_under_a_further_name() -> None:
    known = dict(zip(("", "-2", "-3"), ("FAILED", "TIMED_OUT", "ABORTED"), strict=True))
    name = execution_name.daily(DEFAULT, lambda tried: known.get(tried[len("ingest-2026-11-26") :]))
    assert name.endswith("-4")
    with pytest.raises(IngestionError, match="20 attempts failed today"):
        execution_name.daily(DEFAULT, lambda _: "FAILED")
