"""How often schedules start something, counted by hand in November 2026: 30 days, the 1st is a Sunday."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from covidlake.cost import firings

START, END = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "count"),
    [
        ("cron(15 4 * * ? *)", 30),
        ("cron(0/15 * * * ? *)", 30 * 24 * 4),
        ("cron(0 6,18 * * ? *)", 60),
        ("cron(0 6 ? * MON-FRI *)", 21),
        ("cron(0 6 ? * 1 *)", 5),  # Sundays: 1, 8, 15, 22, 29
        ("cron(0 6 ? * 2#1 *)", 1),
        ("cron(0 6 ? * 6L *)", 1),
        ("cron(0 6 ? * L *)", 4),  # Saturdays
        ("cron(0 6 L * ? *)", 1),
        ("cron(0 6 LW * ? *)", 1),
        ("cron(0 6 1W * ? *)", 1),
        ("cron(0 6 1 JAN ? *)", 0),
        ("cron(0 6 1 * ? 2027)", 0),
        ("rate(1 hour)", 720),
        ("rate(5 minutes)", 8640),
        ("rate(7 days)", 4),
        ("cron(0 6 ? * XYZ *)", None),
        ("daily", None),
        ("cron(1 2)", None),
    ],
)
def test_the_starts_of_a_month(expression: str, count: int | None) -> None:
    assert firings.between(expression, START, END) == count
    assert firings.in_a_month(expression, START) == count


def test_the_rest_of_a_month_begins_at_the_moment() -> None:
    at = datetime(2026, 11, 28, 4, 15, tzinfo=UTC)
    assert firings.between("cron(15 4 * * ? *)", at, END) == 3
    assert firings.between("cron(15 4 * * ? *)", at.replace(minute=16), END) == 2
    assert firings.between("rate(1 hour)", END, START) == 0


def test_the_working_day_nearest_to_a_weekend_stays_in_its_month() -> None:
    near = "cron(0 6 {} * ? *)"
    assert firings.between(near.format("1W"), datetime(2026, 11, 2, tzinfo=UTC), END) == 1  # Sunday -> Monday
    assert (
        firings.between(near.format("14W"), datetime(2026, 11, 13, tzinfo=UTC), END) == 1
    )  # Saturday -> 13th


def test_a_month_ends_where_the_next_begins() -> None:
    assert firings.month_of(datetime(2026, 12, 31, 23, 59, tzinfo=UTC)) == (
        datetime(2026, 12, 1, tzinfo=UTC),
        datetime(2027, 1, 1, tzinfo=UTC),
    )
