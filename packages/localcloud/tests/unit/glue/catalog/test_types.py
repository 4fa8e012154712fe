"""Hive's types: read, written, merged, settled."""

from __future__ import annotations

import pytest

from localcloud.glue.catalog.types import VOID, Primitive, merge, parse, settle
from localcloud.glue.crawlers.text import json_type

ID = ("id", Primitive("int"))


@pytest.mark.parametrize(
    "text",
    [
        "bigint",
        "void",
        "array<struct<age:string,rate:double,value:bigint>>",
        "map<string,array<decimal(10,2)>>",
        # Names as JSON has them: no parser of SQL takes these, which is why ours is one of its own.
        "struct<male-cases:int,a b:string,a.b:date,$id:int,1st:int,table:string>",
    ],
)
def test_types_are_written_as_they_were_read(text: str) -> None:
    assert str(parse(text)) == text


@pytest.mark.parametrize(
    ("left", "right", "merged"),
    [
        ("int", "bigint", "bigint"),
        ("int", "double", "double"),
        ("bigint", "decimal(10,2)", "double"),
        ("decimal(10,2)", "decimal(8,4)", "decimal(12,4)"),
        ("date", "timestamp", "timestamp"),
        ("boolean", "int", "string"),
        ("array<int>", "array<double>", "array<double>"),
        ("struct<a:int>", "struct<A:bigint,b:string>", "struct<a:bigint,b:string>"),
        ("struct<a:int>", "array<int>", "string"),
    ],
)
def test_merging_types(left: str, right: str, merged: str) -> None:
    assert str(merge(parse(left), parse(right))) == merged
    assert str(merge(parse(right), parse(left))).lower() == str(merged).lower()


def test_what_was_never_seen_becomes_string() -> None:
    assert str(settle(json_type({"a": [], "b": None, "c": [{"d": None}]}))) == (
        "struct<a:array<string>,b:string,c:array<struct<d:string>>>"
    )
    assert merge(VOID, parse("int")) == parse("int")
