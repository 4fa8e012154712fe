"""Cheap ways to read a date and to name its partition say what Spark says; a line is parsed once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ingestion.description import Column, DataSet, NamedQuery, Partition, Source

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

DAYS = ("0999-01-02", "1999-12-31", "2022-02-03", "2022-12-07", "9999-10-11")


def described(column: Column, pattern: str = "yyyy-MM") -> DataSet:
    return DataSet(
        name="dated",
        description="",
        source=Source("dated/"),
        columns=(Column("date", "date"), column),
        key=("date",),
        queries=(NamedQuery("all", "SELECT 1"),),
        partition=Partition("part", "date", pattern),
    )


@pytest.mark.parametrize(
    "pattern", ["yy", "yyyy", "yyyy-M", "yyyy-MM", "yyyy-MM-d", "yyyy-MM-dd", "yyyyMM", "MMM-yy"]
)
def test_a_partition_is_named_as_its_pattern_says(spark: SparkSession, pattern: str) -> None:
    from pyspark.sql import functions as F  # noqa: N812

    from ingestion.read import rows

    dataset = described(Column("x", "string"), pattern)
    days = spark.range(1).select(F.explode(F.array(*map(F.lit, DAYS))).alias("text"))
    dates = days.select(F.col("text").cast("date").alias("date"), "text")
    for given in (F.col("text"), F.col("text").substr(1, 4)):
        name = rows.partition(dataset, {"date": given})
        found = dates.select(name, F.date_format("date", pattern)).collect()
        assert [row[0] for row in found] == [row[1] for row in found]


def test_the_partition_of_a_date_that_looks_iso_but_is_not_is_that_of_the_date(spark: SparkSession) -> None:
    from pyspark.sql import functions as F  # noqa: N812

    from ingestion.read import rows, times

    column = Column("date", "date", formats=("yyyy-dd-MM", "yyyy-MM-dd"))
    dataset = replace(described(Column("x", "string")), columns=(column,))
    text = F.lit("2022-12-07")
    dates = spark.range(1).select(times.described(column, text).alias("date"))
    assert dates.select(rows.partition(dataset, {"date": text})).collect() == [("2022-07",)]


@pytest.mark.parametrize(("kind", "value"), [("date", "2022-12-07"), ("timestamp", "2022-12-07 00:00:00")])
def test_a_text_of_one_format_has_the_type_of_its_column(spark: SparkSession, kind: str, value: str) -> None:
    from pyspark.sql import functions as F  # noqa: N812

    from ingestion.read import rows

    column = Column("seen", kind, formats=("yyyy-MM-dd",))
    typed = rows._typed(described(column), column, F.lit("2022-12-07")).alias("seen")
    found = spark.range(1).select(typed)
    assert found.dtypes == [("seen", kind)]
    assert found.select(F.col("seen").cast("string")).collect()[0][0] == value


def test_a_good_line_is_parsed_in_one_step_and_only_a_doubtful_one_again(spark: SparkSession) -> None:

    steps = judged_counts(spark)._jdf.queryExecution().optimizedPlan().toString().splitlines()
    again, first = [step for step in steps if "from_json" in step]
    assert " THEN " in again.partition("from_json")[0]
    assert " THEN " not in first.partition("from_json")[0]


def test_a_filter_by_outcome_is_not_written_down_to_the_text(spark: SparkSession) -> None:
    """Below, it would hold all that OUTCOME is made of once more at each use: Spark planned for a minute."""
    from pyspark.sql import functions as F  # noqa: N812

    from ingestion.read import rows

    judged = judged_counts(spark)
    whole, kept = (
        len(frame._jdf.queryExecution().optimizedPlan().toString())
        for frame in (judged, judged.where(F.col(rows.OUTCOME) == rows.ACCEPTED))
    )
    assert kept < whole + 100


def judged_counts(spark: SparkSession) -> DataFrame:
    from pyspark.sql import functions as F  # noqa: N812

    from ingestion.read import rows

    dataset = described(Column("count", "bigint"))
    places = [F.lit("key").alias(rows.OBJECT), F.lit(0).alias(rows.BLOCK), F.col("id").alias(rows.ID)]
    lines = spark.range(1).select(F.col("id").cast("string").alias(rows.RAW), *places)
    return rows.judge(rows.parse(lines, dataset), dataset)
