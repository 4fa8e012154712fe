"""How Spark reads and writes the files of a table: cut by the hash of the key, each part one file."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - the name that every Spark code base uses

from ingestion.state.storage import Storage, StoredObject
from segmentation.errors import InconsistentCountError
from segmentation.lake.places import Places
from segmentation.lake.table_state import TableState

BUCKET = "_bucket"
ROWS_PER_FILE = 250_000
MAX_FILES = 256
MAX_TASKS = 32
SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    # Times of any year are written as they are; Spark would refuse those before 1900.
    "spark.sql.parquet.int96RebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.int96RebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
}
NO_MARKER = {"mapreduce.fileoutputcommitter.marksuccessfuljobs": "false"}


def session(name: str) -> SparkSession:
    """The Spark session of the job, in UTC."""
    spark = SparkSession.builder.appName(name).getOrCreate()
    for setting, value in SETTINGS.items():
        spark.conf.set(setting, value)
    return spark


def buckets_for(rows: int, now: int = 0) -> int:
    """Into how many files a table of so many rows is cut: a power of two, and changed only for good reason.

    `now` is into how many it is cut already: that stays until files are twice as long as they should be, or
    an eighth of it.
    """
    wanted = 1
    while wanted * ROWS_PER_FILE < rows and wanted < MAX_FILES:
        wanted *= 2
    return now if now and now // 8 < wanted <= now * 2 else wanted


def bucket(key: Sequence[str], buckets: int) -> Column:
    """Which file a row belongs to."""
    return F.pmod(F.xxhash64(*[F.col(name) for name in key]), F.lit(buckets)).cast("int")


@dataclass(frozen=True)
class Files:
    """The files of one table, published and staged."""

    spark: SparkSession
    storage: Storage
    places: Places

    def published(self, state: TableState, numbers: Collection[int] | None = None) -> DataFrame | None:
        """The rows that queries see, of those files or of all; None if there are none."""
        chosen = range(len(state.buckets)) if numbers is None else numbers
        paths = [
            f"s3://{self.places.lake.bucket}/{self.places.file(number, len(state.buckets))}"
            for number in sorted(chosen)
            if state.buckets[number]
        ]
        if not paths:
            return None
        return self.spark.read.schema(schema(state.columns)).parquet(*paths)

    def stage(self, rows: DataFrame, key: Sequence[str], folder: str, files: int) -> None:
        """Write rows with their BUCKET: one file for each, of so many, in the order of the keys."""
        tasks = min(MAX_TASKS, files, self.spark.sparkContext.defaultParallelism * 4)
        ordered = rows.repartition(tasks, BUCKET).sortWithinPartitions(BUCKET, *key)
        writer = ordered.write.mode("overwrite").options(**NO_MARKER)
        writer.partitionBy(BUCKET).parquet(str(self.places.staging.folder(folder)))

    def staged(self, folder: str, expected: Mapping[int, int]) -> dict[int, StoredObject]:
        """The staged file of each bucket that has rows. Raises InconsistentCountError for another number."""
        place = self.places.staging.folder(folder)
        found: dict[int, StoredObject] = {}
        for item in self.storage.list(place):
            match = re.fullmatch(rf"{BUCKET}=(\d+)/part-[^/]*\.parquet", item.key.removeprefix(place.key))
            if match:
                found[int(match[1])] = item
        if found.keys() != (wanted := {number for number, rows in expected.items() if rows}):
            raise InconsistentCountError(
                f"{place}: {len(found)} files are staged for {len(wanted)} with rows: run it again; nothing "
                "was published"
            )
        return found

    def keep(self, rows: DataFrame, folder: str) -> DataFrame:
        """Write rows where this run can read them again without computing them again."""
        place = str(self.places.staging.folder(folder))
        rows.write.mode("overwrite").options(**NO_MARKER).parquet(place)
        return self.spark.read.schema(rows.schema).parquet(place)


def empty(spark: SparkSession, columns: Mapping[str, str]) -> DataFrame:
    """A frame without rows. Spark makes it: for one of Python's it would start a process."""
    nothing = spark.range(0)
    return nothing.select(*[F.lit(None).cast(kind).alias(name) for name, kind in columns.items()])


def schema(columns: Mapping[str, str]) -> str:
    return ", ".join(f"`{name}` {kind}" for name, kind in columns.items())


def columns_of(rows: DataFrame) -> dict[str, str]:
    """Names and types, as a state has them."""
    fields: Any = rows.schema.fields
    return {field.name: field.dataType.simpleString() for field in fields}
