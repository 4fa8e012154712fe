"""The file by which one job reports to another."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from covidlake.base.errors import ReportError
from covidlake.report.job_report import JobReport


@pytest.mark.parametrize("content", ["", "[]", '{"kind": "ingest"}', json.dumps({"healthy": "no"})])
def test_a_report_that_is_none_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "report.json").write_text(content)
    with pytest.raises(ReportError, match=r"report\.json"):
        JobReport.read(tmp_path / "report.json")
