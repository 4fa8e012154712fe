"""When each state was in work: of recorded histories, and of small ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from covidlake.report.page.collected import Collected
from covidlake.report.page.facts import Facts
from covidlake.report.page.timeline import timeline

Told = Callable[[str], Facts]


def event(number: int, kind: str, previous: int, second: int, **details: Any) -> dict[str, Any]:
    return {
        "id": number,
        "type": kind,
        "previousEventId": previous,
        "at": f"2026-01-01T00:00:{second:02}+00:00",
    } | details


def entered(number: int, previous: int, second: int, name: str) -> dict[str, Any]:
    return event(number, "TaskStateEntered", previous, second, stateEnteredEventDetails={"name": name})


def exited(number: int, previous: int, second: int, name: str) -> dict[str, Any]:
    return event(number, "TaskStateExited", previous, second, stateExitedEventDetails={"name": name})


def test_a_success_goes_from_the_first_state_to_the_last(told: Told) -> None:
    visits = told("succeeded").timeline.visits
    assert (visits[0].state, visits[-1].state) == ("ValidateInput", "Ingested")
    assert {visit.outcome for visit in visits} == {"succeeded"}
    assert all(visit.end is not None and visit.end >= visit.start for visit in visits)
    (jobs,) = (visit for visit in visits if visit.state == "RunJobs")
    (job,) = (visit for visit in visits if visit.state == "RunJob")
    assert jobs.start <= job.start <= job.seconds <= jobs.end
    assert job.about == "uk_covid, owid_vaccinations, enigma_us_states, country_codes"


def test_iterations_of_a_map_are_told_apart(told: Told) -> None:
    about = {visit.about for visit in told("succeeded").timeline.visits if visit.state == "VerifyTable"}
    assert about == {"uk_covid", "owid_vaccinations", "enigma_us_states", "country_codes"}


def test_the_arrows_taken_are_those_of_the_definition(told: Told) -> None:
    taken = told("succeeded").timeline.taken
    assert taken["VerifyTables", "CrawlNeeded"] == 1
    assert taken["RowsMatch", "MarkPublished"] == 4
    assert ("RunJobs", "RunJob") not in taken


@pytest.mark.parametrize(
    ("name", "outcome"), [("running", "running"), ("aborted", "aborted"), ("timed-out", "timedout")]
)
def test_what_was_not_left_ends_as_the_execution_did(name: str, outcome: str, told: Told) -> None:
    last = [visit for visit in told(name).timeline.visits if visit.outcome != "succeeded"]
    assert {visit.outcome for visit in last} == {outcome}
    assert {visit.state for visit in last} <= {"RunJobs", "RunJob"}


def test_a_failed_attempt_that_a_catch_led_on_from_is_caught() -> None:
    events = [
        entered(1, 0, 0, "Ask"),
        event(2, "TaskFailed", 1, 1),
        event(3, "TaskFailed", 2, 2),
        exited(4, 3, 3, "Ask"),
        entered(5, 4, 3, "Tell"),
        exited(6, 5, 4, "Tell"),
    ]
    found = timeline(events, "FAILED", "2026-01-01T00:00:09+00:00")
    ask, tell = found.visits
    assert (ask.outcome, ask.faults, ask.seconds) == ("caught", 2, 3.0)
    assert (tell.outcome, tell.faults) == ("succeeded", 0)
    assert found.taken == {("Ask", "Tell"): 1}


def test_a_retry_that_succeeds_is_a_success_with_a_fault() -> None:
    events = [
        entered(1, 0, 0, "Ask"),
        event(2, "TaskFailed", 1, 1),
        event(3, "TaskSucceeded", 2, 2),
        exited(4, 3, 2, "Ask"),
    ]
    (ask,) = timeline(events, "SUCCEEDED", "2026-01-01T00:00:09+00:00").visits
    assert (ask.outcome, ask.faults) == ("succeeded", 1)


def test_no_events_are_no_visits(recorded: Callable[[str], Collected]) -> None:
    assert timeline([], recorded("running").status, "2026-01-01T00:00:09+00:00").visits == []
