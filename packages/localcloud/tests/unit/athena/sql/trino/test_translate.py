"""The tables of a statement, and that dialects are loaded before any query."""

from __future__ import annotations

import subprocess
import sys

from localcloud.athena.sql.trino.translate import parse, tables_of, touched_columns


def test_a_name_of_a_with_clause_is_no_table() -> None:
    sql = "WITH a AS (SELECT * FROM a), b AS (SELECT * FROM a) SELECT * FROM b JOIN db.a ON true"
    assert [(table.db, table.name) for table in tables_of(parse(sql))] == [("db", "a"), ("", "a")]


def test_columns_that_a_statement_touches() -> None:
    assert touched_columns(parse("SELECT a, count(*) FROM t")) == {"a", "t"}
    assert touched_columns(parse("SELECT * FROM t")) is None


def test_dialects_are_loaded_before_any_query_and_not_in_the_thread_of_the_first() -> None:
    """Two first queries at once: one of them found a dialect half made."""
    program = (
        "import sys, localcloud.athena.sql.trino.translate;print('sqlglot.dialects.trino' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"
