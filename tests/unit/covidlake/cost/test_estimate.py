"""What is assumed is named, counted and marked."""

from __future__ import annotations

import pytest

from covidlake.cost import estimate, history, prices
from tests.unit.covidlake.cost.events import whole

US = prices.load("us-east-1")


def test_requests_logs_and_traces_follow_from_the_data_sets() -> None:
    writes, reads, logs, traces = estimate.lines(US, history.read(whole().events))
    assert writes.usage == 2 * 3 + 1 * 40 + 2  # two looked at, one loaded, one record
    assert reads.usage == 2 * 3 + 1 * 30 + 1 + 2  # and the record that the state machine read
    assert logs.usage == pytest.approx((40 + 2 * 2 + 1 * 20 + 1 * 40) / 1e6)
    assert traces.usage == 1
    assert writes.how == "2 tables looked at x 3 + 1 loaded x 40 + 0 of the state machine + 2 of the record"
    assert reads.how == "2 tables looked at x 3 + 1 loaded x 30 + 1 of the state machine + 2 of the record"
    how = "(1 execution x 40 + 2 looks x 2 + 1 job run x 20 + 1 load x 40 kB) / 1,000,000"
    assert logs.how == how, "true of data sets and of a database"
    assert all(line.estimated for line in (writes, reads, logs, traces))


def test_metrics_are_there_where_the_stack_sends_them() -> None:
    *_, metrics = estimate.lines(US, history.read(whole().events), with_metrics=True)
    assert metrics.price.name == "metric_month"
    assert metrics.usage == pytest.approx(40 / 730)
