"""The definition as a whole: what every state has, and that its longest execution fits."""

from __future__ import annotations

from typing import Any

from infra.common.states.crawl import MAX_CHECKS
from infra.common.states.job_run import RUNS_AT_A_TIME
from infra.segmentation.parameters import MAX_TABLES
from infra.segmentation.states import lint
from infra.segmentation.states.find_tables import FIND_UNAVAILABLE, PREPARE_UNAVAILABLE
from tests.unit.infra.conftest import ROOT, states
from tests.unit.infra.ingestion.states.test_definition import HISTORY_LIMIT, _most_events, _targets

CRAWLS = 7  # of the database once, of each of the three layers at most twice


def test_statelint_finds_nothing(segmenting: dict[str, Any]) -> None:
    assert lint(segmenting) == []


def test_every_task_has_a_time_out_retries_and_a_catch_of_everything(segmenting: dict[str, Any]) -> None:
    tasks = {name: state for name, state in states(segmenting) if state["Type"] == "Task"}
    assert len(tasks) > 25
    for name, task in tasks.items():
        assert isinstance(task["TimeoutSeconds"], int), name
        assert task["Catch"][-1]["ErrorEquals"] == ["States.ALL"], name
        assert all(retry["JitterStrategy"] == "FULL" for retry in task["Retry"]), name


def test_states_are_named_once_in_the_whole_machine(segmenting: dict[str, Any]) -> None:
    names = [name for name, _ in states(segmenting)]
    assert len(names) == len(set(names))
    assert max(map(len, names)) <= 80


def test_every_way_to_an_end_tells_people_or_has_nothing_to_tell(segmenting: dict[str, Any]) -> None:
    before = {
        name
        for name, state in segmenting["States"].items()
        for target in _targets(state)
        if segmenting["States"][target]["Type"] == "Fail"
    }
    assert before == {"NotifyFailures", "NotifyExecutionFailed"}


def test_what_a_failure_says_names_its_own_state(segmenting: dict[str, Any]) -> None:
    telling = {"NotifyFailures", "NotifyDataSetFailed", "NotifyExecutionFailed"}
    for name, state in states(segmenting):
        if state["Type"] not in {"Task", "Map"} or name in telling:
            continue
        catcher = state["Catch"][-1]
        found = catcher.get("Output", {}).get("failure") or catcher["Assign"]
        failure = found if "state" in found else (found.get("failure") or found.get("problem"))
        failure = failure or found["jobRuns"][0]["failure"]
        assert failure["state"] == name


def test_the_longest_execution_fits_into_its_history(segmenting: dict[str, Any]) -> None:
    """Counted as for the ingestion: each retry used up, each crawl as long as it may be."""
    maps = {name: state for name, state in segmenting["States"].items() if state["Type"] == "Map"}
    tables = {"RunExtracts": 1, "ReadRunRecords": 1, "VerifyTables": 2, "NotifyFailures": 1}
    single = {name: 2 if name.endswith("VerifyTables") else 1 for name in maps if name not in tables}
    inside = sum(
        number * times * _most_events(maps[name]["ItemProcessor"])
        for number, visits in ((MAX_TABLES, tables), (1, single))
        for name, times in visits.items()
    )
    once = 3 * 120 * MAX_TABLES  # as `inside` has it: as if each run waited to the very end
    waiting = 3 * 120 * RUNS_AT_A_TIME
    outside = _most_events({"States": {n: s for n, s in segmenting["States"].items() if n not in maps}})
    crawls = CRAWLS * (MAX_CHECKS * (5 + 2 + 2) + MAX_CHECKS * 5 // 2)
    assert inside - once + waiting + outside + crawls < HISTORY_LIMIT


def test_the_functions_raise_the_errors_that_are_retried() -> None:
    for folder, error in (("find_tables", FIND_UNAVAILABLE), ("prepare_database", PREPARE_UNAVAILABLE)):
        assert f"class {error}(" in (ROOT / "lambdas" / folder / "handler.py").read_text()
