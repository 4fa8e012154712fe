"""Partitions that a table's properties project."""

from __future__ import annotations

import pytest

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
    table = {
        "Name": "t",
        "Parameters": {f"projection.k.{name}": value for name, value in properties.items()},
        "PartitionKeys": [{"Name": "k", "Type": "string"}],
        "StorageDescriptor": {"Location": "s3://b/t/"},
    }
    found = projected_partitions(table)
    assert [one for one, _ in found] == [[value] for value in values]
    assert found[0][1] == f"s3://b/t/k={values[0]}/"
