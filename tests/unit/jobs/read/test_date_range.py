"""Ranges of days: what is one, and which objects it holds, by their names; without Spark."""

from __future__ import annotations

from datetime import date

import pytest

from ingestion.errors import InvalidArgumentError
from ingestion.read.date_range import DateRange, day_of


@pytest.mark.parametrize(
    ("first", "last", "says"),
    [
        ("2022-12-08", "2022-12-07", "is after --to_date"),
        ("latest", "2022-12-07", "is one day and has no end"),
        ("any", "yesterday", "YYYY-MM-DD"),
    ],
)
def test_a_range_that_is_none_is_refused(first: str, last: str, says: str) -> None:
    with pytest.raises(InvalidArgumentError, match=says):
        DateRange.parse(first, last)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("2022-12-07.json", date(2022, 12, 7)),
        ("day=2022-12-07/part-0.json", date(2022, 12, 7)),
        ("v2022-99-99-2022-12-07.json", date(2022, 12, 7)),
        ("part-00000-f99c3afb-d1a0-4e01-a1e2-7998b23ae848-c000.json", None),
        ("12022-12-071.json", None),
    ],
)
def test_the_day_of_an_object_is_in_its_name(name: str, day: date | None) -> None:
    assert day_of(name) == day
    assert DateRange(date(2022, 12, 7), date(2022, 12, 7)).holds(day)


def test_latest_without_dates_is_no_bound() -> None:
    assert DateRange(latest=True).resolved([None]).is_open
