"""Counts of lines by object, block, partition, outcome and reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ingestion.read.rows import ACCEPTED, FILTERED_OUT, NO_ROW, REJECTED
from ingestion.read.scan import Group, Rejection, Scan

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def group(
    key: str, block: int, outcome: str, lines: int, first: int, partition: str = "", reason: str = ""
) -> Group:
    return Group(key, block, partition, outcome, reason, lines, first, frozenset())


# Spark numbers the lines of each task from any number on; b was read by two tasks.
SCAN = Scan(
    (
        group("a", 0, ACCEPTED, 2, 0, "2022-11"),
        group("a", 0, ACCEPTED, 1, 3, "2022-12"),
        group("a", 0, REJECTED, 1, 2, reason="missing_date"),
        group("b", 0, NO_ROW, 1, 100),
        group("b", 0, REJECTED, 2, 101, reason="missing_date"),
        group("b", 64, REJECTED, 1, 9001, reason="bad_date"),
        group("b", 64, FILTERED_OUT, 1, 9000),
    )
)


def test_rows_are_counted_by_outcome_and_object() -> None:
    assert (SCAN.rows(ACCEPTED), SCAN.rows(REJECTED), SCAN.rows_read) == (3, 4, 8)
    assert SCAN.rows_of_objects() == {"a": 4, "b": 4}
    assert SCAN.rejected_of_objects() == {"a": 1, "b": 3}
    assert SCAN.objects == {"a", "b"}
    assert Scan().rows_read == 0


def test_accepted_rows_say_which_partitions_an_object_gave_to() -> None:
    assert SCAN.contributions() == {"a": ("2022-11", "2022-12")}
    assert SCAN.partitions() == {"2022-11", "2022-12"}


def test_a_line_is_numbered_in_its_object_from_one() -> None:
    assert SCAN.line_offsets() == {("a", 0): 1, ("b", 0): -99, ("b", 64): -8996}
    assert SCAN.rejections() == [
        Rejection("b", "missing_date", 2, 2),
        Rejection("a", "missing_date", 1, 3),
        Rejection("b", "bad_date", 1, 5),
    ]
    assert str(SCAN.rejections()[0]) == "b line 2"


def test_undescribed_fields_are_gathered_by_object() -> None:
    found = Scan(
        (
            Group("a", 0, "", ACCEPTED, "", 1, 0, frozenset({"x"})),
            Group("a", 0, "", REJECTED, "r", 1, 1, frozenset({"y"})),
            Group("b", 0, "", NO_ROW, "", 1, 0, frozenset({"z"})),
        )
    )
    assert found.unknown_of_objects() == {"a": {"x", "y"}}


@pytest.mark.parametrize("names", [None, ["x"]])
def test_lines_are_counted_with_the_undescribed_fields_of_their_group(
    spark: SparkSession, names: list[str] | None
) -> None:
    schema = (
        "_object string, _block bigint, _partition string, _outcome string, _reason string, _id bigint, "
        "_unknown array<string>"
    )
    lines = [
        ("a", 0, "2022-11", ACCEPTED, None, 7, names),
        ("a", 0, "2022-11", ACCEPTED, None, 6, ["x", "y"] if names else None),
        ("a", 0, None, REJECTED, "r", 5, None),
    ]
    found = {one.outcome: one for one in Scan.of(spark.createDataFrame(lines, schema)).groups}
    unknown = frozenset({"x", "y"} if names else ())
    assert found == {
        ACCEPTED: Group("a", 0, "2022-11", ACCEPTED, "", 2, 6, unknown),
        REJECTED: Group("a", 0, "", REJECTED, "r", 1, 5, frozenset()),
    }
