"""Which lines are read once more, by the digits of their numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MADE = ("3.1", "-3.1", "1.0E10", "-1.5E-7", '"Infinity"', '"-Infinity"', "0", '{"a":1.5}', "[1.5]", "0.0")
OTHERS = (
    "", "-", "00", "05001", "3", "-3", "3.", ".5", "-.5", "2022-12-07", "2022-12-07T12:30:45.5", "x3.1",
    "+3.1", " 3.1", "Infinity", '"Inf"', "St. Helens", "a\n3.1", "\u0663.1", "(x)", "}", "]",
)  # fmt: skip


def test_a_text_that_spark_made_of_a_number_is_told_by_its_first_bytes(spark: SparkSession) -> None:
    from pyspark.sql import functions as F  # noqa: N812

    from ingestion.read import exact

    text = F.col("text")
    found = spark.createDataFrame([(one,) for one in (*MADE, *OTHERS)], "text string")
    looks, pattern = exact._may_be_made(text), text.rlike(exact._MADE_WHOLE)
    told = {row[0]: (row[1], row[2]) for row in found.select(text, looks & pattern, pattern).collect()}
    assert [one for one, (first, second) in told.items() if first != second] == []
    assert {one for one, (first, _) in told.items() if first} == {*MADE}
