"""DuckDB's complaints in Athena's words."""

from __future__ import annotations

from localcloud.athena.sql.trino.failures import explain_failure


def test_duckdb_complaints_in_athenas_words() -> None:
    failure = explain_failure("SELECT x", 'Binder Error: Referenced column "x" not found in FROM clause!')
    assert failure.message.startswith("COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved")
