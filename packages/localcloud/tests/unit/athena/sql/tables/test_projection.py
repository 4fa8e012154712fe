"""Partitions that a table's properties project."""

from __future__ import annotations

from typing import Any

import pytest

from localcloud.athena.sql.errors import QueryError
from localcloud.athena.sql.tables.projection import projected_partitions


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
    found = projected_partitions(table(properties), {})
    assert [one for one, _ in found] == [[value] for value in values]
    assert found[0][1] == f"s3://b/t/k={values[0]}/"


def table(properties: dict[str, str]) -> dict[str, Any]:
    return {
        "Name": "t",
        "Parameters": {f"projection.k.{name}": value for name, value in properties.items()},
        "PartitionKeys": [{"Name": "k", "Type": "string"}],
        "StorageDescriptor": {"Location": "s3://b/t/"},
    }


def test_injected_values_are_those_of_the_query_and_none_is_an_error() -> None:
    found = projected_partitions(table({"type": "injected"}), {"k": ["a", "b"]})
    assert [location for _, location in found] == ["s3://b/t/k=a/", "s3://b/t/k=b/"]
    with pytest.raises(QueryError, match=r"CONSTRAINT_VIOLATION: .* partition column k"):
        projected_partitions(table({"type": "injected"}), {})


def test_months_end_on_their_own_last_day() -> None:
    days = {"type": "date", "range": "2024-01-30,2024-04-01", "format": "yyyy-MM-dd"}
    found = projected_partitions(table({**days, "interval": "1", "interval.unit": "MONTHS"}), {})
    assert [values[0] for values, _ in found] == ["2024-01-30", "2024-02-29", "2024-03-29"]
