"""Which texts are dates and timestamps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

TEXTS = (
    "2020-01-02", "2020-1-2", "2020-01-2", "2020-01-02T00:00", "2020-13-01", "2020-02-30", "2020-01-0a",
    "20é0-01-02", "20é-01-02", "ab-é-01-02", "2020-01-0٣", "\uff12020-01-02", "éééé-éé-éé", "0000-01-01",
    "-020-01-02", "2020-01-\t2", "\t020-01-02", "2020-01-02 ", "\u00a0020-01-02", "", "-", "----------",
)  # fmt: skip


def test_a_date_is_told_by_its_bytes_as_by_its_signs(spark: SparkSession) -> None:
    from pyspark.sql import functions as F  # noqa: N812

    from ingestion.read import times

    text = F.col("text")
    dashes = (F.substring(text, 5, 1) == "-") & (F.substring(text, 8, 1) == "-")
    by_signs = (F.length(text) == 10) & dashes & F.substring(text, 10, 1).between("0", "9")
    expected = F.when(by_signs, text.cast("date")).cast("string")
    found = spark.range(1).select(F.explode(F.array(*map(F.lit, TEXTS))).alias("text"))
    compared = found.select(times.iso_date(text).cast("string"), expected).collect()
    assert [row[0] for row in compared] == [row[1] for row in compared]
    assert {row[0] for row in compared} == {"2020-01-02", "0000-01-01", None}


TIME = "2022-12-07T12:30:45"


def nearly_times() -> Iterator[str]:
    """A time with other signs in one place or two that lie side by side, or with more or fewer."""
    signs = "09 T:-+.Z\t\u00a0\u0663x"
    for place in range(len(TIME)):
        for one in signs:
            yield TIME[:place] + one + TIME[place + 1 :]
            yield TIME[:place] + one + TIME[place:-1]
            yield from (TIME[:place] + one + other + TIME[place + 2 :] for other in signs)


def test_a_time_is_told_by_its_bytes_as_by_its_pattern(spark: SparkSession) -> None:
    from pyspark.sql import functions as F  # noqa: N812

    from ingestion.read import times

    text = F.col("text")
    by_pattern = F.when(text.rlike(times._TIMESTAMP), text.cast("timestamp"))
    found = spark.createDataFrame([(one,) for one in sorted({*nearly_times()})], "text string")
    compared = found.select(
        text, times.iso_timestamp(text).cast("string"), by_pattern.cast("string")
    ).collect()
    assert [row[1] for row in compared] == [row[2] for row in compared]
    assert {row[0] for row in compared if row[1]} >= {TIME, "2022-12-07 12:30:45"}
