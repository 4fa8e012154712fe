"""The outcome of each state and each data set, from the history of an execution."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from covidlake.run.execution_history import data_set_outcomes, data_sets_of_iterations, outcomes


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


def test_the_outcomes_of_data_sets_come_from_the_state_that_collects_them() -> None:
    history = History()
    history.leave(
        "CollectOutcomes", "Pass", output='{"outcomes": [{"dataset": "uk_covid", "outcome": "FAILED"}]}'
    )
    assert data_set_outcomes(history.events, "CollectOutcomes") == [
        {"dataset": "uk_covid", "outcome": "FAILED"}
    ]
    assert data_set_outcomes([], "CollectOutcomes") == []


def test_an_iteration_is_about_the_data_sets_that_its_input_names() -> None:
    def begin(identity: int, index: int, name: str, given: str) -> list[dict[str, Any]]:
        iteration = {"name": name, "index": index}
        entered = {"name": "First", "input": given}
        return [
            {"id": identity, "previousEventId": 1, "mapIterationStartedEventDetails": iteration},
            {"id": identity + 1, "previousEventId": identity, "stateEnteredEventDetails": entered},
        ]

    events = [
        *begin(2, 0, "RunJobs", '{"datasets": ["a", "b"]}'),
        *begin(4, 1, "RunJobs", '{"datasets": ["c"]}'),
        *begin(6, 0, "VerifyTables", '{"dataset": "b", "run": {}}'),
        *begin(8, 1, "VerifyTables", "[]"),
        *begin(10, 2, "VerifyTables", ""),
    ]
    assert data_sets_of_iterations(events) == {
        ("RunJobs", 0): ("a", "b"),
        ("RunJobs", 1): ("c",),
        ("VerifyTables", 0): ("b",),
        ("VerifyTables", 1): (),
        ("VerifyTables", 2): (),
    }
