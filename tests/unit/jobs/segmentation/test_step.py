"""One run for one table: claim, record, failure."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from ingestion.state.storage import Prefix, Storage
from segmentation import step
from segmentation.arguments import Common
from segmentation.errors import ConcurrentRunError, SegmentationError
from segmentation.record.step_record import StepRecord
from segmentation.step import JobRun
from tests.unit.jobs.world import FolderS3, GoneJobRuns

COMMON = Common(Prefix("lake"), "run-1")
RECORD = StepRecord("orders", "run-1", "LOADED", True, True, "", "run-1", {}, 3, 1.0, "a", "b")


@pytest.fixture
def job_run(tmp_path: Path) -> JobRun:
    options = {"JOB_NAME": "extract", "JOB_RUN_ID": "jr_1"}
    return JobRun.of(options, Storage(FolderS3(tmp_path)), GoneJobRuns())  # type: ignore[arg-type]


def read(tmp_path: Path, name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((tmp_path / "lake" / name).read_text())
    return content


def test_the_record_is_written_while_the_table_is_ours(job_run: JobRun, tmp_path: Path) -> None:
    def work() -> StepRecord:
        assert read(tmp_path, "state/orders/running.json") == {"job_run": "jr_1", "run_id": "run-1"}
        return RECORD

    assert job_run.carry_out("orders", COMMON, work) is RECORD
    assert read(tmp_path, "runs/orders/run-1.json")["table_rows"] == 3
    assert read(tmp_path, "state/orders/running.json")["job_run"] == ""


def test_a_failure_leaves_a_record_and_no_claim(job_run: JobRun, tmp_path: Path) -> None:
    with pytest.raises(SegmentationError):
        job_run.carry_out("orders", COMMON, mock.Mock(side_effect=SegmentationError("broken\nin 2")))
    record = read(tmp_path, "runs/orders/run-1.json")
    assert (record["status"], record["error"], record["cause"]) == (
        "FAILED",
        "SegmentationError",
        "broken in two",
    )
    assert read(tmp_path, "state/orders/running.json")["job_run"] == ""


def test_a_table_that_another_run_keeps_is_given_up_with_its_name(
    job_run: JobRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes = mock.Mock()
    goes.is_running.return_value = True
    pauses: list[float] = []
    monkeypatch.setattr(step.time, "sleep", pauses.append)
    monkeypatch.setattr(step.time, "monotonic", lambda: float(len(pauses)))
    waiting = replace(job_run, job_runs=goes, last=2.0)
    held = replace(job_run, id="jr_0")

    def other() -> StepRecord:
        with pytest.raises(ConcurrentRunError, match="job run jr_0 of run-1 still has orders"):
            waiting.carry_out("orders", COMMON, lambda: RECORD)
        return RECORD

    held.carry_out("orders", COMMON, other)
    assert pauses == [step.POLL_SECONDS] * 3
