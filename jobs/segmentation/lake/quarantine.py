"""The table of rows that cannot be used: what stands rejected now, not what ever was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812 - the name that every Spark code base uses

from ingestion.state.places import is_data
from ingestion.state.storage import StoredObject
from segmentation.lake.files import Files, empty, schema
from segmentation.lake.table_state import TableState

REASON, RAW = "_reason", "_raw"
COLUMNS = {
    **dict.fromkeys(("source_table", "row_key", "reason", "raw", "run_id"), "string"),
    "rejected_at": "timestamp",
}
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
            return empty(spark, COLUMNS)
        return spark.read.schema(schema(COLUMNS)).parquet(str(place))

    def _after(self, rejected: DataFrame | None, there: DataFrame, touched: DataFrame | None) -> DataFrame:
        again = there.limit(0) if rejected is None else self._since(rejected, there)
        if touched is None:
            return again
        return again.unionByName(there.join(touched, "row_key", "left_anti"))

    def _since(self, rejected: DataFrame, there: DataFrame) -> DataFrame:
        """Rejected rows with the run that rejected them first."""
        run, now = F.lit(self.files.places.run_id), F.lit(self.started.isoformat()).cast("timestamp")
        if not self.before.quarantined:
            return rejected.select(*IDENTITY, run.alias("run_id"), now.alias("rejected_at"))
        first = there.groupBy(*IDENTITY).agg(F.min("run_id").alias("_run"), F.min("rejected_at").alias("_at"))
        joined = rejected.join(first, [rejected[name].eqNullSafe(first[name]) for name in IDENTITY], "left")
        return joined.select(
            *[rejected[name] for name in IDENTITY],
            F.coalesce("_run", run).alias("run_id"),
            F.coalesce("_at", now).alias("rejected_at"),
        )

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


def without_key(names: Sequence[str]) -> Column:
    """Whether one of these columns is missing in a key as text, where null has no field."""
    return reduce(or_, [F.get_json_object("row_key", f"$.{name}").isNull() for name in names])
