"""Which schedules EventBridge takes."""

from __future__ import annotations

import pytest

from localcloud.events.schedules import is_valid


def valid(expression: str) -> bool:
    from ministack.services.eventbridge import _parse_cron_fields

    return is_valid(expression, _parse_cron_fields)


@pytest.mark.parametrize(
    "expression",
    [
        *("rate(1 minute)", "rate(5 minutes)", "rate(1 hour)", "rate(36 hours)", "rate(1 day)"),
        *("cron(0 10 * * ? *)", "cron(0/15 8-17 ? * MON-FRI *)", "cron(0 8 1 * ? 2030)"),
        *("cron(0 0 L * ? *)", "cron(0 0 ? * 6L *)", "cron(0 0 ? JAN,JUL SAT#3 *)", "cron(0 0 15W * ? *)"),
        *("cron(*/59 * * * ? *)", "cron(0 0/12 ? * MON *)"),
    ],
)
def test_a_good_schedule_is_taken(expression: str) -> None:
    assert valid(expression)


@pytest.mark.parametrize(
    "expression",
    [
        *("rate(1 minutes)", "rate(5 minute)", "rate(0 hours)", "rate(-1 hours)", "rate(5 seconds)"),
        *("rate(5 HOURS)", "rate( 5 hours )", " rate(5 hours)", "rate(5)", "rate()", "rate(x days)"),
        *("cron(0 10 * * * *)", "cron(0 10 ? * ? *)", "cron(60 10 * * ? *)", "cron(0 24 * * ? *)"),
        *("cron(0 10 32 * ? *)", "cron(0 10 * 13 ? *)", "cron(0 10 ? * 8 *)", "cron(0 10 * * ? 1969)"),
        *("cron(*/60 * * * ? *)", "cron(0/70 * * * ? *)", "cron(0/0 * * * ? *)", "cron(? * * * ? *)"),
        *(
            "cron(0 10 * * ? ?)",
            "cron(0 10 * * ?)",
            "cron(0  10 * * ? *)",
            "cron(0 ten * * ? *)",
            "at(2030-01-01T00:00:00)",
            "daily",
        ),
    ],
)
def test_a_bad_schedule_is_refused(expression: str) -> None:
    assert not valid(expression)
