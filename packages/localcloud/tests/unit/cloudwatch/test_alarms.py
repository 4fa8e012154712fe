"""How an alarm judges values, missing ones included."""

from __future__ import annotations

from typing import Any

import pytest

from localcloud.cloudwatch.alarms import judge


def alarm(**more: Any) -> dict[str, Any]:
    return {
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "Threshold": 1,
        "EvaluationPeriods": 3,
        "StateValue": "OK",
        **more,
    }


# From the table of "Configuring how CloudWatch alarms treat missing data", three of three to alarm.
@pytest.mark.parametrize(
    ("values", "missing", "breaching", "not_breaching"),
    [
        ([1.0, 1.0, 1.0], "ALARM", "ALARM", "ALARM"),
        ([0.0, 1.0, 1.0], "OK", "OK", "OK"),
        ([None, None, 1.0], "ALARM", "ALARM", "OK"),
        ([None, None, 0.0], "OK", "OK", "OK"),
        ([None, None, None], "INSUFFICIENT_DATA", "ALARM", "OK"),
    ],
)
def test_missing_data_is_treated_as_the_alarm_says(
    values: list[float | None], missing: str, breaching: str, not_breaching: str
) -> None:
    assert judge(alarm(), values)[0] == missing
    assert judge(alarm(TreatMissingData="breaching"), values)[0] == breaching
    assert judge(alarm(TreatMissingData="notBreaching"), values)[0] == not_breaching


def test_ignored_missing_data_keeps_the_state() -> None:
    assert judge(alarm(TreatMissingData="ignore", StateValue="ALARM"), [None] * 3)[0] == "ALARM"


def test_some_of_the_periods_may_be_enough() -> None:
    assert judge(alarm(DatapointsToAlarm=2), [1.0, 0.0, 1.0])[0] == "ALARM"
    assert judge(alarm(DatapointsToAlarm=2), [1.0, 0.0, 0.0])[0] == "OK"
