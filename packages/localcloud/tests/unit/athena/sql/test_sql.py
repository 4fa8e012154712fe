"""Athena's SQL without a server: values, functions, statements, partitions, types, messages."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from localcloud.athena.sql.errors import QueryError
from localcloud.athena.sql.query import bind_parameters, partition_predicate
from localcloud.athena.sql.results import read_rows, result_body
from localcloud.athena.sql.session import Result
from localcloud.athena.sql.statements.kinds import classify, strip
from localcloud.athena.sql.tables.projection import projected_partitions
from localcloud.athena.sql.tables.readable_types import coercible, readable
from localcloud.athena.sql.trino.date_patterns import joda
from localcloud.athena.sql.trino.failures import explain_failure
from localcloud.athena.sql.trino.functions import TRINO_FUNCTIONS
from localcloud.athena.sql.trino.macros import MACROS
from localcloud.athena.sql.trino.positions import find_name, function_calls
from localcloud.athena.sql.trino.text_values import athena_type, text, writer
from localcloud.athena.sql.trino.translate import name_columns, tables_of, to_duckdb_sql
from localcloud.athena.sql.trino.translate import parse as parse_sql
from localcloud.glue.catalog.types import parse


def run(sql: str) -> Any:
    """The only value of a query of Trino's SQL without tables."""
    connection = duckdb.connect()
    connection.execute("SET integer_division=true; " + MACROS)
    row = connection.execute(to_duckdb_sql(parse_sql(sql), set())).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (1.5, "1.5"),
        (1e7, "1.0E7"),
        (9999999.0, "9999999.0"),
        (1.25e-5, "1.25E-5"),
        (0.0, "0.0"),
        (float("inf"), "Infinity"),
        (float("nan"), "NaN"),
        (True, "true"),
        ([1, None], "[1, null]"),
        ({"k": 1}, "{k=1}"),
        (b"\x0a\xff", "0a ff"),
        (None, None),
    ],
)
def test_values_as_athena_writes_them(value: Any, written: str | None) -> None:
    assert text(value) == written


def test_rows_are_written_with_the_names_of_their_type() -> None:
    kind = duckdb.sqltype("STRUCT(age VARCHAR, n INTEGER)[]")
    assert writer(kind)([{"Age": "a", "N": None}]) == "[{age=a, n=null}]"
    assert athena_type(kind) == "array"


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
    ("sql", "kind"),
    [
        ("-- c\n/* d */ select 1;", ("DML", "SELECT")),
        ("(select 1) union (select 2)", ("DML", "SELECT")),
        ("create table t with (format='ORC') as (select 1 a)", ("DDL", "CREATE_TABLE_AS_SELECT")),
        ("create or replace view v as select 1 a", ("DDL", "CREATE_VIEW")),
        ("msck repair table t", ("DDL", "MSCK_REPAIR_TABLE")),
        ("show partitions t", ("UTILITY", "SHOW_PARTITIONS")),
        ("selekt 1", ("UTILITY", "")),
    ],
)
def test_kinds_of_statements(sql: str, kind: tuple[str, str]) -> None:
    assert classify(sql)[:2] == kind


def test_comments_and_semicolons_are_stripped() -> None:
    assert strip("-- a\n /* b */ SELECT 1 ; ") == "SELECT 1"


def test_places_of_names_and_functions() -> None:
    sql = "SELECT a.b,\n  count(*), foo(1)\nFROM a"
    assert find_name(sql, "a", "b") == "line 1:8"
    assert find_name(sql, "foo") == "line 2:13"
    assert [name for name, _ in function_calls(sql)] == ["count", "foo"]
    assert "count" in TRINO_FUNCTIONS


def test_a_name_of_a_with_clause_is_no_table() -> None:
    sql = "WITH a AS (SELECT * FROM a), b AS (SELECT * FROM a) SELECT * FROM b JOIN db.a ON true"
    assert [(table.db, table.name) for table in tables_of(parse_sql(sql))] == [("db", "a"), ("", "a")]


def test_unnamed_columns_are_marked_by_position() -> None:
    tree = parse_sql("SELECT a, count(*), b.c FROM t")
    name_columns(tree)
    assert [column.alias_or_name for column in tree.expressions] == ["a", "__unnamed_1", "c"]


TABLE = {"PartitionKeys": [{"Name": "dt", "Type": "string"}, {"Name": "n", "Type": "int"}]}


