"""The table of superseded rows: what was published before a row was restated or removed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812 - the name that every Spark code base uses

from ingestion.description import DataSet
from ingestion.description.model import HISTORY_COLUMNS
from ingestion.read import rows
from ingestion.state.ledger import Ledger
from ingestion.state.places import Places, data_files
from ingestion.state.publish import Change
from ingestion.write import merge as merging
from ingestion.write import replacement
from ingestion.write.files import TableFiles
from ingestion.write.staged import Staged

HISTORY_SCHEMA = ", ".join(f"`{name}` {kind}" for name, kind in HISTORY_COLUMNS.items())
NO_DATE = "unknown"  # the partition of older rows without the date that is the partition field now


class History:
    """Stages it, once the main table is staged; `started` is the run's time."""

    def __init__(self, files: TableFiles, dataset: DataSet, places: Places, started: datetime) -> None:
        self._files = files
        self._dataset = dataset
        self._places = places
        self._started = F.lit(started.isoformat()).cast("timestamp")

    def stage(
        self, staged: Staged, ledger: Ledger, rules_changed: bool
    ) -> tuple[list[Change], dict[str, int]] | None:
        """The history of the partitions where a row was restated or removed: the old rows and the new ones.

        With `rules_changed` that of all partitions: types and partition key may have changed. None if nothing
        changes.
        """
        table, counted = self._places.history, ledger.others.get(self._places.history.name)
        if counted is None:
            counted = self._published_rows()
        moved = rules_changed and bool(data_files(self._files.storage, table.folder))
        superseded = staged.changes[merging.SUPERSEDED] + staged.changes[merging.REMOVED]
        if not moved and not (staged.merged and superseded):
            return None
        before = self._moved(ledger) if moved else self._published(staged.changed)
        frames = [before] if before is not None else []
        if staged.merged and superseded:
            frames.append(self._superseded(staged.merged))
        self._files.write(table, reduce(DataFrame.unionByName, frames).repartition(rows.PARTITION))
        counts = self._files.staged_rows(table)
        if not moved:
            return replacement.of_side(self._files.storage, table, counts, counts), {**counted, **counts}
        own = map(table.value, table.folders(self._files.storage))
        return replacement.of_side(self._files.storage, table, own, counts), counts

    def _superseded(self, merged: DataFrame) -> DataFrame:
        change = F.when(F.col(merging.CHANGE) == merging.REMOVED, merging.REMOVED).otherwise(merging.RESTATED)
        return merged.where(F.col(merging.CHANGE).isin(merging.REMOVED, merging.SUPERSEDED)).select(
            *self._dataset.table_columns,
            change.alias("change"),
            self._started.alias("superseded_at"),
            F.lit(self._places.run_id).alias("superseded_by"),
            rows.PARTITION,
        )

    def _published(self, partitions: Collection[str] | None) -> DataFrame | None:
        schema = f"{self._dataset.schema}, {HISTORY_SCHEMA}"
        return self._files.read(self._places.history, schema, partitions)

    def _published_rows(self) -> dict[str, int]:
        """The rows of each published partition of the history, for a ledger that does not know them."""
        found = self._published(None)
        if found is None:
            return {}
        return {row[0]: row[1] for row in found.groupBy(rows.PARTITION).count().collect()}

    def _moved(self, ledger: Ledger) -> DataFrame:
        """All of it, in the present columns and partitions; values that do not fit a new type are NULL."""
        reader = self._files.spark.read.option("recursiveFileLookup", "true")
        if ledger.columns:
            then = ", ".join(f"`{name}` {kind}" for name, kind in ledger.columns.items())
            reader = reader.schema(f"{then}, {HISTORY_SCHEMA}")
        found = reader.parquet(str(self._places.history.folder))
        columns = [_converted(found, column.table_name, column.type) for column in self._dataset.columns]
        partition = F.coalesce(rows.partition(self._dataset), F.lit(NO_DATE))
        return found.select(*columns, *HISTORY_COLUMNS).withColumn(rows.PARTITION, partition)


def _converted(frame: DataFrame, name: str, kind: str) -> Column:
    if name not in frame.columns:
        return F.lit(None).cast(kind).alias(name)
    then = frame.schema[name].dataType.simpleString()
    text = F.to_json(name) if "<" in then else F.col(name).cast("string")
    value = F.col(name) if then == kind else F.from_json(text, kind) if "<" in kind else text.cast(kind)
    return value.alias(name)
