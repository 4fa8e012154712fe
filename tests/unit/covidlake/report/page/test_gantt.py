"""The states over time: a bar for each visit that can be seen."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from covidlake.report.page import gantt
from covidlake.report.page.facts import Facts
from covidlake.report.page.timeline import Visit


def test_every_row_is_drawn_or_counted_as_left_out(told: Callable[[str], Facts]) -> None:
    visits = told("succeeded").timeline.visits
    svg = gantt.picture(visits)
    shown = [visit for visit in visits if f"{visit.state}" in svg]
    assert {"RunJob", "RunJobs", "VerifyTable"} <= {visit.state for visit in shown}
    assert svg.count('class="bar succeeded"') >= len(gantt.rows(visits)) - gantt.left_out(visits) > 5


def test_visits_of_a_loop_share_a_row_and_iterations_do_not() -> None:
    visits = [
        Visit("Wait", "", 0, 1),
        Visit("Wait", "", 2, 3),
        Visit("Ask", "a", 0, 1),
        Visit("Ask", "b", 0, 1),
    ]
    assert [label for label, _ in gantt.rows(visits)] == ["Wait", "Ask · a", "Ask · b"]
    assert gantt.picture(visits).count("<rect") == 4


def test_a_state_that_failed_at_once_is_seen() -> None:
    visits = [
        Visit("Long", "", 0, 100),
        Visit("Broken", "", 100, 100, "failed"),
        Visit("Quick", "", 100, 100),
    ]
    svg = gantt.picture(visits)
    assert 'class="bar failed"' in svg
    assert gantt.left_out(visits) == 1


def test_too_many_rows_keep_the_longest() -> None:
    visits = [Visit(f"S{number}", "", 0, number) for number in range(1, 100)]
    assert gantt.left_out(visits) == 99 - gantt.MOST_ROWS
    svg = gantt.picture(visits)
    assert ">S99<" in svg
    assert ">S1<" not in svg


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.04, "0.04 s"),
        (1.14, "1.1 s"),
        (59, "59 s"),
        (60, "1 min"),
        (97, "1 min 37 s"),
        (7500, "2 h 5 min"),
        (7200, "2 h"),
    ],
)
def test_durations_read_well(seconds: float, text: str) -> None:
    assert gantt.duration(seconds) == text
