from __future__ import annotations

import pytest

from covidlake.cost import prices, watching

US = prices.load("us-east-2")


@pytest.mark.parametrize("bound", ["StaleAfterHours", "MissedScheduleHours", "MonthlyBudgetDollars"])
def test_the_hours_of_a_month_by_hand(bound: str) -> None:
    found = watching.of_month(US, {bound: "24"})
    by_hand = 730 * (0.25 * 2 * 0.0000133334 + 0.0000002 + 0.000005 + 0.0000004)
    assert sum(line.usd for line in found) == pytest.approx(by_hand)
    assert by_hand / 30 < 0.001  # of a day
    assert all(line.estimated for line in found)


def test_an_execution_is_recorded_by_one_call() -> None:
    time, calls = watching.of_execution(US)
    assert (time.usage, calls.usage) == (256 / 1024 * 2, 1)
    assert time.estimated
    assert calls.estimated


def test_without_a_bound_that_time_may_cross_nothing_is_called() -> None:
    assert watching.of_month(US, {}) == []
    assert watching.of_month(US, {"StaleAfterHours": "0", "MaxQuarantinedPercent": "10"}) == []


def test_a_dashboard_costs_a_call_and_a_metric_of_each_hour() -> None:
    bound = watching.of_month(US, {"StaleAfterHours": "24"})
    drawn = watching.of_month(US, {"CloudWatchDashboard": "true"})
    # $0.30 for a metric that is published in every hour of a month
    assert sum(line.usd for line in drawn) - sum(line.usd for line in bound) == pytest.approx(0.30)
    assert watching.of_month(US, {"CloudWatchDashboard": "false"}) == []


def test_a_dashboard_costs_four_metrics_in_the_hour_of_an_execution() -> None:
    (line,) = watching.metrics_of_execution(US)
    assert line.usd == pytest.approx(4 / 730 * 0.30)
    assert line.estimated