@pytest.mark.parametrize(
    ("condition", "predicate"),
    [
        ("dt = '1' AND id > 2", "dt = '1'"),
        ("t.dt IN ('1', '2') AND n > 1", "dt IN ('1', '2') AND n > 1"),
        ("dt = '1' OR id = 2", None),
        ("dt = (SELECT max(dt) FROM t)", None),
        ("id = 1", None),
    ],
)
def test_conditions_on_partition_keys(condition: str, predicate: str | None) -> None:
    tree = parse_sql(f"SELECT * FROM t WHERE {condition}")  # noqa: S608
    reference = next(table for table in tables_of(tree) if table.parent_select is tree)
    assert partition_predicate(reference, TABLE) == predicate


def test_the_absent_side_of_an_outer_join_is_not_pruned() -> None:
    tree = parse_sql("SELECT * FROM x LEFT JOIN t ON x.id = t.id WHERE t.dt = '1'")
    assert all(partition_predicate(table, TABLE) is None for table in tables_of(tree))


def test_parameters_are_literals_in_order() -> None:
    tree = bind_parameters(parse_sql("SELECT ? WHERE 'a' = ?"), ["1", "'b'"])
    assert tree.sql("trino") == "SELECT 1 WHERE 'a' = 'b'"
    with pytest.raises(QueryError, match="expected 1 but found 0"):
        bind_parameters(parse_sql("SELECT ?"), [])


def test_syntax_errors_name_their_place() -> None:
    with pytest.raises(QueryError, match=r"SYNTAX_ERROR: line 1:15: mismatched input '\('"):
        parse_sql("SELECT a FORM (t")


@pytest.mark.parametrize(
    ("declared", "stored", "fits"),
    [
        ("bigint", "int", True),
        ("int", "bigint", False),
        ("double", "float", True),
        ("double", "bigint", False),
        ("string", "bigint", False),
        ("array<struct<a:bigint>>", "array<struct<A:bigint,b:string>>", True),
        ("array<string>", "array<struct<a:bigint>>", False),
        ("decimal(10,2)", "decimal(8,2)", True),
    ],
)
def test_parquet_types_that_athena_reads(declared: str, stored: str, fits: bool) -> None:
    assert readable(parse(declared), parse(stored)) is fits


def test_partition_types_that_athena_coerces() -> None:
    assert coercible(parse("bigint"), parse("int"))
    assert not coercible(parse("double"), parse("bigint"))


@pytest.mark.parametrize(
    ("properties", "values"),
    [
        ({"type": "enum", "values": "a,b"}, ["a", "b"]),
        ({"type": "integer", "range": "8,10", "digits": "2"}, ["08", "09", "10"]),
        ({"type": "date", "range": "2022-12,2023-02", "format": "yyyy-MM", "interval.unit": "MONTHS"},
         ["2022-12", "2023-01", "2023-02"]),
    ],
)  # fmt: skip
def test_projected_values(properties: dict[str, str], values: list[str]) -> None:
    table = {
        "Name": "t",
        "Parameters": {f"projection.k.{name}": value for name, value in properties.items()},
        "PartitionKeys": [{"Name": "k", "Type": "string"}],
        "StorageDescriptor": {"Location": "s3://b/t/"},
    }
    found = projected_partitions(table)
    assert [one for one, _ in found] == [[value] for value in values]
    assert found[0][1] == f"s3://b/t/k={values[0]}/"


def test_a_result_keeps_null_apart_from_the_empty_string() -> None:
    rows: list[list[str | None]] = [["a", None], ["", 'quote " comma, \n line']]
    body = result_body(Result([("x", "varchar"), ("y", "varchar")], rows), "DML").decode()
    assert body.startswith('"x","y"\n"a",\n"",')
    assert read_rows(body, 2, "DML") == [["x", "y"], *rows]


def test_joda_patterns() -> None:
    assert joda("yyyy-MM-dd'T'HH:mm:ss") == "%Y-%m-%dT%H:%M:%S"
    with pytest.raises(QueryError, match="`xx`"):
        joda("xx")


def test_duckdb_complaints_in_athenas_words() -> None:
    failure = explain_failure("SELECT x", 'Binder Error: Referenced column "x" not found in FROM clause!')
    assert failure.message.startswith("COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved")
