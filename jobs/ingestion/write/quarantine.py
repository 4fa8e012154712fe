"""The table of rejected rows; and what is written of them under `refused/`, if they are too many."""

from __future__ import annotations

import json
from datetime import datetime
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812 - the name that every Spark code base uses

from ingestion.description import JSON, DataSet
from ingestion.description.model import WHOLE_TABLE
from ingestion.errors import TooManyRejectedError
from ingestion.read import rows, schema_change
from ingestion.read.source import Reading
from ingestion.state.ledger import Ledger, Plan
from ingestion.state.places import Places
from ingestion.state.publish import Change
from ingestion.write import replacement
from ingestion.write.files import NO_MARKER, TableFiles

QUARANTINE_SCHEMA = (
    "source_object string, line bigint, reason string, raw string, run_id string, rejected_at timestamp"
)


class Quarantine:
    """Writes the rejected rows of a run; `started` is the run's time."""

    def __init__(self, files: TableFiles, dataset: DataSet, places: Places, started: datetime) -> None:
        self._files = files
        self._dataset = dataset
        self._places = places
        self._started = F.lit(started.isoformat()).cast("timestamp")

    def refuse_too_many(self, reading: Reading) -> None:
        """Write all rejected rows under `refused/` and raise TooManyRejectedError, if they are too many."""
        scan, count = reading.scan, reading.scan.rows(rows.REJECTED)
        if count <= self._dataset.max_rejected * scan.rows_read:
            return
        rejected, refused = self._rejected(reading), self._places.refused
        if rejected is not None:
            writer = rejected.repartition(1).write.mode("overwrite").options(**NO_MARKER)
            writer.parquet(str(refused))
        worst = scan.rejections()[0]
        raise TooManyRejectedError(
            f"{count} of {scan.rows_read} rows are rejected, over {self._dataset.max_rejected:.0%}; most "
            f"for `{worst.reason}`, as {worst}; all are in {refused}: correct the source or "
            f"{schema_change.where(self._dataset)}, nothing was published"
        )

    def stage(
        self, plan: Plan, ledger: Ledger, reading: Reading
    ) -> tuple[list[Change], dict[str, int]] | None:
        """All rows in quarantine after this run: those of objects that were read again or are gone leave it.

        None if nothing changes.
        """
        table = self._places.quarantine
        gone = [
            key for key in ledger.quarantined if key in {*plan.vanished, *(item.key for item in plan.fresh)}
        ]
        rejected = self._rejected(reading)
        if not (gone or rejected is not None or plan.everything):
            return None
        frames = [] if rejected is None else [rejected]
        before = None if plan.everything else self._files.read(table, QUARANTINE_SCHEMA, None)
        if before is not None:
            names = [f"s3://{self._places.source.bucket}/{key}" for key in gone]
            frames.append(before.drop(rows.PARTITION).where(~F.col("source_object").isin(names)))
        if not frames:
            return replacement.of_side(self._files.storage, table, [WHOLE_TABLE], {}), {}
        one_task = reduce(DataFrame.unionByName, frames).repartition(1)
        ordered = one_task.sortWithinPartitions("source_object", "line")
        self._files.write(table, ordered.withColumn(rows.PARTITION, F.lit(WHOLE_TABLE)))
        counts = self._files.staged_rows(table)
        return replacement.of_side(self._files.storage, table, [WHOLE_TABLE], counts), counts

    def _rejected(self, reading: Reading) -> DataFrame | None:
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
            F.lit(self._places.run_id).alias("run_id"),
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
