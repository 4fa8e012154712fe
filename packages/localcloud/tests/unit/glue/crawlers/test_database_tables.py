"""The types of PostgreSQL in the catalog."""

from __future__ import annotations

import pytest

from localcloud.glue.crawlers.database_tables import catalog_type


def modifier(precision: int, scale: int) -> int:
    """PostgreSQL's atttypmod of a numeric."""
    return (precision << 16 | scale) + 4


@pytest.mark.parametrize(
    ("name", "number", "element", "expected"),
    [
        ("int2", -1, None, "smallint"),
        ("int8", -1, None, "bigint"),
        ("numeric", modifier(12, 2), None, "decimal(12,2)"),
        ("numeric", -1, None, "decimal(38,18)"),
        ("numeric", modifier(60, 2), None, "decimal(38,18)"),
        ("_numeric", modifier(5, 1), "numeric", "array<decimal(5,1)>"),
        ("timestamptz", -1, None, "timestamp"),
        ("bytea", -1, None, "binary"),
        ("_text", -1, "text", "array<string>"),
        ("jsonb", -1, None, "string"),
        ("order_status", -1, None, "string"),
    ],
)
def test_a_type_of_the_catalog(name: str, number: int, element: str | None, expected: str) -> None:
    assert catalog_type(name, number, element) == expected
