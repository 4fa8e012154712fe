"""Conditions on partition keys, as Glue's GetPartitions understands them."""

from __future__ import annotations

import pytest

from localcloud.glue.catalog.partition_filter import NULL, matcher
from localcloud.plugin import AwsError

KEYS = [
    {"Name": "year", "Type": "int"},
    {"Name": "dt", "Type": "date"},
    {"Name": "region", "Type": "string"},
    {"Name": "share", "Type": "decimal(5,2)"},
    {"Name": "at", "Type": "timestamp"},
]
ROWS = [
    ["2020", "2020-01-31", "eu", "1.50", "2020-01-31 10:00:00"],
    ["2021", "2021-06-01", "us", "2.00", "2021-06-01 00:00:00"],
    ["2021", "2021-12-24", "us-east", "10.00", "2021-12-24 18:30:00"],
    ["900", "0900-01-01", NULL, "0.10", "0900-01-01 00:00:00"],
]


def matching(expression: str) -> list[int]:
    matches = matcher(expression, KEYS)
    return [index for index, row in enumerate(ROWS) if matches(row)]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("year = 2021", [1, 2]),
        ("year='2021'", [1, 2]),
        ("2021 = year", [1, 2]),
        ("2020 < year", [1, 2]),
        ("YEAR <> 2021", [0, 3]),
        ("year != 2021", [0, 3]),
        ("year > 1000", [0, 1, 2]),
        ("year >= 2020 AND year <= 2020", [0]),
        ("year between 2020 and 2021", [0, 1, 2]),
        ("year in (900, 2020)", [0, 3]),
        ("year not in (900, 2020)", [1, 2]),
        ("dt > '2021-01-01'", [1, 2]),
        ("dt = date '2020-01-31'", [0]),
        ("at >= '2021-06-01 00:00:01'", [2]),
        ("region = 'us'", [1]),
        ("region like 'us%'", [1, 2]),
        ("region like 'u_'", [1]),
        ("region LIKE '%.%'", []),
        ("region <> 'us'", [0, 2]),
        ("not region = 'us'", [0, 2]),
        ("region is null", [3]),
        ("region is not null", [0, 1, 2]),
        ("share < 2", [0, 3]),
        ("share = 10.0", [2]),
        ("(year = 2020 or year = 900) and region = 'eu'", [0]),
        ("year = 2020 or region = 'us' and year = 2021", [0, 1]),
    ],
)
def test_a_condition_of_sql(expression: str, expected: list[int]) -> None:
    assert matching(expression) == expected


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("nosuch = 1", "Unknown column 'nosuch'"),
        ("year = 'abc'", '"abc" is not an integer'),
        ("dt = 'yesterday'", '"yesterday" is not a date'),
        ("year like '20%'", "Integral data type doesn't support operation 'LIKE'"),
        ("total nonsense here", "Unsupported expression"),
        ("year = year", "Unsupported expression"),
        ("year = 2020 + 1", "Unsupported expression"),
        ("upper(region) = 'US'", "Unsupported expression"),
        ("year =", "Unsupported expression"),
        ("year", "Unsupported expression"),
    ],
)
def test_what_is_no_condition_is_refused(expression: str, words: str) -> None:
    with pytest.raises(AwsError, match=r"Unsupported|Unknown|not an?|doesn't") as refused:
        matcher(expression, KEYS)
    assert refused.value.code == "InvalidInputException"
    assert words in refused.value.message


def test_a_type_that_no_key_can_have_is_refused() -> None:
    with pytest.raises(AwsError, match="Unknown type : 'array<int>'"):
        matcher("a = 1", [{"Name": "a", "Type": "array<int>"}])
