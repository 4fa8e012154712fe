"""The table `runs` beside what Step Functions lists."""

from __future__ import annotations

from typing import Any

import pytest

from covidlake.report.page import recorded
from covidlake.run import query
from covidlake.run.query import Answer

COLUMNS = ["execution", "status", "started_at", "ended_at", *recorded.COUNTS]
AGO = ["old", "ABORTED", "2026-01-01 03:00:00.000", "2026-01-01 03:01:00.000", "5", None, "1"]


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    monkeypatch.setattr(query, "query", lambda *_: Answer(COLUMNS, [list(AGO)], 0, ""))
    return recorded.read("dev", 20)


def test_a_row_has_the_form_of_an_execution(answered: list[dict[str, Any]]) -> None:
    (one,) = answered
    assert (one["name"], one["status"]) == ("old", "ABORTED")
    assert one["startDate"] == "2026-01-01T03:00:00.000+00:00"
    assert one["rows"] == {"rows_read": 5, "rows_new": 0, "rows_quarantined": 1}


def test_what_verified_a_load_has_the_form_of_a_run_record(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = ["dataset", "execution", "ended_at", "table_rows"]
    rows = [["a", "old", "2026-01-01 03:01:00.000", "5"], ["b", "new", "2026-01-02 03:01:00.000", None]]
    asked: list[str] = []

    def answer(_environment: str, statement: str) -> Answer:
        asked.append(statement)
        return Answer(columns, [*rows, ["c", None, None, None]], 0, "")

    monkeypatch.setattr(query, "query", answer)
    found = recorded.verified("dev")
    assert "error = 'IngestionFailed'" in asked[0]
    assert found["a"]["ended_at"] == "2026-01-01T03:01:00.000+00:00"
    assert [(found[name]["run_id"], found[name]["table_rows"]) for name in "ab"] == [
        ("old", 5),
        ("new", None),
    ]
    assert found["c"] == {}


def test_what_step_functions_has_forgotten_is_added_and_the_rest_gets_its_rows(
    answered: list[dict[str, Any]],
) -> None:
    new = {"name": "new", "status": "RUNNING", "startDate": "2026-04-01T00:00:00.000+00:00"}
    found = recorded.merged([new], answered, 20)
    assert [one["name"] for one in found] == ["new", "old"]
    assert "rows" not in found[0]
    listed = {"name": "old", "status": "ABORTED", "startDate": "2026-01-01T03:00:00.123+00:00"}
    (same,) = recorded.merged([listed], answered, 20)
    assert same == listed | {"rows": answered[0]["rows"]}
    assert recorded.merged([new, listed], answered, 1) == [new]
