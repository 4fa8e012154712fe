"""Which stored types Athena reads, and which types of partitions it coerces."""

from __future__ import annotations

import pytest

from localcloud.athena.sql.tables.readable_types import coercible, readable
from localcloud.glue.catalog.types import parse


@pytest.mark.parametrize(
    ("declared", "stored", "fits"),
    [
        ("bigint", "int", True),
        ("int", "bigint", True),
        ("tinyint", "bigint", True),
        ("smallint", "double", False),
        ("date", "int", False),
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
