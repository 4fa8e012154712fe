"""The cost of an execution, as lines with usage and price."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from covidlake.cost import prices
from covidlake.cost.lines import Cost, Line
from covidlake.report.page import costs
from covidlake.report.page.collected import Collected

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


def test_a_line_has_usage_price_and_what_they_make(recorded: Callable[[str], Collected]) -> None:
    found = costs.of(replace(recorded("succeeded"), cost=COST.to_json()))
    job, logs = found.lines
    assert (job.service, job.price) == ("Glue", "$0.29 for DPU-hours")
    assert job.usage == "job run: jr_1: 7,200 DPU-seconds / 3,600 = 2 DPU-hours"
    assert job.usd == pytest.approx(2 * 0.29)
    assert logs.usage == "logs: 0.001 GB of logs (estimated)"
    assert found.total == pytest.approx(2 * 0.29 + 0.001 * 0.50)
    assert "published prices of 2026-11-28 in us-east-1" in found.note
    assert found.note.endswith("Not known: crawls of lake: denied.")


def test_where_nothing_is_known_it_says_so(recorded: Callable[[str], Collected]) -> None:
    found = costs.of(replace(recorded("nothing-new"), cost={}))
    assert (found.total, found.note) == (None, costs.UNKNOWN)
