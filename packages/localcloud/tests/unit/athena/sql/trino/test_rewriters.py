"""Trino's functions and operators on DuckDB: rewritten, translated by sqlglot, or macros."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from localcloud.athena.sql.errors import QueryError
from localcloud.athena.sql.trino.macros import MACROS
from localcloud.athena.sql.trino.translate import parse as parse_sql
from localcloud.athena.sql.trino.translate import to_duckdb_sql


def run(sql: str) -> Any:
    """The only value of a query of Trino's SQL without tables."""
    connection = duckdb.connect()
    connection.execute("SET integer_division=true; " + MACROS)
    row = connection.execute(to_duckdb_sql(parse_sql(sql), set())).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize(
    ("sql", "value"),
    [
        ("SELECT 7 / 2", 3),
        ("SELECT 7.0E0 / 2", 3.5),
        ("SELECT try(1 / 0)", None),
        ("SELECT cast(date_add('month', 1, date '2020-01-31') AS varchar)", "2020-02-29"),
        ("SELECT cast(date '2020-03-01' - interval '1' day AS varchar)", "2020-02-29"),
        ("SELECT cast(date_trunc('month', date '2020-03-15') AS varchar)", "2020-03-01"),
        ("SELECT date_format(timestamp '2020-03-15 10:11:12', '%d.%m.%Y %H:%i')", "15.03.2020 10:11"),
        ("SELECT format_datetime(timestamp '2020-03-15 10:11:12', 'dd.MM.yyyy HH:mm')", "15.03.2020 10:11"),
        ("SELECT all_match(array[1, 2], x -> x > 1)", False),
        ("SELECT transform_values(map(array['a'], array[1]), (k, v) -> v + 1)", {"a": 2}),
        ("SELECT cardinality(array_union(array[1], array[1, 2]))", 2),
        ("SELECT url_extract_host('https://example.org:80/x?y=1')", "example.org"),
        ("SELECT regexp_replace('abab', '(a)b', '$1-')", "a-a-"),
        ("SELECT to_iso8601(date '2022-01-02')", "2022-01-02"),
        ("SELECT max(x) FROM UNNEST(sequence(1, 3)) AS t(x)", 3),
    ],
)
def test_trino_functions_on_duckdb(sql: str, value: Any) -> None:
    assert run(sql) == value


def test_division_by_zero_is_an_error() -> None:
    with pytest.raises(duckdb.Error, match="DIVISION_BY_ZERO"):
        run("SELECT 1 / 0")


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("SELECT sha512(to_utf8('a'))", "SHA256 hashing"),
        ("SELECT array_sort(array[1, 3, 2], (a, b) -> if(a < b, 1, -1))", "comparator"),
        ("SELECT from_unixtime(0, 'Europe/Paris')", "time zone other than UTC"),
    ],
)
def test_what_a_translation_would_leave_out_is_refused(sql: str, named: str) -> None:
    with pytest.raises(QueryError, match=f"NOT_SUPPORTED: localcloud does not support .*{named}"):
        run(sql)
