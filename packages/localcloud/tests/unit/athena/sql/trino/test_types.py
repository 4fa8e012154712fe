"""Trino's types: read, written, held by DuckDB, named by the catalog."""

from __future__ import annotations

import pytest

from localcloud.athena.sql.trino.coercions import assignable, coercible, common_type
from localcloud.athena.sql.trino.types import Type, from_hive, parse_type, to_duckdb, to_hive
from localcloud.glue.catalog.types import parse as parse_hive


def of(written: str) -> Type:
    kind = parse_type(written)
    assert kind is not None
    return kind


@pytest.mark.parametrize(
    ("hive", "trino", "duckdb"),
    [
        ("int", "integer", "INTEGER"),
        ("float", "real", "FLOAT"),
        ("string", "varchar", "VARCHAR"),
        ("varchar(3)", "varchar(3)", "VARCHAR"),
        ("decimal(10,2)", "decimal(10,2)", "DECIMAL(10, 2)"),
        (
            "array<struct<a:int,b:string>>",
            "array(row(a integer, b varchar))",
            'STRUCT("a" INTEGER, "b" VARCHAR)[]',
        ),
        ("map<string,bigint>", "map(varchar, bigint)", "MAP(VARCHAR, BIGINT)"),
        ("binary", "varbinary", "BLOB"),
        ("timestamp", "timestamp(3)", "TIMESTAMP"),
    ],
)
def test_types_of_the_catalog(hive: str, trino: str, duckdb: str) -> None:
    kind = from_hive(parse_hive(hive))
    assert (str(kind), to_duckdb(kind), str(to_hive(kind))) == (trino, duckdb, hive)
    assert parse_type(str(kind)) == kind


@pytest.mark.parametrize(
    "written", ["string", "text", "float", "int64", "decimal(40,2)", "array(nosuch)", ""]
)
def test_what_is_no_type_of_trino(written: str) -> None:
    assert parse_type(written) is None


@pytest.mark.parametrize(
    ("left", "right", "common"),
    [
        ("integer", "bigint", "bigint"),
        ("bigint", "double", "double"),
        ("decimal(3,1)", "decimal(4,3)", "decimal(5,3)"),
        ("bigint", "decimal(3,1)", "decimal(20,1)"),
        ("decimal(3,1)", "double", "double"),
        ("varchar(1)", "varchar(3)", "varchar(3)"),
        ("varchar(1)", "varchar", "varchar"),
        ("date", "timestamp(3)", "timestamp(3)"),
        ("varchar", "integer", None),
        ("date", "varchar", None),
        ("boolean", "integer", None),
        ("array(integer)", "array(bigint)", "array(bigint)"),
    ],
)
def test_the_type_that_two_become(left: str, right: str, common: str | None) -> None:
    found = common_type(of(left), of(right))
    assert (str(found) if found else None) == common


def test_what_is_taken_for_what() -> None:
    assert coercible(of("integer"), of("bigint"))
    assert not coercible(of("bigint"), of("integer"))
    for source, target in (
        ("varchar", "varchar(3)"),
        ("bigint", "smallint"),
        ("decimal(10,2)", "integer"),
        ("double", "real"),
        ("timestamp(3)", "date"),
        ("array(bigint)", "array(integer)"),
    ):
        assert assignable(of(source), of(target)), source
    for source, target in (
        ("varchar", "integer"),
        ("boolean", "integer"),
        ("date", "bigint"),
        ("array(varchar)", "array(varchar(3))"),
    ):
        assert not assignable(of(source), of(target)), source
