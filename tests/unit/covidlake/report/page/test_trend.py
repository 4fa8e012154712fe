"""The last executions: those up to this one, with the sums of their run records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from covidlake.report.page import trend
from covidlake.report.page.collected import Collected

Recorded = Callable[[str], Collected]


def test_runs_are_those_up_to_the_execution_the_newest_first(recorded: Recorded) -> None:
    found = trend.runs(recorded("replayed"))
    assert [run.name for run in found] == ["replayed", "nothing-new", "succeeded"]
    first = found[-1]
    assert first.rows_read == sum(
        records[0]["rows_read"] for records in recorded("replayed").records.values()
    )
    assert first.seconds is not None
    assert first.seconds > 0


def test_later_ones_are_left_out(recorded: Recorded) -> None:
    earlier = replace(recorded("failed"), execution=recorded("nothing-new").execution)
    assert [run.name for run in trend.runs(earlier)] == ["nothing-new", "succeeded"]


def test_one_that_runs_has_no_seconds_yet(recorded: Recorded) -> None:
    assert trend.runs(recorded("running"))[0].seconds is None


def test_the_first_execution_has_no_trend(recorded: Recorded) -> None:
    first = recorded("succeeded")
    assert trend.drawings(trend.runs(first), first) == []


def test_charts_have_a_point_for_each_execution(recorded: Recorded) -> None:
    last = recorded("replayed")
    seconds, rows = trend.drawings(trend.runs(last), last)
    assert len(seconds.rows) == 3
    assert {row[1] for row in rows.rows} == set(last.records)


def test_the_rows_of_the_table_come_before_those_of_run_records(recorded: Recorded) -> None:
    last = recorded("replayed")
    counts = {"rows_read": 7, "rows_new": 6, "rows_quarantined": 1}
    first, *others = last.executions
    found = trend.runs(replace(last, executions=[first | {"rows": counts}, *others]))
    assert (found[0].rows_read, found[0].rows_new, found[0].rows_quarantined) == (7, 6, 1)
    assert found[-1] == trend.runs(last)[-1]
