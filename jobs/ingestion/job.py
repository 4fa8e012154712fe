"""One run: bring the tables of one data set up to date with its source.

The order of the writes makes a run safe to repeat and safe to kill at any point:

1. files under `state/<dataset>/staging/<run id>/`, which no table covers, and a note of what to do with them;
2. the ledger, naming the run as pending;
3. the partitions of every table, one by one, each by one copy that a query sees as a whole;
4. the ledger with what is loaded now;
5. the run record, last: where it exists the run is complete.

If a run is killed before 2, it has changed nothing that anyone reads, and the next run deletes its files. If
it is killed before 4, the next run finishes it from its staged files. If it is killed before 5, the next run
finds nothing new, and asks for a crawl until `published.json` names the revision. Of two runs at once, which
`batch` does not let happen, one ends with ConcurrentRunError, and the next rebuilds what both may have
touched.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import datasets
from ingestion import planning
from ingestion.arguments import SMOKE, Arguments
from ingestion.description import KEEP, DataSet, rules
from ingestion.errors import ConcurrentRunError, IngestionError
from ingestion.recording import Recorder
from ingestion.state import publish
from ingestion.state.archive import Archive
from ingestion.state.ledger import Ledger, Plan
from ingestion.state.places import Places
from ingestion.state.publish import Publication
from ingestion.state.run_record import RunRecord
from ingestion.state.storage import ChangedSinceError, Storage, StoredObject
from ingestion.write import checks, record
from ingestion.write.next_ledger import next_ledger

if TYPE_CHECKING:
    from ingestion.write.staged import Built

_logger = logging.getLogger(__name__)


def run(options: Mapping[str, str], job_name: str = "ingest", storage: Storage | None = None) -> RunRecord:
    """Bring one data set up to date and return the run record that was written.

    `options` are the job's arguments, with `dataset` in the place of `datasets`. Raises IngestionError with
    a message of one line.
    """
    started = datetime.now(UTC)
    arguments = Arguments.parse(options)
    dataset = datasets.load(arguments.dataset)
    return _Run(arguments, dataset, job_name, storage or Storage(), started).execute()


class _Run:
    def __init__(
        self, arguments: Arguments, dataset: DataSet, job_name: str, storage: Storage, started: datetime
    ) -> None:
        self._arguments = arguments
        self._dataset = dataset
        self._job_name = job_name
        self._storage = storage
        self._started = started
        self._places = Places.of(dataset, arguments.source_root, arguments.lake_root, arguments.run_id)
        self._recorder = Recorder(arguments, dataset, storage, self._places, started)

    def execute(self) -> RunRecord:
        ledger = self._with_pending_done(Ledger.load(self._storage, self._places.state))
        listing = planning.listed(self._storage, self._places.source, self._dataset.name)
        listed = listing.objects
        for name in listing.skipped:
            _logger.warning("%s is skipped: it is empty, or its name is hidden", name)
        fingerprint = self._dataset.fingerprint(self._arguments.areas)
        plan = planning.plan(self._arguments, self._dataset, self._storage, self._places, ledger, listed)
        if plan.is_empty:
            _logger.info("%s: nothing new in %d objects", self._dataset.name, len(listed))
            return self._finish(self._recorder.nothing_new(ledger, listing))
        self._log(plan, len(listed))
        try:
            built = self._build(plan, ledger, listed, fingerprint != ledger.fingerprint)
            after = next_ledger(ledger, plan, built, self._dataset, fingerprint, self._arguments.run_id)
            results = (*built.results, *rules.freshness(self._dataset.rules, after.newest, self._started))
            checks.check_areas(self._arguments.areas, plan, built)
            checks.check_not_empty(self._places.main.folder, built, after)
            if not self._arguments.allow_removal:
                checks.check_removed(self._dataset, plan, built, ledger)
            checks.check_rules(results, self._dataset.name)
        except IngestionError:
            publish.sweep(self._storage, self._places.staging)
            raise
        counts = self._publish(ledger, after, built)
        publish.sweep(self._storage, self._places.all_staging)
        kept = after.objects if self._dataset.source.vanished == KEEP else {}
        Archive(self._places.source, self._places.archive).sweep(self._storage, kept)
        return self._finish(
            self._recorder.loaded(
                ledger,
                after,
                results,
                built.lost,
                listing.skipped,
                built.scan.repeated_headers(),
                objects_listed=len(listed),
                **record.counts(plan, built),
                **counts,
            )
        )

    def _with_pending_done(self, ledger: Ledger) -> Ledger:
        """Finish what a killed run began to publish; if its files are gone, its partitions stay stale."""
        if not ledger.pending:
            return ledger
        staged = self._places.all_staging.folder(ledger.pending)
        publication = Publication.load(self._storage, staged)
        if publication is None:
            _logger.warning("run %s left no files: what it touched is rebuilt", ledger.pending)
            after = replace(ledger, pending="")
        else:
            _logger.info("finishing run %s, which was killed while it published", ledger.pending)
            after = Ledger.from_document(publication.ledger, ledger.etag)
        try:
            if publication:
                publication.carry_out(self._storage, self._places.lake.bucket)
            return after.save(self._storage, self._places.state)
        except ChangedSinceError as error:
            raise _concurrent(error) from error

    def _log(self, plan: Plan, listed: int) -> None:
        _logger.info(
            "%s: %d objects at the source, %d to read, %d vanished%s",
            self._dataset.name,
            listed,
            len(plan.fresh),
            len(plan.vanished),
            "; the whole table is replaced" if plan.everything else "",
        )

    def _build(self, plan: Plan, ledger: Ledger, listed: list[StoredObject], rules_changed: bool) -> Built:
        from pyspark.sql import SparkSession

        from ingestion.write.table import Builder

        spark = SparkSession.builder.appName(self._job_name).getOrCreate()
        _logger.info("Spark %s is there; reading", spark.version)
        places, areas = self._places, self._arguments.areas
        archive = self._archive(plan, ledger, listed)
        builder = Builder(spark, self._storage, self._dataset, places, areas, self._started, archive)
        built = builder.build(plan, ledger, rules_changed, again=self._arguments.load_mode == SMOKE)
        counts = record.counts(plan, built)
        _logger.info("; ".join(f"{name} {value}" for name, value in counts.items()))
        if counts["rows_quarantined"]:
            _logger.warning("rejected rows are in %s", places.quarantine.folder)
        return built

    def _archive(self, plan: Plan, ledger: Ledger, listed: list[StoredObject]) -> Archive | None:
        """Copies of the objects that will be read, for a data set that keeps vanished ones; else None."""
        if self._dataset.source.vanished != KEEP:
            return None
        loaded = {key: item.etag for key, item in ledger.objects.items()}
        versions = loaded | {item.key: item.etag for item in plan.fresh}
        archive = Archive(self._places.source, self._places.archive, versions)
        there = {item.key for item in listed}
        archive.copy(self._storage, [item for item in plan.fresh if item.key in there])
        return archive

    def _publish(self, before: Ledger, after: Ledger, built: Built) -> dict[str, int]:
        storage, places = self._storage, self._places
        publication = Publication.of(storage, places.lake, built.publish, after)
        at_stake = {*before.partitions, *built.partitions} if built.affected is None else built.affected
        try:
            if built.publish:
                publication.save(storage, places.staging)
                marked = replace(before.with_unpublished(at_stake), pending=self._arguments.run_id)
                before = marked.save(storage, places.state)
                publication.carry_out(storage, places.lake.bucket)
            replace(after, etag=before.etag).save(storage, places.state)
        except ChangedSinceError as error:
            self._mark_touched(before, at_stake)
            raise _concurrent(error) from error
        _logger.info("%d files published, %d deleted", len(publication.copies), len(publication.deletions))
        return {
            "partitions_written": len({change.partition for change in built.publish if change.staged}),
            "files_written": len(publication.copies),
            "bytes_written": publication.size,
        }

    def _mark_touched(self, before: Ledger, at_stake: Any) -> None:
        """Another run's files and ours may lie side by side now, unless we stopped before our first one."""
        if before.pending == self._arguments.run_id:
            Ledger.load(self._storage, self._places.state).with_unpublished(at_stake).save(
                self._storage, self._places.state
            )

    def _finish(self, result: RunRecord) -> RunRecord:
        """The last write of a run: where the record is, the run is complete."""
        result.save(self._storage, self._places.runs)
        _logger.info("run record: %s%s.json", self._places.runs, result.run_id)
        return result


def _concurrent(error: ChangedSinceError) -> ConcurrentRunError:
    return ConcurrentRunError(f"{error}: another run has replaced it since this one began; run it again")
