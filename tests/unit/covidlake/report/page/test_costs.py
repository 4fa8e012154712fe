"""The cost of an execution, as lines with usage and price."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from covidlake.report.page import costs
from covidlake.report.page.collected import Collected


def test_a_job_run_is_a_line_with_its_arithmetic(recorded: Callable[[str], Collected]) -> None:
    run = {"DPUSeconds": 7200.0, "ExecutionTime": 3600, "ExecutionClass": "FLEX"}
    found = costs.of(costs.measured(recorded("succeeded").execution["executionArn"], [], [run, run]))
    line = found.lines[0]
    assert (line.usage, line.price) == ("7,200 DPU-seconds (3600 s, FLEX)", "$0.29 a DPU-hour")
    assert line.usd == pytest.approx(2 * 0.29)
    assert found.total == pytest.approx(4 * 0.29)


def test_without_a_job_run_nothing_is_known(recorded: Callable[[str], Collected]) -> None:
    assert costs.of(recorded("nothing-new").cost).total is None
    assert costs.of({}).total is None
    assert costs.text(None) == "not known"
