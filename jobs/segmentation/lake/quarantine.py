"""The table of rows that cannot be used: what stands rejected now, not what ever was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812 - the name that every Spark code base uses

from ingestion.state.places import is_data
from ingestion.state.storage import StoredObject
from segmentation.lake.files import Files
from segmentation.lake.table_state import TableState

REASON, RAW = "_reason", "_raw"
SCHEMA = (
    "source_table string, row_key string, reason string, raw string, run_id string, rejected_at timestamp"
)
IDENTITY = ("source_table", "row_key", "reason", "raw")


@dataclass(frozen=True)
class Quarantined:
    """All rows in quarantine after a run; `file` is None if there is none, or if nothing differs."""

    rows: int = 0
    file: StoredObject | None = None
    differs: bool = False


@dataclass(frozen=True)
class Quarantine:
    """`started` is the run's time, which a newly rejected row gets."""

    files: Files
    before: TableState
    started: datetime

    def stage(self, rejected: DataFrame | None, touched: DataFrame | None = None) -> Quarantined:
        """`rejected` has source_table, row_key, reason and raw, or is None for none.

        What stands there already stays if it is rejected again; with `touched`, the keys that a run has seen,
        also if it is not among these.
        """
        if rejected is None and not self.before.quarantined:
            return Quarantined()
        there = self._published()
        after = self._after(rejected, there, touched).repartition(1).sortWithinPartitions(*IDENTITY, "run_id")
        kept = self.files.keep(after, "quarantine")
        rows = kept.count()
        if rows == self.before.quarantined and not self._differs(kept, there):
            return Quarantined(rows)
        return Quarantined(rows, self._staged() if rows else None, differs=True)

    def _published(self) -> DataFrame:
        place, spark = self.files.places.quarantine, self.files.spark
        if not self.before.quarantined:
            return spark.createDataFrame([], SCHEMA)
        return spark.read.schema(SCHEMA).parquet(str(place))

    def _after(self, rejected: DataFrame | None, there: DataFrame, touched: DataFrame | None) -> DataFrame:
        if rejected is None:
            again = there.limit(0)
        else:
            first = there.groupBy(*IDENTITY).agg(
                F.min("run_id").alias("_run"), F.min("rejected_at").alias("_at")
            )
            same = [rejected[name].eqNullSafe(first[name]) for name in IDENTITY]
            joined = rejected.join(first, same, "left")
            again = joined.select(
                *[rejected[name] for name in IDENTITY],
                F.coalesce("_run", F.lit(self.files.places.run_id)).alias("run_id"),
                F.coalesce("_at", F.lit(self.started.isoformat()).cast("timestamp")).alias("rejected_at"),
            )
        if touched is None:
            return again
        return again.unionByName(there.join(touched, "row_key", "left_anti"))

    @staticmethod
    def _differs(kept: DataFrame, there: DataFrame) -> bool:
        before, after = there.select(*IDENTITY), kept.select(*IDENTITY)
        return bool(before.exceptAll(after).take(1) or after.exceptAll(before).take(1))

    def _staged(self) -> StoredObject | None:
        place = self.files.places.staging.folder("quarantine")
        found = [item for item in self.files.storage.list(place) if is_data(item.key.rpartition("/")[2])]
        return max(found, key=lambda item: item.size, default=None)


def row_key(key: Sequence[str]) -> Column:
    """A key of any types as text."""
    return F.to_json(F.struct(*[F.col(name) for name in key]))
