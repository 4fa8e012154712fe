"""The rejected rows of an environment, from the tables that exist."""

from __future__ import annotations

import pytest

from covidlake.base.errors import DataSetError, EnvironmentFileError
from covidlake.dataset import descriptions
from covidlake.run import quarantine, query, status
from covidlake.run.pipelines import ingestion
from covidlake.run.query import Answer
from covidlake.run.status import Status
from covidlake.ship.stack.stack import Stack

COLUMNS = quarantine.columns(ingestion.PIPELINE)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that Athena got."""
    statements: list[str] = []

    def answer(_environment: str, sql: str) -> Answer:
        statements.append(sql)
        return Answer(["x"], [["a"]], 1, "q")

    tables: list[list[str | None]] = [[name] for name in ("a", "a_quarantine", "b", "b_quarantine", None)]
    found = Status(Stack("s", "CREATE_COMPLETE", {}), [], tables, "")
    monkeypatch.setattr(status, "status", lambda _: found)
    monkeypatch.setattr(descriptions, "names", lambda: ["a", "b", "c"])
    monkeypatch.setattr(query, "query", answer)
    return statements


def test_all_tables_are_read_in_one_statement(asked: list[str]) -> None:
    answer = quarantine.rejected_rows("dev")
    assert (answer.columns, answer.rows) == (COLUMNS, [["a"]])
    (statement,) = asked
    assert statement.count(" UNION ALL ") == 1
    assert "'a' AS data_set" in statement
    assert 'FROM "b_quarantine"' in statement


def test_one_data_set_has_one_table(asked: list[str]) -> None:
    quarantine.rejected_rows("dev", "b")
    assert "a_quarantine" not in asked[0]


def test_without_a_table_nothing_is_asked(asked: list[str]) -> None:
    assert quarantine.rejected_rows("dev", "c") == Answer(COLUMNS, [], 0, "")
    assert asked == []


def test_a_wrong_name_is_no_empty_quarantine(asked: list[str]) -> None:
    with pytest.raises(DataSetError, match="no data set 'nope': there are: a, b, c"):
        quarantine.rejected_rows("dev", "nope")
    with pytest.raises(EnvironmentFileError, match="only ingestion and segmentation ingest"):
        quarantine.rejected_rows("exports/dev")
    assert asked == []


def test_a_short_example_shows_the_field_that_the_reason_names() -> None:
    raw = '{"first": "' + "x" * 300 + '", "hospitalCases": "n/a", "last": "' + "y" * 300 + '"}'
    row: list[str | None] = ["uk", "wrong_type_hospitalcases", "1", "o", "2", "r", raw]
    (shown,) = quarantine.abridged(Answer(COLUMNS, [row], 0, "")).rows
    assert '"hospitalCases": "n/a"' in str(shown[-1])
    assert len(str(shown[-1])) < 130
