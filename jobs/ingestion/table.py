"""Rebuild partitions with Spark: one scan counts, filters, de-duplicates and writes them to staging."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from pyspark.sql import Column, DataFrame, Observation, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - the name that every Spark code base uses

from ingestion import rows
from ingestion.dataset import DataSet
from ingestion.errors import InconsistentCountError
from ingestion.ledger import Ledger, Plan
from ingestion.storage import Prefix

# Run-time settings only: a Glue job's session has its static ones before the script begins.
SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "false",
    "spark.sql.legacy.timeParserPolicy": "CORRECTED",  # a date like 2022-13-01 is NULL
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",  # month 2022-12 is text, not a date
    "spark.sql.debug.maxToStringFields": "1000",  # a warning in every log otherwise
}
NO_MARKER = {"mapreduce.fileoutputcommitter.marksuccessfuljobs": "false"}
ROWS_PER_FILE = 4_000_000


@dataclass(frozen=True)
class Built:
    """What was read and what lies in the staging prefix now.

    `partitions` maps each staged partition to its rows, `contributions` each fresh object to the
    partitions that it gave rows to. `affected` are the partitions to replace; None stands for all.
    """

    rows_read: int = 0
    rows_kept: int = 0
    rows_filtered_out: int = 0
    rows_rejected: int = 0
    rows_duplicate: int = 0
    objects_read: int = 0
    partitions: dict[str, int] = field(default_factory=dict)
    contributions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    affected: frozenset[str] | None = frozenset()
    areas_found: frozenset[str] = frozenset()

    @property
    def changes_table(self) -> bool:
        return self.affected is None or bool(self.affected)


class Builder:
    """Reads the objects of one data set as rows."""

    def __init__(self, spark: SparkSession, dataset: DataSet, areas: Collection[str], source: Prefix) -> None:
        for name, value in SETTINGS.items():
            spark.conf.set(name, value)
        self._spark = spark
        self._dataset = dataset
        self._areas = areas
        self._source = source

    def build(self, plan: Plan, ledger: Ledger, staging: str, quarantine: str) -> Built:
        """Write the affected partitions to `staging` and the rejected rows to `quarantine`."""
        fresh = [item.key for item in plan.fresh]
        if plan.everything:
            judged = self._judged(fresh) if plan.partial else self._judged_folder()
            return self._write(judged, fresh, None, staging, quarantine)
        affected = plan.stale | self._partitions_of(fresh)
        keys = fresh + ledger.contributors(plan.unchanged, affected)
        if not keys:
            return Built(affected=affected)
        judged = self._judged(keys, partitions=affected, fresh=fresh)
        return self._write(judged, keys, affected, staging, quarantine)

    def _judged_folder(self) -> DataFrame:
        """One listing of the folder instead of a look at each of thousands of objects."""
        return self._judge(self._spark.read.option("recursiveFileLookup", "true").text(str(self._source)))

    def _judged(self, keys: Iterable[str], **scope: Any) -> DataFrame:
        paths = [f"s3://{self._source.bucket}/{_without_globs(key)}" for key in keys]
        return self._judge(self._spark.read.text(paths), **scope)

    def _judge(self, text: DataFrame, **scope: Any) -> DataFrame:
        lines = rows.lines(text.select("value", "_metadata.file_path"))
        return rows.judge(rows.parse(lines, self._dataset), self._dataset, self._areas, **scope)

    def _partitions_of(self, keys: list[str]) -> frozenset[str]:
        if not keys:
            return frozenset()
        accepted = self._judged(keys).where(F.col(rows.OUTCOME) == rows.ACCEPTED)
        found = accepted.select(self._dataset.partition.name).distinct().collect()
        return frozenset(row[0] for row in found)

    def _write(
        self,
        judged: DataFrame,
        keys: list[str],
        affected: frozenset[str] | None,
        staging: str,
        quarantine: str,
    ) -> Built:
        incoming, outgoing = Observation("incoming"), Observation("outgoing")
        observed = judged.observe(incoming, *self._measures())
        kept = rows.newest(observed, self._dataset).observe(outgoing, F.count(F.lit(1)).alias("rows"))
        writer = kept.write.mode("overwrite").partitionBy(self._dataset.partition.name)
        writer.options(maxRecordsPerFile=ROWS_PER_FILE, **NO_MARKER).parquet(staging)
        counts, rows_kept = incoming.get, int(outgoing.get["rows"])
        self._quarantine(json.loads(counts["rejected_in"]), quarantine)
        return Built(
            rows_read=sum(int(counts[name]) for name in (rows.ACCEPTED, rows.FILTERED_OUT, rows.REJECTED)),
            rows_kept=rows_kept,
            rows_filtered_out=int(counts[rows.FILTERED_OUT]),
            rows_rejected=int(counts[rows.REJECTED]),
            rows_duplicate=int(counts[rows.ACCEPTED]) - rows_kept,
            objects_read=len(keys),
            partitions=self._staged_rows(staging, rows_kept),
            contributions=_grouped(json.loads(counts["contributions"])),
            affected=affected,
            areas_found=frozenset(json.loads(counts["areas"])),
        )

    def _measures(self) -> list[Column]:
        """Aggregates that Spark keeps while it scans; each set is as small as the ledger, never data."""
        outcome = F.col(rows.OUTCOME)
        counts = [
            F.count_if(outcome == name).alias(name)
            for name in (rows.ACCEPTED, rows.FILTERED_OUT, rows.REJECTED)
        ]
        pair = F.array(rows.OBJECT, self._dataset.partition.name)
        found = [
            F.collect_set(F.when(rows.area(name).isin(list(self._areas)), rows.area(name)))
            for name in self._dataset.subset
        ]
        return [
            *counts,
            F.to_json(F.collect_set(F.when(outcome == rows.ACCEPTED, pair))).alias("contributions"),
            F.to_json(F.collect_set(F.when(outcome == rows.REJECTED, F.col(rows.OBJECT)))).alias(
                "rejected_in"
            ),
            F.to_json(F.array_distinct(F.concat(*found))).alias("areas"),
        ]

    def _quarantine(self, keys: list[str], target: str) -> None:
        """Only the objects that hold rejected rows are read a second time."""
        if keys:
            rejected = rows.quarantined(self._judged(sorted(keys)), self._source.bucket)
            rejected.repartition(1).write.mode("overwrite").options(**NO_MARKER).json(target)

    def _staged_rows(self, staging: str, expected: int) -> dict[str, int]:
        """Count what the files really hold (from their footers), before any of them is published."""
        if not expected:
            return {}
        name = self._dataset.partition.name
        staged = self._spark.read.schema(f"`{name}` string").parquet(staging)
        counted = staged.groupBy(name).count().collect()
        partitions = {row[0]: row[1] for row in counted}
        if sum(partitions.values()) != expected:
            raise InconsistentCountError(
                f"{staging}: holds {sum(partitions.values())} rows, {expected} were counted; run it again"
            )
        return partitions


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    grouped: dict[str, set[str]] = {}
    for key, partition in pairs:
        grouped.setdefault(key, set()).add(partition)
    return {key: tuple(sorted(partitions)) for key, partitions in grouped.items()}


def _without_globs(key: str) -> str:
    return re.sub(r"([\\*?\[\]{}])", r"\\\1", key)
