"""A statement in Athena: its answer as text, and Athena's reason where it has none."""

from __future__ import annotations

from typing import Any

import pytest

from covidlake.base.errors import QueryError
from covidlake.run import query
from tests.unit.covidlake.run.conftest import Stubs


def started(stubs: Stubs) -> None:
    expected = {
        "QueryString": "SELECT 1",
        "WorkGroup": "covid-lake-dev",
        "QueryExecutionContext": {"Database": "covid_lake_dev"},
    }
    stubs("athena").add_response("start_query_execution", {"QueryExecutionId": "q1"}, expected)


def state_is(stubs: Stubs, state: str, **status: str) -> None:
    found = {"Status": {"State": state, **status}, "Statistics": {"DataScannedInBytes": 42}}
    stubs("athena").add_response("get_query_execution", {"QueryExecution": found}, {"QueryExecutionId": "q1"})


def rows_are(stubs: Stubs, *rows: list[str | None], columns: tuple[str, ...] = ("a", "b")) -> None:
    data: list[dict[str, Any]] = [
        {"Data": [{} if value is None else {"VarCharValue": value} for value in row]} for row in rows
    ]
    info = [{"Name": name, "Type": "varchar"} for name in columns]
    answer = {"ResultSet": {"Rows": data, "ResultSetMetadata": {"ColumnInfo": info}}}
    stubs("athena").add_response("get_query_results", answer, {"QueryExecutionId": "q1"})


def test_the_answer_has_no_header_row_and_null_is_none(stubs: Stubs) -> None:
    started(stubs)
    state_is(stubs, "RUNNING")
    state_is(stubs, "SUCCEEDED")
    rows_are(stubs, ["a", "b"], ["1", None])
    answer = query.query("dev", "SELECT 1")
    assert (answer.columns, answer.rows) == (["a", "b"], [["1", None]])
    assert (answer.bytes_scanned, answer.execution_id) == (42, "q1")


def test_what_has_no_header_keeps_its_first_row(stubs: Stubs) -> None:
    started(stubs)
    state_is(stubs, "SUCCEEDED")
    rows_are(stubs, ["one"], columns=("table",))
    assert query.query("dev", "SELECT 1").rows == [["one"]]


@pytest.mark.parametrize("state", ["FAILED", "CANCELLED"])
def test_athenas_reason_is_one_line(stubs: Stubs, state: str) -> None:
    started(stubs)
    state_is(stubs, state, StateChangeReason="COLUMN_NOT_FOUND:\n  line 1")
    with pytest.raises(QueryError, match=f"query {state.lower()}: COLUMN_NOT_FOUND: line 1"):
        query.query("dev", "SELECT 1")


def test_a_query_that_does_not_end_is_an_error(stubs: Stubs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query, "LIMIT_SECONDS", -1.0)
    started(stubs)
    state_is(stubs, "QUEUED")
    with pytest.raises(QueryError, match="q1 still queued"):
        query.query("dev", "SELECT 1")


def test_what_athenas_parser_cannot_read_is_refused_in_one_line(stubs: Stubs) -> None:
    stubs("athena").add_client_error(
        "start_query_execution",
        "InvalidRequestException",
        "line 1:8: mismatched input 'FORM'.\n Expecting: <EOF>",
        http_status_code=400,
    )
    with pytest.raises(QueryError, match=r"refused: line 1:8: mismatched input 'FORM'\. Expecting: <EOF>"):
        query.query("dev", "SELECT 1 FORM x")
