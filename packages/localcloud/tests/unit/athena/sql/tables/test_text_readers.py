"""What LazySimpleSerDe and OpenCSVSerde find in lines of text."""

from __future__ import annotations

import math
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from localcloud.athena.sql.errors import QueryError
from localcloud.athena.sql.tables.delimited_text import write_text
from localcloud.glue.catalog.types import parse, to_duckdb
from rigs.lake import Lake

COMMA = {"field.delim": ","}


@pytest.mark.parametrize(
    ("text", "columns", "serde", "rows"),
    [
        ("a\\,b,2", {"a": "string", "b": "int"}, {"escape.delim": "\\"}, [("a,b", 2)]),
        ("c\\\\,3\n\\N,4", {"a": "string", "b": "int"}, {"escape.delim": "\\"}, [("c\\", 3), (None, 4)]),
        ("NA,1\n,NA", {"a": "string", "b": "int"}, {"serialization.null.format": "NA"},
         [(None, 1), ("", None)]),
        (",1", {"a": "string", "b": "int", "c": "string"}, {"serialization.null.format": ""},
         [(None, 1, None)]),
        ("pears,1", {"a": "varchar(3)", "b": "char(2)"}, {}, [("pea", "1")]),
        ("1\x032\x022,x", {"a": "array<array<int>>", "b": "string"}, {}, [([[1, 2], [2]], "x")]),
        (",x", {"a": "array<int>", "b": "string"}, {}, [([], "x")]),
        ("1\x02\\N,x", {"a": "array<int>", "b": "string"}, {}, [([1, None], "x")]),
        ("k\x03v\x02l\x03,x", {"a": "map<string,string>", "b": "string"}, {}, [({"k": "v", "l": ""}, "x")]),
        ("k\x031\x042,x", {"a": "map<string,array<int>>", "b": "string"}, {}, [({"k": [1, 2]}, "x")]),
        ("7\x02k\x04v,x", {"a": "struct<n:int,m:map<string,string>>", "b": "string"}, {},
         [({"n": 7, "m": {"k": "v"}}, "x")]),
        ("1|2,x", {"a": "array<int>", "b": "string"}, {"collection.delim": "|"}, [([1, 2], "x")]),
        ("1|2;x", {"a": "array<int>", "b": "string"}, {"field.delim": "59", "collection.delim": "124"},
         [([1, 2], "x")]),
        ("1\x021.7\x021e3\x020x1F\x021_0,x", {"a": "array<int>", "b": "string"}, {},
         [([1, None, None, None, None], "x")]),
        ("true\x02FALSE\x02yes\x021,x", {"a": "array<boolean>", "b": "string"}, {},
         [([True, False, None, None], "x")]),
        ("1.5\x021_0.5\x02inf\x021e3,x", {"a": "array<double>", "b": "string"}, {},
         [([1.5, None, None, 1000.0], "x")]),
        ("k\x03v\x02l\x03w\x02k\x03z,x", {"a": "map<string,string>", "b": "string"}, {},
         [({"k": "v", "l": "w"}, "x")]),
        ("a\\nb\\rc\\td\\,1\nx\\", {"a": "string", "b": "int"}, {"escape.delim": "\\"},
         [("a\nb\rctd,1", None), ("x\\", None)]),
        ("\\\\N,1\n\\N,\\N", {"a": "string", "b": "int"}, {"escape.delim": "\\"}, [("\\N", 1), (None, None)]),
        ("a!,b,2", {"a": "string", "b": "int"}, {"escape.delim": "33"}, [("a,b", 2)]),
    ],
)  # fmt: skip
def test_delimited_text_is_cut_by_the_properties_of_its_serde(
    tmp_path: Path, text: str, columns: dict[str, str], serde: dict[str, str], rows: list[tuple[Any, ...]]
) -> None:
    assert Lake(tmp_path, text + "\n").rows("lazy", columns, {**COMMA, **serde}) == rows


@pytest.mark.claim(
    "Athena",
    "refused",
    "escape.delim beside nested columns, delimiters of several bytes, encodings but UTF-8, "
    "case.insensitive = false, timestamp.formats, use.null.for.invalid.data, "
    "serialization.last.column.takes.rest, dots.in.keys within structs",
)
@pytest.mark.parametrize(
    ("columns", "serde", "reason"),
    [
        ({"a": "array<int>"}, {"escape.delim": "\\"}, "escape.delim"),
        ({"a": "string"}, {"serialization.encoding": "windows-1252"}, "serialization.encoding windows-1252"),
        ({"a": "string"}, {"field.delim": "||"}, "the delimiter '||'"),
        ({"a": "string"}, {"field.delim": "200"}, "the delimiter '200'"),
        ({"a": "string"}, {"field.delim": "§"}, "the delimiter '§'"),
        ({"a": "array<int>"}, {"collection.delim": "::"}, "the delimiter '::'"),
        ({"a": "map<string,int>"}, {"mapkey.delim": "=>"}, "the delimiter '=>'"),
        ({"a": "string"}, {"escape.delim": "!!"}, "the delimiter '!!'"),
        ({"a": "array<array<array<array<array<array<array<array<int>>>>>>>>"}, {}, "nested so deeply"),
        ({"a": "string"}, {"serialization.last.column.takes.rest": "true"}, "last.column.takes.rest of Lazy"),
        ({"a": "array<timestamp>"}, {"timestamp.formats": "yyyy"}, "timestamp.formats of LazySimpleSerDe"),
        ({"a": "int"}, {"use.null.for.invalid.data": "true"}, "use.null.for.invalid.data of LazySimpleSerDe"),
    ],
)
def test_what_is_not_followed_in_delimited_text_is_refused(
    tmp_path: Path, columns: dict[str, str], serde: dict[str, str], reason: str
) -> None:
    with pytest.raises(QueryError, match=f"localcloud does not support .*{reason}"):
        Lake(tmp_path, "1\n").rows("lazy", columns, serde)


