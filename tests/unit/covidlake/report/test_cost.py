"""What a job run costs."""

from __future__ import annotations

import pytest

from covidlake.report import cost


def test_a_run_costs_its_dpu_seconds_or_capacity_by_time() -> None:
    assert cost.of_job_run({"DPUSeconds": 3600}) == pytest.approx(0.44)
    assert cost.of_job_run({"DPUSeconds": 3600, "ExecutionClass": "FLEX"}) == pytest.approx(0.29)
    assert cost.of_job_run({"NumberOfWorkers": 2, "ExecutionTime": 30}) == pytest.approx(2 * 60 / 3600 * 0.44)
    assert cost.text(0.014667) == "$0.015"


def test_an_estimate_has_two_digits() -> None:
    assert [cost.text(usd) for usd in (0, 0.0146, 0.44, 3.14159)] == ["$0", "$0.015", "$0.44", "$3.1"]
