"""Which types of PostgreSQL are kept, and as what."""

from __future__ import annotations

import pytest

from segmentation.errors import UnsupportedColumnError
from segmentation.extract.columns import SourceColumn, kept


@pytest.mark.parametrize(
    ("source", "kind", "wanted"),
    [
        ("bigint", "b", "bigint"),
        ("smallint", "b", "smallint"),
        ("double precision", "b", "double"),
        ("boolean", "b", "boolean"),
        ("bytea", "b", "binary"),
        ("numeric(12,2)", "b", "decimal(12,2)"),
        ("numeric(38,38)", "b", "decimal(38,38)"),
        ("numeric", "b", "string"),
        ("numeric(50,2)", "b", "string"),
        ("numeric(3,-2)", "b", "string"),
        ("money", "b", "string"),
        ("text", "b", "string"),
        ("character varying(20)", "b", "string"),
        ("character(2)", "b", "string"),
        ("uuid", "b", "string"),
        ("jsonb", "b", "string"),
        ("interval", "b", "string"),
        ("time without time zone", "b", "string"),
        ("time(3) with time zone", "b", "string"),
        ("sales.order_status", "e", "string"),
        ("timestamp with time zone", "b", "timestamp"),
        ("timestamp(3) without time zone", "b", "timestamp"),
        ("date", "b", "date"),
        ("text[]", "b", "array<string>"),
        ("integer[]", "b", "array<int>"),
        ("sales.order_status[]", "e", "array<string>"),
        ("numeric(12,2)[]", "b", "array<string>"),
    ],
)
def test_a_type_is_kept_as(source: str, kind: str, wanted: str) -> None:
    assert kept(SourceColumn("a", source, kind), "s.t").type == wanted


@pytest.mark.parametrize(
    ("source", "kind"), [("int4range", "r"), ("point", "b"), ("s.pair", "c"), ("s.pair[]", "c")]
)
def test_a_type_that_cannot_be_kept_is_refused_with_its_column(source: str, kind: str) -> None:
    with pytest.raises(UnsupportedColumnError, match=r"s\.t: column `a` has the type `") as said:
        kept(SourceColumn("a", source, kind), "s.t")
    assert source in str(said.value)


@pytest.mark.parametrize("name", ["Name", "_bucket", "a b", "ä"])
def test_a_name_that_the_catalog_would_bend_is_refused(name: str) -> None:
    with pytest.raises(UnsupportedColumnError, match="has a name that the lake cannot tell apart"):
        kept(SourceColumn(name, "text"), "s.t")


def test_what_is_not_obvious_is_said() -> None:
    notes = [
        kept(SourceColumn("a", kind), "s.t").note for kind in ("numeric", "money", "date[]", "text", "text[]")
    ]
    assert [bool(note) for note in notes] == [True, True, True, False, False]
