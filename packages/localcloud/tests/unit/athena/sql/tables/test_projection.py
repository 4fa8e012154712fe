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
        ({"type": "date", "range": "2020-01,2020-03", "format": "yyyy-MM"},
         ["2020-01", "2020-02", "2020-03"]),
        ({"type": "date", "range": "20200228,20200301", "format": "yyyyMMdd"},
         ["20200228", "20200229", "20200301"]),
        ({"type": "date", "range": "2020,2021", "format": "yyyy", "interval": "1", "interval.unit": "DAYS"},
         ["2020", "2021"]),
        ({"type": "date", "range": "9998,9999", "format": "yyyy", "interval": "1", "interval.unit": "YEARS"},
         ["9998", "9999"]),
        ({"type": "date", "range": "2020-01-01T22h,2020-01-02T00h", "format": "yyyy-MM-dd'T'HH'h'",
          "interval": "1", "interval.unit": "hours"},
         ["2020-01-01T22h", "2020-01-01T23h", "2020-01-02T00h"]),
        ({"type": " Enum ", "values": "a,b,a"}, ["a", "b"]),
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


@pytest.mark.parametrize(
    ("properties", "folders"),
    [
        ({"type": "enum", "values": "a:b,c/d"}, ["a%3Ab", "c%2Fd"]),
        (
            {"type": "date", "format": "yyyy-MM-dd HH:mm", "range": "2020-01-01 10:00,2020-01-01 10:01",
             "interval": "1", "interval.unit": "MINUTES"},
            ["2020-01-01 10%3A00", "2020-01-01 10%3A01"],
        ),
    ],
)  # fmt: skip
def test_folders_are_named_as_insert_names_them(properties: dict[str, str], folders: list[str]) -> None:
    found = projected_partitions(table(properties), {})
    assert [location for _, location in found] == [f"s3://b/t/k={folder}/" for folder in folders]


def test_a_template_takes_values_as_they_are_and_keys_that_there_are() -> None:
    described = table({"type": "enum", "values": "a:b"})
    described["Parameters"]["storage.location.template"] = "s3://b/x/${k}"
    assert projected_partitions(described, {}) == [(["a:b"], "s3://b/x/a:b")]
    described["Parameters"]["storage.location.template"] = "s3://b/x/${other}"
    with pytest.raises(QueryError, match="other is no partition key"):
        projected_partitions(described, {})


def test_now_is_as_exact_as_the_format() -> None:
    days = {"type": "date", "format": "yyyy-MM-dd", "range": "NOW-1DAYS,NOW"}
    ((first,), _), ((last,), _) = projected_partitions(table(days), {})
    assert projected_partitions(table({**days, "range": f"NOW - 1 day,{last}"}), {})[-1][0] == [last]
    assert first < last


DATES = {"type": "date", "format": "yyyy-MM-dd", "range": "2020-01-01,2020-01-02"}


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({**DATES, "format": "yyyy", "range": "2020,2021"}, "interval is required, .* single-month"),
        ({**DATES, "format": "yyyy/MM/dd/HH", "range": "2020/01/01/00,2020/01/01/02"},
         "interval is required"),
        ({**DATES, "format": "yyyy-MM-dd HH", "range": "2020-01-01 00,2020-01-01 02", "interval": "1"},
         "interval.unit is required"),
        ({**DATES, "format": "yyyy-M-d"}, "localcloud does not support `M` in projection.k.format"),
        ({**DATES, "format": "yyyy-MM[-dd]"}, r"localcloud does not support `\["),
        ({**DATES, "interval.unit": "CENTURIES"}, "localcloud does not support .*interval.unit `CENTURIES`"),
        ({**DATES, "interval.unit": "MILLIS"}, "localcloud does not support .*interval.unit `MILLIS`"),
        ({**DATES, "interval": "0"}, "a positive whole number is needed"),
        ({**DATES, "range": "2020-1-1,2020-01-02"}, "`2020-1-1`: it has not the format"),
        ({**DATES, "range": "NOW-1CENTURIES,NOW"}, "it has not the format"),
        ({**DATES, "range": "2020-01-01"}, "two values are needed"),
        ({"type": "date", "format": "yyyy"}, "projection.k.interval is required"),
        ({"type": "date", "range": "2020,2021"}, "projection.k.format is required and missing"),
        ({"type": "enum"}, "projection.k.values is required and missing"),
        ({"type": "integer", "range": "a,b"}, "two whole numbers are needed"),
    ],
)  # fmt: skip
def test_properties_that_project_nothing_are_refused(properties: dict[str, str], reason: str) -> None:
    with pytest.raises(QueryError, match=reason):
        projected_partitions(table(properties), {})