def test_null_for_invalid_data_is_refused_where_data_may_be_invalid(tmp_path: Path) -> None:
    told = {"use.null.for.invalid.data": "true"}
    lake = Lake(tmp_path, "a,1\n")
    assert lake.rows("opencsv", {"a": "string", "b": "string"}, {}, told) == [("a", "1")]
    with pytest.raises(QueryError, match=r"does not support use\.null\.for\.invalid\.data of OpenCSVSerde"):
        lake.rows("opencsv", {"a": "string", "b": "int"}, {}, told)


def test_properties_of_the_table_are_told_to_its_serde(tmp_path: Path) -> None:
    table = {"serialization.null.format": "NA", "field.delim": ";"}
    lake = Lake(tmp_path, "NA;1\n")
    assert lake.rows("lazy", {"a": "string", "b": "int"}, {"field.delim": ","}, table) == [(None, 1)]


def test_no_text_of_opencsv_is_null_but_a_column_that_is_missing_is(tmp_path: Path) -> None:
    found = Lake(tmp_path, "\\N,\nx\n").rows("opencsv", {"a": "string", "b": "string"}, {"escapeChar": "|"})
    assert found == [("\\N", ""), ("x", None)]


@pytest.mark.parametrize("form", ["lazy", "opencsv"])
def test_lines_at_both_ends_of_a_file_are_skipped(tmp_path: Path, form: str) -> None:
    table = {"skip.header.line.count": "2", "skip.footer.line.count": "1"}
    assert Lake(tmp_path, "x\ny\n1\n2\nend\n").rows(form, {"a": "int"}, {}, table) == [(1,), (2,)]


@pytest.mark.parametrize("form", ["lazy", "opencsv"])
@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("int", "1.7"),
        ("bigint", "1e3"),
        ("int", "0x1F"),
        ("int", "1_000"),
        ("boolean", "yes"),
        ("boolean", "1"),
        ("double", "1_000"),
        ("double", "inf"),
        ("decimal(9,2)", "1_000"),
        ("date", "2020/01/01"),
        ("date", "1.7"),
        ("timestamp", "epoch"),
        ("timestamp", "1.7"),
    ],
)
def test_a_text_that_is_no_value_of_the_type_is_bad_data(
    tmp_path: Path, form: str, kind: str, text: str
) -> None:
    with pytest.raises(duckdb.Error, match=f"HIVE_BAD_DATA: Error parsing field value '{text}' for field 0"):
        Lake(tmp_path, text + "\n").rows(form, {"a": kind}, {})


@pytest.mark.parametrize(
    ("form", "kind", "text", "value"),
    [
        ("lazy", "boolean", "TRUE", True),
        ("lazy", "double", "-1.5E3", -1500.0),
        ("lazy", "double", "Infinity", math.inf),
        ("lazy", "decimal(9,2)", ".5", Decimal("0.50")),
        ("lazy", "date", "2020-01-02", date(2020, 1, 2)),
        ("lazy", "timestamp", "2020-01-02 03:04:05.5", datetime.fromisoformat("2020-01-02T03:04:05.5")),
        ("opencsv", "date", "18276", date(2020, 1, 15)),
        ("opencsv", "timestamp", "1579059880000", datetime.fromisoformat("2020-01-15T03:44:40")),
        ("opencsv", "int", "+7", 7),
    ],
)
def test_a_text_is_read_as_the_type(tmp_path: Path, form: str, kind: str, text: str, value: Any) -> None:
    assert Lake(tmp_path, text + "\n").rows(form, {"a": kind}, {}) == [(value,)]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("array<string>", ["a", None, ""]),
        ("array<int>", []),
        ("map<string,int>", {"a": 1, "b": None}),
        ("struct<a:int,b:array<string>>", {"a": None, "b": ["x", "y"]}),
        ("array<struct<a:int,b:map<string,array<int>>>>", [{"a": 1, "b": {"k": [1, 2]}}]),
        ("array<array<array<int>>>", [[[1], [2, 3]], [[4]]]),
        ("array<array<int>>", [[1, 2], None]),
        ("map<string,struct<a:int,b:int>>", {"k": {"a": 1, "b": None}, "l": None}),
        ("struct<a:array<int>,b:map<string,int>,c:struct<d:int>>", {"a": None, "b": None, "c": None}),
        ("binary", b"\x00\xff\n,"),
    ],
)
def test_nested_values_come_back_from_delimited_text(tmp_path: Path, kind: str, value: Any) -> None:
    with duckdb.connect() as connection:
        typed = f"CAST($value AS {to_duckdb(parse(kind))})"
        written = write_text("v", parse(kind), {})
        sql = f"SELECT {written} FROM (SELECT {typed} AS v)"  # noqa: S608
        (text,) = connection.execute(sql, {"value": value}).fetchone() or ("",)
    assert Lake(tmp_path, f"{text},end\n").rows("lazy", {"v": kind, "e": "string"}, COMMA) == [(value, "end")]
