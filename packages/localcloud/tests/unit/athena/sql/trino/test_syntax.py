"""Statements as Trino's parser reads them."""

from __future__ import annotations

import pytest

from localcloud.athena.sql.errors import QueryError
from localcloud.athena.sql.trino.syntax import parse, parse_expression


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT a FORM (t", r"line 1:15: mismatched input '\('"),
        ("SELECT a::int", "line 1:9: mismatched input '::'"),
        ("SELECT a\nFROM t LIMIT 1 OFFSET 2", "line 2:16: mismatched input 'OFFSET'. Expecting: <EOF>"),
        ("SELECT `a`", "line 1:8: backquoted identifiers are not supported; use double quotes"),
        ("SELECT 1; SELECT 2", "one statement is expected, 2 were found"),
    ],
)
def test_syntax_errors_name_their_place(sql: str, message: str) -> None:
    with pytest.raises(QueryError, match=f"SYNTAX_ERROR: .*{message}"):
        parse(sql)


def test_an_expression_alone() -> None:
    assert parse_expression("1 + 2").sql("trino") == "1 + 2"
    with pytest.raises(QueryError):
        parse_expression("1, 2")


def test_row_patterns_are_refused_by_name() -> None:
    with pytest.raises(QueryError, match="NOT_SUPPORTED: localcloud does not support MATCH_RECOGNIZE"):
        parse("SELECT * FROM t MATCH_RECOGNIZE (ORDER BY a PATTERN (A B+) DEFINE A AS true)")
