"""The tables beside the main one: elements of its arrays, superseded rows, rejected rows."""

from __future__ import annotations

import json
import operator
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812 - the name that every Spark code base uses

from ingestion.description import JSON, DataSet, Unnested
from ingestion.description.model import HISTORY_COLUMNS, WHOLE_TABLE
from ingestion.read import rows
from ingestion.read.source import Reading
from ingestion.state.ledger import Ledger, Plan
from ingestion.state.places import Places, Table, data_files
from ingestion.write import merge as merging
from ingestion.write.files import TableFiles
from ingestion.write.publish import Change
from ingestion.write.staged import Staged

HISTORY_SCHEMA = ", ".join(f"`{name}` {kind}" for name, kind in HISTORY_COLUMNS.items())
NO_DATE = "unknown"  # the partition of older rows without the date that is the partition field now
QUARANTINE_SCHEMA = (
    "source_object string, line bigint, reason string, raw string, run_id string, rejected_at timestamp"
)


class SideTables:
    """Stages them, once the main table is staged; `started` is the run's time."""

    def __init__(self, files: TableFiles, dataset: DataSet, places: Places, started: datetime) -> None:
        self._files = files
        self._dataset = dataset
        self._places = places
        self._started = F.lit(started.isoformat()).cast("timestamp")
        self._run_id = places.staging.key.rstrip("/").rpartition("/")[2]

    def count_staged(self) -> tuple[dict[str, int], dict[str, dict[str, int]]]:
        """What is staged of the main table: the rows of each partition, and those that it gives to others."""
        staged = self._files.staged(self._places.main, self._dataset)
        sizes = []
        for described in self._dataset.unnested:
            arrays = [self._dataset.column(name).table_name for name in described.columns]
            size = reduce(operator.add, (F.greatest(F.size(name), F.lit(0)) for name in arrays))
            sizes.append(F.sum(size).alias(described.name))
        counted = staged.groupBy(rows.PARTITION).agg(F.count(F.lit(1)).alias("rows"), *sizes).collect()
        elements = {
            one.name: {row[rows.PARTITION]: row[one.name] for row in counted if row[one.name]}
            for one in self._dataset.unnested
        }
        return {row[rows.PARTITION]: row["rows"] for row in counted}, elements

    def unnested(
        self, changed: Collection[str], elements: Mapping[str, Mapping[str, int]]
    ) -> Iterator[Change]:
        """The elements in the changed partitions; a partition that has none left is removed."""
        for described, table in zip(self._dataset.unnested, self._places.unnested, strict=True):
            found = elements.get(described.name, {})
            counts = {name: rows_ for name, rows_ in found.items() if name in changed}
            if counts:
                self._files.write(table, self._elements(self._staged(list(counts)), described))
            yield from self._replaced(table, changed, counts)

    def _staged(self, partitions: list[str]) -> DataFrame:
        staged = self._files.staged(self._places.main, self._dataset)
        return staged.where(F.col(rows.PARTITION).isin(partitions))

    def history(
        self, staged: Staged, ledger: Ledger, rules_changed: bool
    ) -> tuple[list[Change], dict[str, int]] | None:
        """The history of the partitions where a row was restated or removed: the old rows and the new ones.

        With `rules_changed` that of all partitions: types and partition key may have changed. None if nothing
        changes.
        """
        table, counted = self._places.history, ledger.others.get(self._places.history.name)
        if counted is None:
            counted = self._history_rows()
        moved = rules_changed and bool(data_files(self._files.storage, table.folder))
        superseded = staged.changes[merging.SUPERSEDED] + staged.changes[merging.REMOVED]
        if not moved and not (staged.merged and superseded):
            return None
        before = self._moved_history(ledger) if moved else self._history(staged.changed)
        frames = [before] if before is not None else []
        if staged.merged and superseded:
            frames.append(self._superseded(staged.merged))
        self._files.write(table, reduce(DataFrame.unionByName, frames).repartition(rows.PARTITION))
        counts = _without_empty(self._files.staged_rows(table))
        if not moved:
            return self._replaced(table, counts, counts), {**counted, **counts}
        own = map(table.value, table.folders(self._files.storage))
        return self._replaced(table, own, counts), counts

    def _superseded(self, merged: DataFrame) -> DataFrame:
        change = F.when(F.col(merging.CHANGE) == merging.REMOVED, merging.REMOVED).otherwise(merging.RESTATED)
        return merged.where(F.col(merging.CHANGE).isin(merging.REMOVED, merging.SUPERSEDED)).select(
            *self._dataset.table_columns,
            change.alias("change"),
            self._started.alias("superseded_at"),
            F.lit(self._run_id).alias("superseded_by"),
            rows.PARTITION,
        )

    def _history(self, partitions: Collection[str] | None) -> DataFrame | None:
        schema = f"{self._dataset.schema}, {HISTORY_SCHEMA}"
        return self._files.read(self._places.history, schema, partitions)

    def _history_rows(self) -> dict[str, int]:
        """The rows of each published partition of the history, for a ledger that does not know them."""
        found = self._history(None)
        if found is None:
            return {}
        return {row[0]: row[1] for row in found.groupBy(rows.PARTITION).count().collect()}

    def _moved_history(self, ledger: Ledger) -> DataFrame:
        """All of it, in the present columns and partitions; values that do not fit a new type are NULL."""
        reader = self._files.spark.read.option("recursiveFileLookup", "true")
        if ledger.columns:
            then = ", ".join(f"`{name}` {kind}" for name, kind in ledger.columns.items())
            reader = reader.schema(f"{then}, {HISTORY_SCHEMA}")
        found = reader.parquet(str(self._places.history.folder))
        columns = [_converted(found, column.table_name, column.type) for column in self._dataset.columns]
        partition = F.coalesce(rows.partition(self._dataset), F.lit(NO_DATE))
        return found.select(*columns, *HISTORY_COLUMNS).withColumn(rows.PARTITION, partition)

    def quarantine(
        self, plan: Plan, ledger: Ledger, reading: Reading
    ) -> tuple[list[Change], dict[str, int]] | None:
        """All rows in quarantine after this run: those of objects that were read again or are gone leave it.

        None if nothing changes.
        """
        table = self._places.quarantine
        gone = [
            key for key in ledger.quarantined if key in {*plan.vanished, *(item.key for item in plan.fresh)}
        ]
        rejected = self.rejected(reading)
        if not (gone or rejected is not None or plan.everything):
            return None
        frames = [] if rejected is None else [rejected]
        before = None if plan.everything else self._files.read(table, QUARANTINE_SCHEMA, None)
        if before is not None:
            names = [f"s3://{self._places.source.bucket}/{key}" for key in gone]
            frames.append(before.drop(rows.PARTITION).where(~F.col("source_object").isin(names)))
        if not frames:
            return self._replaced(table, [WHOLE_TABLE], {}), {}
        one_task = reduce(DataFrame.unionByName, frames).repartition(1)
        ordered = one_task.sortWithinPartitions("source_object", "line")
        self._files.write(table, ordered.withColumn(rows.PARTITION, F.lit(WHOLE_TABLE)))
        counts = _without_empty(self._files.staged_rows(table))
        return self._replaced(table, [WHOLE_TABLE], counts), counts

    def rejected(self, reading: Reading) -> DataFrame | None:
        """The rejected rows as the quarantine has them; None if there are none."""
        named = {rejection.object for rejection in reading.scan.rejections()}
        if reading.judged is None or not named:
            return None
        offsets = {f"{key}:{b}": n for (key, b), n in reading.scan.line_offsets().items() if key in named}
        known = F.from_json(F.lit(json.dumps(offsets)), "map<string, bigint>")
        place = F.concat_ws(":", rows.OBJECT, F.col(rows.BLOCK).cast("string"))
        return reading.judged.where(F.col(rows.OUTCOME) == rows.REJECTED).select(
            F.concat(F.lit(f"s3://{self._places.source.bucket}/"), F.col(rows.OBJECT)).alias("source_object"),
            (F.col(rows.ID) + F.element_at(known, place)).alias("line"),
            self._reason().alias("reason"),
            F.col(rows.RAW).alias("raw"),
            F.lit(self._run_id).alias("run_id"),
            self._started.alias("rejected_at"),
        )

    def _reason(self) -> Column:
        """The reason; for a JSON field of a wrong type with the column."""
        if self._dataset.source.format != JSON:
            return F.col(rows.REASON)
        wrong = [
            F.when(self._is_wrong(name, column.source_type), f"wrong_type_{column.table_name}")
            for column in self._dataset.columns
            if column.source_type != "string"
            for name in column.names
        ]
        found = F.coalesce(*wrong, F.col(rows.REASON))
        return F.when(F.col(rows.REASON) == "wrong_type", found).otherwise(F.col(rows.REASON))

    @staticmethod
    def _is_wrong(name: str, kind: str) -> Column:
        given = F.get_json_object(rows.RAW, f"$['{name}']").isNotNull()
        return given & F.from_json(rows.RAW, f"`{name}` {kind}").getField(name).isNull()

    def _elements(self, table: DataFrame, described: Unnested) -> DataFrame:
        key = dict.fromkeys([*self._dataset.key, *described.carried])
        carried = [self._dataset.column(name).table_name for name in key]
        frames = []
        for name in described.columns:
            array = self._dataset.column(name).table_name
            label = F.lit(array).alias(described.label)
            frames.append(table.select(*carried, label, F.explode(array).alias("_element"), rows.PARTITION))
        unioned = reduce(DataFrame.union, frames)
        return unioned.select(*carried, described.label, "_element.*", rows.PARTITION).repartition(
            rows.PARTITION
        )

    def _replaced(self, table: Table, changed: Iterable[str], counts: dict[str, int]) -> list[Change]:
        """Every changed partition with its staged file, or without one if it has no rows any more."""
        there = {table.value(folder) for folder in table.folders(self._files.storage)}
        files = data_files(self._files.storage, table.staging) if counts else {}
        named = {*counts, *(there & set(changed))}
        return [
            Change.of(table, name, files[table.partition_folder(name)] if name in counts else None)
            for name in sorted(named)
        ]


def _converted(frame: DataFrame, name: str, kind: str) -> Column:
    if name not in frame.columns:
        return F.lit(None).cast(kind).alias(name)
    then = frame.schema[name].dataType.simpleString()
    text = F.to_json(name) if "<" in then else F.col(name).cast("string")
    value = F.col(name) if then == kind else F.from_json(text, kind) if "<" in kind else text.cast(kind)
    return value.alias(name)


def _without_empty(counts: dict[str, int]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count}
