"""A query checked without a cloud."""

from __future__ import annotations

import pytest

from localcloud.lint import RefusedQueryError, check_query

TABLES = {"cases": {"date": "date", "newCases": "bigint", "month": "string"}}


def test_the_answer_of_a_query() -> None:
    sql = "SELECT month, sum(newcases) AS cases, max(date) FROM cases GROUP BY month;"
    assert check_query(sql, TABLES) == [("month", "varchar"), ("cases", "bigint"), ("_col2", "date")]


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        (
            "SELECT * FROM cases WHERE month > 202001",
            "TYPE_MISMATCH: line 1:33: Cannot apply operator: varchar > integer",
        ),
        ("SELECT nosuch FROM cases", "COLUMN_NOT_FOUND: line 1:8: Column 'nosuch' cannot be resolved"),
        ("SELECT * FROM nosuch", "TABLE_NOT_FOUND: line 1:15"),
        ("SELECT date - 1 FROM cases", "TYPE_MISMATCH: line 1:13: Cannot apply operator: date - integer"),
    ],
)
def test_what_athena_refuses(sql: str, said: str) -> None:
    with pytest.raises(RefusedQueryError) as caught:
        check_query(sql, TABLES)
    assert str(caught.value).startswith(said)
