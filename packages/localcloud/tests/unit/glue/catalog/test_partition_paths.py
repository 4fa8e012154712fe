"""The names of partitions' folders."""

from __future__ import annotations

import pytest

from localcloud.glue.catalog.partition_paths import escape, partition_name, unescape


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("2020-01-01", "2020-01-01"),
        ("a b", "a b"),
        ("a/b", "a%2Fb"),
        ("10:00:00", "10%3A00%3A00"),
        ("a=b", "a%3Db"),
        ("50%", "50%25"),
        ("x{y}[z]^", "x%7By}%5Bz%5D%5E"),
        ("ü", "ü"),
    ],
)
def test_signs_that_mean_something_in_a_path_are_escaped(text: str, escaped: str) -> None:
    assert escape(text) == escaped
    assert unescape(escaped) == text


def test_an_empty_value_is_none() -> None:
    assert partition_name(["a", "b"], ["", "x:y"]) == "a=__HIVE_DEFAULT_PARTITION__/b=x%3Ay"
