"""A schedule is judged as EventBridge would, before it is deployed."""

from __future__ import annotations

import pytest

from covidlake.environment.schedule import fault_of


@pytest.mark.parametrize(
    "expression",
    [
        *("rate(1 minute)", "rate(5 minutes)", "rate(1 hour)", "rate(2 days)"),
        *("cron(15 4 * * ? *)", "cron(0 10 ? * MON-FRI *)", "cron(0/15 * * * ? *)", "cron(0 8 1 * ? *)"),
        *("cron(0 18 ? * 6L 2026-2030)", "cron(0 9 ? * 2#1 *)", "cron(0 0 L * ? *)", "cron(0 0 3W * ? *)"),
        *("cron(5,35 14 * JAN,jul ? *)", "cron(*/5 8-17 ? * 2-6 *)", "cron(0 9 ? * TUE#2 *)"),
    ],
)
def test_what_eventbridge_takes_is_taken(expression: str) -> None:
    assert fault_of(expression) is None


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("cron(99 99 * * ? *)", "'99' is no minutes (0 to 59)"),
        ("cron(0 24 * * ? *)", "'24' is no hours (0 to 23)"),
        ("cron(0 4 * * *)", "has 5 fields and needs 6"),
        ("cron(15 4 * * * *)", "needs a ? for either"),
        ("cron(15 4 ? * ? *)", "needs a ? for either"),
        ("cron(0 0 32 * ? *)", "'32' is no day of month"),
        ("cron(0 0 * 13 ? *)", "'13' is no month"),
        ("cron(0 0 ? * FUN *)", "'FUN' is no day of week"),
        ("cron(0 0 * * ? 1969)", "'1969' is no year"),
        ("cron(0 0/0 * * ? *)", "'0/0' is no hours"),
        ("cron(0  4 * * ? *)", "has 7 fields"),
        ("cron()", "has 1 fields"),
        ("cron(٣ 4 * * ? *)", "'٣' is no minutes"),
        ("rate(1 minutes)", "write rate(1 minute)"),
        ("rate(5 hour)", "write rate(5 hours)"),
        ("rate(0 minutes)", "is neither rate"),
        ("rate(1 week)", "is neither rate"),
        ("rate(1.5 hours)", "is neither rate"),
        ("every day", "is neither rate"),
    ],
)
def test_what_it_refuses_is_named(expression: str, said: str) -> None:
    assert said in (fault_of(expression) or "")
