"""Rebuild partitions with Spark: read what is new once, judge it, merge it with the table and stage it."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from pyspark.sql import Column, DataFrame, Observation, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - the name that every Spark code base uses

from ingestion.description import DataSet
from ingestion.errors import InconsistentCountError
from ingestion.read import rows
from ingestion.read.source import Reading, SourceReader, with_added
from ingestion.state.archive import Archive
from ingestion.state.ledger import Ledger, Plan
from ingestion.state.places import Places, data_files
from ingestion.state.publish import Change
from ingestion.state.storage import Storage
from ingestion.write import merge as merging
from ingestion.write import quality, replacement
from ingestion.write.files import TableFiles
from ingestion.write.history import History
from ingestion.write.quarantine import Quarantine
from ingestion.write.staged import Built, Staged
from ingestion.write.unnested import UnnestedTables, count_staged

# Run-time settings only: a Glue job's session has its static ones before the script begins.
SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "false",
    "spark.sql.legacy.timeParserPolicy": "CORRECTED",  # a date like 2022-13-01 is NULL
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",  # month 2022-12 is text, not a date
    # Cached rows are read once or twice: compressing them costs more than it saves.
    "spark.sql.inMemoryColumnarStorage.compressed": "false",
    # Smaller than the default, snappy with dictionaries, and a quarter faster to write.
    "spark.sql.parquet.compression.codec": "zstd",
    "parquet.enable.dictionary": "false",
    # Java compiles no method of more than 8,000 bytes: Spark then makes many small ones of a wide table's.
    "spark.sql.codegen.hugeMethodLimit": "8000",
    # Dates before 1582 and times before 1900 as they are; the default is to fail.
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.int96RebaseModeInWrite": "CORRECTED",
    "spark.sql.objectHashAggregate.sortBased.fallbackThreshold": "4096",  # groups of a task, see Scan
    "spark.sql.debug.maxToStringFields": "1000",  # else every log has a warning
}
CHANGES = (
    *merging.KEPT,
    merging.REMOVED,
    merging.DUPLICATE,
    merging.SUPERSEDED,
)


class Builder:
    """Builds what one run publishes; `areas` are in lower case, `started` is the run's time."""

    def __init__(
        self,
        spark: SparkSession,
        storage: Storage,
        dataset: DataSet,
        places: Places,
        areas: Collection[str],
        started: datetime,
        archive: Archive | None = None,
    ) -> None:
        for name, value in SETTINGS.items():
            spark.conf.set(name, value)
        self._spark = spark
        self._storage = storage
        self._files = TableFiles(spark, storage)
        self._dataset = dataset
        self._places = places
        self._areas = areas
        self._started = started
        self._reader = SourceReader(spark, storage, places.source, archive)

    def build(self, plan: Plan, ledger: Ledger, rules_changed: bool, again: bool = False) -> Built:
        """Stage the rebuilt partitions. With `rules_changed` or `again` they are published, even if equal.

        Raises IngestionError, with nothing published.
        """
        keys = [item.key for item in plan.fresh]
        self._reader.expect(sum(item.size for item in plan.fresh))
        dataset = with_added(self._dataset, {*ledger.added, *self._reader.undescribed(keys, self._dataset)})
        whole = plan.everything and not plan.partial
        reading = self._reader.scanned(keys, dataset, self._areas, whole)
        try:
            self._quarantine(self._dataset).refuse_too_many(reading)
            return self._built(plan, ledger, rules_changed, reading, again)
        finally:
            self._spark.catalog.clearCache()

    def _built(self, plan: Plan, ledger: Ledger, rules_changed: bool, reading: Reading, again: bool) -> Built:
        scan, dataset = reading.scan, reading.dataset
        affected = None if plan.everything else plan.stale | scan.partitions()
        others = ledger.contributors(plan.unchanged, affected) if affected else []
        standing = bool(others) and self._can_stand(plan, ledger, others, dataset)
        others = [] if standing else others
        candidates = self._candidates(reading.judged, others, affected, dataset, ledger)
        staged = self._stage(candidates, affected, ledger, dataset, standing)
        gone = replacement.gone(self._storage, self._places.main, staged, affected)
        forced = frozenset(staged.partitions) if rules_changed or again else frozenset(ledger.unpublished)
        changed = staged.changed | forced | gone
        changes, others_rows = self._beside(plan, ledger, rules_changed, reading, staged, changed)
        built = Built(
            dataset=dataset,
            scan=scan,
            objects_read=len(plan.fresh) + len(others),
            changes=staged.changes,
            partitions=staged.partitions,
            others=others_rows,
            affected=affected,
            reread_others=not standing,
            publish=(*replacement.of_main(self._places.main, staged, changed, gone), *changes),
            areas_found=self._areas_found(plan, reading.judged),
            lost=reading.lost,
        )
        kept = sum(staged.changes[change] for change in (*merging.READ, merging.DUPLICATE))
        return replace(self._judged(built, ledger), reread=kept - scan.rows(rows.ACCEPTED))

    @staticmethod
    def _can_stand(plan: Plan, ledger: Ledger, others: list[str], dataset: DataSet) -> bool:
        """Whether the published rows can stand for the older objects, which then are not read again.

        They can if the partitions' objects have not changed and every fresh object is newer.
        """
        fresh = [item.key for item in plan.fresh]
        same = dict(ledger.columns) == dataset.types
        return same and not plan.stale and bool(fresh) and max(others) < min(fresh)

    def _candidates(
        self,
        judged: DataFrame | None,
        others: list[str],
        affected: frozenset[str] | None,
        dataset: DataSet,
        ledger: Ledger,
    ) -> DataFrame | None:
        """The accepted rows of the affected partitions."""
        frames = [judged] if judged is not None else []
        if others:
            frames.append(self._reader.judged(others, dataset, self._areas, ledger.quarantined))
        accepted = [frame.where(F.col(rows.OUTCOME) == rows.ACCEPTED) for frame in frames]
        if not accepted:
            return None
        found = accepted[0] if len(accepted) == 1 else accepted[0].unionByName(accepted[1])
        return found if affected is None else found.where(F.col(rows.PARTITION).isin(list(affected)))

    def _stage(
        self,
        candidates: DataFrame | None,
        affected: frozenset[str] | None,
        ledger: Ledger,
        dataset: DataSet,
        standing: bool,
    ) -> Staged:
        main = self._places.main
        published = self._files.published(main, dataset, ledger, affected)
        if candidates is None:
            if published is None:
                return Staged({}, {}, Counter(), affected or frozenset())
            candidates = published.limit(0).withColumns({name: F.lit(None) for name in rows.PLACE})
        outgoing = Observation("outgoing")
        merged = merging.merge(candidates, published, dataset, standing)
        kept = merged.observe(outgoing, *_observed(published is not None)).where(
            F.col(merging.CHANGE).isin(*merging.KEPT)
        )
        self._files.write(main, kept.select(*dataset.table_columns, rows.PARTITION))
        found = outgoing.get
        changes = Counter({change: int(found.get(change, 0)) for change in CHANGES})
        expected = sum(changes[change] for change in merging.KEPT)
        partitions, elements = self._count(dataset, expected)
        return Staged(
            partitions,
            data_files(self._storage, main.staging),
            changes,
            frozenset(json.loads(found["changed"])) if "changed" in found else frozenset(partitions),
            merged,
            elements,
        )

    def _count(self, dataset: DataSet, expected: int) -> tuple[dict[str, int], dict[str, dict[str, int]]]:
        """Count what the files really hold, before any of them is published."""
        partitions, elements = count_staged(self._files, dataset, self._places) if expected else ({}, {})
        if sum(partitions.values()) != expected:
            staging = self._places.main.staging
            raise InconsistentCountError(
                f"{staging}: holds {sum(partitions.values())} rows, not {expected}; run it again"
            )
        return partitions, elements

    def _beside(
        self,
        plan: Plan,
        ledger: Ledger,
        rules_changed: bool,
        reading: Reading,
        staged: Staged,
        changed: frozenset[str],
    ) -> tuple[list[Change], dict[str, dict[str, int]]]:
        """Stage the tables beside the main one; the counts cover all their partitions, staged or not."""
        dataset = reading.dataset
        unnested = UnnestedTables(self._files, dataset, self._places)
        changes = list(unnested.stage(changed, staged.elements))
        others = {
            one.name: _updated(
                {} if plan.everything else ledger.others.get(one.name, {}),
                changed,
                staged.elements.get(one.name, {}),
            )
            for one in dataset.unnested
        }
        for name in {self._places.history.name, self._places.quarantine.name} & ledger.others.keys():
            if name in dataset.tables:
                others[name] = dict(ledger.others[name])
        history = History(self._files, dataset, self._places, self._started)
        if dataset.history and (found := history.stage(staged, ledger, rules_changed)):
            changes += found[0]
            others[self._places.history.name] = found[1]
        if plan.everything:
            changes += replacement.outdated(self._storage, self._places, dataset, ledger)
        if quarantined := self._quarantine(dataset).stage(plan, ledger, reading):
            changes += quarantined[0]
            others[self._places.quarantine.name] = quarantined[1]
        return changes, others

    def _judged(self, built: Built, ledger: Ledger) -> Built:
        """Add the results of the rules; a run of some areas has no sums to check."""
        dataset = quality.without_sums(built.dataset) if self._areas else built.dataset
        results = [*quality.of_rows(built.scan, dataset), *quality.of_objects(built.scan, dataset)]
        if not built.partitions or not quality.judges_tables(dataset):
            return replace(built, results=tuple(results))
        main = self._places.main
        table = self._files.staged(main, dataset).cache()
        try:
            near = _neighbours(
                ledger.partitions.keys() - (built.affected or ledger.partitions), built.partitions
            )
            neighbours = self._files.published(main, dataset, ledger, frozenset(near))
            around = neighbours if neighbours is not None else table.limit(0)
            results += quality.of_table(table, around, built.partitions, dataset)
            newest = quality.newest_values(table, dataset)
        finally:
            table.unpersist()
        return replace(built, results=tuple(results), newest=newest)

    def _areas_found(self, plan: Plan, judged: DataFrame | None) -> frozenset[str]:
        """Which of the areas occur in any row; known only when everything is read."""
        if not (plan.everything and self._areas and judged is not None):
            return frozenset()
        named = [rows.area(self._dataset, name) for name in self._dataset.subset]
        sets = [F.collect_set(F.when(area.isin(list(self._areas)), area)) for area in named]
        found = judged.agg(*sets).first() if sets else None
        return frozenset(area for group in found or () for area in group)

    def _quarantine(self, dataset: DataSet) -> Quarantine:
        return Quarantine(self._files, dataset, self._places, self._started)


def _observed(is_compared: bool) -> list[Column]:
    """What is counted while a table is written. One that is all new has no other changes than these two."""
    possible = CHANGES if is_compared else (merging.NEW, merging.DUPLICATE)
    counts = [F.count_if(F.col(merging.CHANGE) == change).alias(change) for change in possible]
    if not is_compared:
        return counts
    different = F.col(merging.CHANGE).isin(merging.NEW, merging.RESTATED, merging.REMOVED)
    return [*counts, F.to_json(F.collect_set(F.when(different, F.col(rows.PARTITION)))).alias("changed")]


def _updated(
    before: Mapping[str, int], changed: Collection[str], counts: Mapping[str, int]
) -> dict[str, int]:
    return {name: rows for name, rows in before.items() if name not in changed} | dict(counts)


def _neighbours(published: Iterable[str], built: Iterable[str]) -> list[str]:
    """The published partitions just before and just after a built one."""
    names, ours = sorted({*published, *built}), set(built)
    pairs = list(itertools.pairwise(names))
    before = {first for first, second in pairs if second in ours}
    after = {second for first, second in pairs if first in ours}
    return sorted((before | after) - ours)
