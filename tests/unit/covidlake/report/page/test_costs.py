"""The cost of an execution, as lines with usage and price."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from covidlake.cost import prices
from covidlake.cost.lines import Cost, Line
from covidlake.report.page import costs

ARN = "arn:aws:states:us-east-1:111122223333:execution:covid-lake-dev-ingestion:today"
EVENT = {
    "id": 2,
    "previousEventId": 1,
    "type": "PassStateEntered",
    "timestamp": datetime(2026, 11, 28, tzinfo=UTC),
    "stateEnteredEventDetails": {"name": "CompleteInput"},
}
US = prices.load("us-east-1")
COST = Cost(
    "execution today",
    "us-east-1",
    "2026-11-28",
    (
        Line("job run: jr_1", 2.0, US["glue_flex_dpu_hour"], "7,200 DPU-seconds / 3,600"),
        Line("logs", 0.001, US["logs_gigabyte"], estimated=True),
    ),
    ("crawls of lake: denied",),
)


def test_a_line_has_usage_price_and_what_they_make() -> None:
    found = costs.of(COST.to_json())
    job, logs = found.lines
    assert (job.service, job.price) == ("Glue", "$0.29 for DPU-hours")
    assert job.usage == "job run: jr_1: 7,200 DPU-seconds / 3,600 = 2 DPU-hours"
    assert job.usd == pytest.approx(2 * 0.29)
    assert logs.usage == "logs: 0.001 GB of logs (estimated)"
    assert found.total == pytest.approx(2 * 0.29 + 0.001 * 0.50)
    assert "published prices of 2026-11-28 in us-east-1" in found.note
    assert found.note.endswith("Not known: crawls of lake: denied.")


def test_where_nothing_is_known_it_says_so() -> None:
    found = costs.of({})
    assert (found.total, found.note) == (None, costs.UNKNOWN)
    assert costs.text(None) == "not known"


def test_what_a_history_says_is_priced() -> None:
    found = costs.of(costs.measured(ARN, [EVENT]))
    assert (found.lines[0].service, found.lines[0].usd) == ("Step Functions", pytest.approx(0.000025))
    assert costs.measured(ARN, []) == {}
