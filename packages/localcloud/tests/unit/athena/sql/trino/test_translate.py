"""Names of tables and columns in a statement, and syntax errors."""

from __future__ import annotations

import subprocess
import sys

import pytest

from localcloud.athena.sql.errors import QueryError
from localcloud.athena.sql.trino.translate import name_columns, tables_of
from localcloud.athena.sql.trino.translate import parse as parse_sql


def test_a_name_of_a_with_clause_is_no_table() -> None:
    sql = "WITH a AS (SELECT * FROM a), b AS (SELECT * FROM a) SELECT * FROM b JOIN db.a ON true"
    assert [(table.db, table.name) for table in tables_of(parse_sql(sql))] == [("db", "a"), ("", "a")]


def test_unnamed_columns_are_marked_by_position() -> None:
    tree = parse_sql("SELECT a, count(*), b.c FROM t")
    name_columns(tree)
    assert [column.alias_or_name for column in tree.expressions] == ["a", "__unnamed_1", "c"]


def test_syntax_errors_name_their_place() -> None:
    with pytest.raises(QueryError, match=r"SYNTAX_ERROR: line 1:15: mismatched input '\('"):
        parse_sql("SELECT a FORM (t")


def test_dialects_are_loaded_before_any_query_and_not_in_the_thread_of_the_first() -> None:
    """Two first queries at once: one of them found a dialect half made."""
    program = (
        "import sys, localcloud.athena.sql.trino.translate;"
        "print([f'sqlglot.dialects.{name}' in sys.modules for name in ('athena', 'duckdb', 'trino')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[True, True, True]"
