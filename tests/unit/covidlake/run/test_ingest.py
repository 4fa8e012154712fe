"""What an ingestion is asked for, and how its end is said in one line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from covidlake.base.errors import IngestionError, StillRunningError
from covidlake.base.progress import Happening
from covidlake.run import execution, execution_history, ingest
from covidlake.run.execution import Execution, StateVisit
from covidlake.run.pipelines import ingestion
from tests.unit.covidlake.run.conftest import Stubs

ARN = "arn:aws:states:us-east-2:111122223333:execution:covid-lake-dev-ingestion:today"
COUNTS = {f"rows_{name}": number for number, name in enumerate(ingestion.ACCOUNTS)}
LOADED = {
    "dataset": "uk_covid",
    "outcome": "LOADED",
    "rows_read": 15,
    "files_written": 2,
    "bytes_written": 4096,
    "table_rows": 3780,
    "rows_removed": 0,
    **COUNTS,
}


def ended(status: str, **more: Any) -> Execution:
    return Execution(ARN, status, 9.0, **{"output": {}, "error": "", "cause": "", **more})


def test_an_empty_request_asks_for_what_is_new() -> None:
    assert ingestion.Request().content() == {"mode": "incremental"}
    days = ingestion.Request(("a",), "full", "latest", "2022-12-07")
    assert days.content() == {"mode": "full", "datasets": ["a"], "from": "latest", "to": "2022-12-07"}


def test_the_rows_read_are_the_sum_of_their_accounts() -> None:
    text = ingestion.outcome_text(LOADED)
    assert text.startswith("uk_covid: 15 rows read = 0 new + 1 restated + 2 unchanged")
    assert text.endswith("2 files, 4,096 bytes; the table holds 3,780 rows")
    assert "; 7 rows removed; " in ingestion.outcome_text(LOADED | {"rows_removed": 7})


def test_each_finding_is_a_warning_of_its_own() -> None:
    found = LOADED | {"findings": "late by 2 days; new column x"}
    assert ingest.warnings_of(found) == ["uk_covid: late by 2 days", "uk_covid: new column x"]
    assert ingest.warnings_of(LOADED) == ingest.warnings_of(LOADED | {"findings": ""}) == []


def test_nothing_new_is_said_as_that() -> None:
    assert ingestion.outcome_text(LOADED | {"outcome": "NOTHING_NEW"}) == (
        "uk_covid: nothing new; the table holds 3,780 rows"
    )


def test_outcomes_are_those_of_the_output() -> None:
    assert ingest.outcomes(ended("SUCCEEDED", output={"outcomes": [LOADED]})) == [LOADED]
    assert ingest.outcomes(ended("FAILED")) == []


@pytest.mark.parametrize("status", sorted(execution.RUNNING))
def test_an_execution_that_still_runs_is_not_a_success(status: str) -> None:
    with pytest.raises(StillRunningError, match="still runs after 9 s"):
        ingest.succeeded(ended(status))


def test_a_failure_says_error_and_cause_on_one_line() -> None:
    failed = ended("FAILED", error="IngestionFailed", cause="uk_covid:\n no rows")
    with pytest.raises(IngestionError, match="today FAILED: IngestionFailed: uk_covid: no rows"):
        ingest.succeeded(failed)


def test_short_states_are_not_shown(stubs: Stubs, monkeypatch: pytest.MonkeyPatch) -> None:
    visits = [
        StateVisit("Choose", 0.001),
        StateVisit("RunJob", 12.5, ("RunJobs", 1)),
        StateVisit("Map", 13.0),
    ]
    monkeypatch.setattr(execution, "start", lambda *_: ARN)

    def follow(_arn: str, on_visit: Any, _limit: float, on_life: Any, *_: Any) -> Execution:
        for visit in visits:
            on_visit(visit)
        on_life(["Map", "RunJob", "RunJob"], 20.0)
        return ended("SUCCEEDED")

    monkeypatch.setattr(execution, "follow", follow)
    monkeypatch.setattr(ingest, "_data_sets", lambda *_: ["a", "b"])
    monkeypatch.setattr(execution, "history", lambda _: [])
    found = {("RunJobs", 0): ("a",), ("RunJobs", 1): ("b", "c")}
    monkeypatch.setattr(execution_history, "data_sets_of_iterations", lambda _: found)
    said: list[str] = []
    assert ingest.ingest("dev", said.append).status == "SUCCEEDED"
    assert said == [
        "execution today",
        "  12.50 s  RunJob  b, c",
        "  13.00 s  Map",
        "     20 s  still in Map, RunJob",
    ]


class Taker:
    """A progress that takes what happens."""

    def __init__(self) -> None:
        self.taken: list[Happening] = []
        self.lines: list[str] = []

    def __call__(self, line: str, /) -> None:
        self.lines.append(line)

    def happened(self, happening: Happening, /) -> None:
        self.taken.append(happening)


@pytest.mark.usefixtures("stubs")
def test_who_takes_what_happens_gets_events_in_place_of_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    def follow(_arn: str, on_visit: Any, _limit: float, on_life: Any, on_look: Any) -> Execution:
        on_look([{"id": 1}])
        on_visit(StateVisit("RunJob", 12.5))
        on_life(["RunJob"], 20.0)
        return ended("FAILED", error="IngestionFailed", cause="why")

    monkeypatch.setattr(execution, "start", lambda *_: ARN)
    monkeypatch.setattr(execution, "follow", follow)
    monkeypatch.setattr(ingest, "_data_sets", lambda *_: ["a"])
    taker = Taker()
    ingest.run("dev", taker, ingest.Request(), None, 60.0)
    assert taker.lines == []
    assert [one.kind for one in taker.taken] == ["execution", "states", "alive", "ended"]
    assert taker.taken[0].facts == {"environment": "dev", "arn": ARN}
    assert taker.taken[1].facts["events"] == [{"id": 1}]
    assert taker.taken[-1].facts["status"] == "FAILED"


def test_a_failed_execution_says_what_succeeded(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = {"dataset": "b", "outcome": "FAILED"}
    exited = {"name": ingest.OUTCOMES_STATE, "output": json.dumps({"outcomes": [LOADED, failed]})}
    monkeypatch.setattr(execution, "history", lambda _: [{"id": 1, "stateExitedEventDetails": exited}])
    assert ingest.outcomes_of_failed(ended("FAILED")) == [LOADED, failed]
    assert ingest.outcomes_of_failed(ended("SUCCEEDED")) == []


def test_what_nobody_reads_is_said() -> None:
    (said,) = ingest.remarks(ended("SUCCEEDED", output={"undescribed": ["crm.newsletter"]}))
    assert said.startswith("crm.newsletter: found in the database and not described")
    assert ingest.remarks(ended("SUCCEEDED")) == []
