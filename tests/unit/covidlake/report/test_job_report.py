"""The file by which one job reports to another."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from covidlake.base.errors import ReportError
from covidlake.report.job_report import JobReport, files


@pytest.mark.parametrize("content", ["", "[]", '{"kind": "ingest"}', json.dumps({"healthy": "no"})])
def test_a_report_that_is_none_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "report.json").write_text(content)
    with pytest.raises(ReportError, match=r"report\.json"):
        JobReport.read(tmp_path / "report.json")


def test_a_report_is_read_as_it_was_written(tmp_path: Path) -> None:
    made = JobReport("drift", "dev", True, "IN_SYNC", "no drift", "### Drift")
    made.write(tmp_path / "new" / "report.json")
    assert JobReport.read(tmp_path / "new" / "report.json") == made


@pytest.mark.parametrize(("status", "undecided"), [("RUNNING", True), ("SUCCEEDED", False)])
def test_what_has_not_ended_is_undecided(status: str, undecided: bool) -> None:
    assert JobReport("ingest", "dev", False, status, "", "").undecided is undecided


def test_files_and_folders_of_reports_are_found(tmp_path: Path) -> None:
    for name in ("b.json", "a.json", "other.txt"):
        (tmp_path / name).write_text("{}")
    found = files([tmp_path, tmp_path / "a.json", tmp_path / "nowhere"])
    assert [path.name for path in found] == ["a.json", "b.json", "a.json"]
