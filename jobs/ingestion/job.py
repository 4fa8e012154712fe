"""One run: bring the table of one data set up to date with its source.

The order of the writes makes a run safe to repeat and safe to kill at any point:

1. the run's quarantine, and files under `state/<dataset>/staging/<run id>/`, which no table covers;
2. the ledger, naming the partitions about to be replaced;
3. the partitions under `clean/<dataset>/`, one by one (see `publish`: what a query sees meanwhile);
4. the ledger with what is loaded now;
5. the run record, last: where it exists the run is complete.

A run killed before 2 has changed nothing that anyone reads. Killed before 4, some partitions are new and
others old, each one whole, and the next run rebuilds them. Killed before 5, the next run finds nothing new,
and asks for a crawl as long as `published.json` does not name the revision. Of two runs at the same time one
ends with ConcurrentRunError, and what both may have touched is rebuilt by the next.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import datasets
from ingestion import publish, record
from ingestion.arguments import Arguments
from ingestion.dataset import DataSet
from ingestion.errors import (
    ConcurrentRunError,
    EmptyTableError,
    IngestionError,
    InvalidArgumentError,
    SourceNotFoundError,
    UnreadablePrefixError,
)
from ingestion.ledger import Ledger, LoadedObject, Plan, compare, compare_within
from ingestion.publish import Published
from ingestion.record import RunRecord
from ingestion.storage import ChangedSinceError, Prefix, Storage, StoredObject

if TYPE_CHECKING:
    from ingestion.table import Built

_logger = logging.getLogger(__name__)

PUBLISHED = "published.json"  # written by the state machine once Athena has counted the rows


def run(options: Mapping[str, str], job_name: str = "ingest", storage: Storage | None = None) -> RunRecord:
    """Bring one data set up to date and return the run record that was written.

    `options` are the job's arguments (`arguments.NAMES`). Raises IngestionError with a message of one line.
    """
    started = datetime.now(UTC)
    arguments = Arguments.parse(options)
    dataset = datasets.load(arguments.dataset)
    return _Run(arguments, dataset, job_name, storage or Storage(), started).execute()


@dataclass(frozen=True)
class _Places:
    """Where the data set has its things in the lake, and its objects at the source."""

    source: Prefix
    table: Prefix
    state: Prefix
    staging: Prefix
    quarantine: Prefix
    runs: Prefix

    @classmethod
    def of(cls, arguments: Arguments, dataset: DataSet) -> _Places:
        lake, name = arguments.lake_root, dataset.name
        state = lake.folder("state").folder(name)
        return cls(
            source=arguments.source_root.folder(dataset.source.prefix),
            table=lake.folder("clean").folder(name),
            state=state,
            staging=state.folder("staging"),
            quarantine=lake.folder("quarantine").folder(name).folder(f"run_id={arguments.run_id}"),
            runs=lake.folder("runs").folder(name),
        )


class _Run:
    def __init__(
        self, arguments: Arguments, dataset: DataSet, job_name: str, storage: Storage, started: datetime
    ) -> None:
        self._arguments = arguments
        self._dataset = dataset
        self._job_name = job_name
        self._storage = storage
        self._started = started
        self._clock = time.monotonic()
        self._places = _Places.of(arguments, dataset)

    def execute(self) -> RunRecord:
        ledger = Ledger.load(self._storage, self._places.state)
        listed = self._listed()
        fingerprint = self._dataset.fingerprint(self._arguments.areas)
        plan = self._plan(ledger, listed, fingerprint)
        if plan.is_empty:
            _logger.info("%s: nothing new in %d objects", self._dataset.name, len(listed))
            return self._finish(ledger, objects_listed=len(listed))
        _logger.info(
            "%s: %d objects at the source, %d new or changed, %d vanished%s",
            self._dataset.name,
            len(listed),
            len(plan.fresh),
            len(plan.vanished),
            "; the whole table is replaced" if plan.everything else "",
        )
        built = self._build(plan, ledger)
        after = self._ledger_after(ledger, plan, built, fingerprint)
        try:
            self._check(plan, built, after)
        except IngestionError:
            publish.sweep(self._storage, self._staged)
            raise
        published = self._publish(ledger, after, built)
        return self._finish(
            after, built.changes_table, objects_listed=len(listed), **_counts(plan, built, published)
        )

    def _plan(self, ledger: Ledger, listed: list[StoredObject], fingerprint: str) -> Plan:
        """What the range leaves of the work; a table that was made by other rules is rebuilt as a whole."""
        again, prefix = self._arguments.load_mode == "full", len(self._places.source.key)
        dates = self._arguments.dates.resolved(item.key[prefix:] for item in listed)
        rules_changed = bool(ledger.fingerprint) and fingerprint != ledger.fingerprint
        if dates.is_open or rules_changed:
            if not dates.is_open:
                _logger.warning("areas or description have changed: everything is read, not only %s", dates)
            return compare(ledger, listed, again or fingerprint != ledger.fingerprint)
        if not any(dates.holds(item.key[prefix:]) for item in listed):
            raise SourceNotFoundError(
                f"no object under {self._places.source} is of {dates}: give another --from_date or --to_date"
            )
        return compare_within(ledger, listed, lambda key: dates.holds(key[prefix:]), again)

    def _listed(self) -> list[StoredObject]:
        """What Spark reads too: it skips files and folders that begin with an underscore or a dot."""
        source = self._places.source
        try:
            found = list(self._storage.list(source))
        except UnreadablePrefixError as error:
            raise SourceNotFoundError(
                f"{error}: check SourceBucket (--source_root) and that the job's role may list it"
            ) from error
        listed = [item for item in found if item.size and not item.is_hidden(source)]
        if not listed:
            raise SourceNotFoundError(
                f"no object under {source}: check SourceBucket (--source_root) and the source "
                f"prefix of data set `{self._dataset.name}`"
            )
        return listed

    def _build(self, plan: Plan, ledger: Ledger) -> Built:
        from pyspark.sql import SparkSession

        from ingestion.table import Builder

        spark = SparkSession.builder.appName(self._job_name).getOrCreate()
        _logger.info("Spark %s is there; reading", spark.version)
        places = self._places
        builder = Builder(spark, self._dataset, self._arguments.areas, places.source)
        built = builder.build(plan, ledger, str(self._staged), str(places.quarantine))
        _logger.info(
            "%d rows read: %d kept, %d filtered out, %d rejected, %d duplicate",
            built.rows_read,
            built.rows_kept,
            built.rows_filtered_out,
            built.rows_rejected,
            built.rows_duplicate,
        )
        if built.rows_rejected:
            _logger.warning("%d rejected rows are kept in %s", built.rows_rejected, places.quarantine)
        return built

    @property
    def _staged(self) -> Prefix:
        return self._places.staging.folder(self._arguments.run_id)

    def _ledger_after(self, before: Ledger, plan: Plan, built: Built, fingerprint: str) -> Ledger:
        fresh = {
            item.key: LoadedObject(item.etag, item.size, built.contributions.get(item.key, ()))
            for item in plan.fresh
        }
        kept = {key: before.objects[key] for key in plan.unchanged}
        objects = kept | before.forgetting(plan.outdated, built.affected or ()) | fresh
        left_alone: Iterable[str] = ()
        if built.affected is not None:
            left_alone = before.partitions.keys() - built.affected
        partitions = {name: before.partitions[name] for name in left_alone} | built.partitions
        return Ledger(
            fingerprint=fingerprint,
            revision=self._arguments.run_id if built.changes_table else before.revision,
            objects=dict(sorted(objects.items())),
            partitions=dict(sorted(partitions.items())),
        )

    def _check(self, plan: Plan, built: Built, after: Ledger) -> None:
        """Refuse to publish what nobody can have meant."""
        whole = plan.everything and not plan.partial
        if whole and (unknown := set(self._arguments.areas) - built.areas_found):
            fields = " or ".join(self._dataset.subset)
            raise InvalidArgumentError(
                f"--areas `{', '.join(sorted(unknown))}`: no row of {self._dataset.name} matches; "
                f"use an {fields} of the data set, or `*` for all"
            )
        if not after.rows:
            raise EmptyTableError(
                f"{self._places.table}: none of {built.rows_read} rows read would be left in the table, so "
                f"nothing was published; look at {self._places.quarantine} and --areas"
            )

    def _publish(self, before: Ledger, after: Ledger, built: Built) -> Published:
        storage, places, key = self._storage, self._places, self._dataset.partition.name
        affected = built.affected
        at_stake = {*before.partitions, *built.partitions} if affected is None else affected
        try:
            marked = before.with_unpublished(at_stake).save(storage, places.state)
        except ChangedSinceError as error:
            raise _concurrent(error) from error
        try:
            published = publish.publish(storage, self._staged, places.table, key, affected)
            replace(after, etag=marked.etag).save(storage, places.state)
        except ChangedSinceError as error:
            # Its files and ours may lie side by side now.
            Ledger.load(storage, places.state).with_unpublished(at_stake).save(storage, places.state)
            raise _concurrent(error) from error
        publish.sweep(storage, places.staging)
        _logger.info(
            "%d partitions published in %d files (%d bytes), %d removed; the table holds %d rows",
            len(built.partitions),
            published.files,
            published.size,
            len(published.removed_partitions),
            after.rows,
        )
        return published

    def _finish(self, ledger: Ledger, changed: bool = False, **counts: int) -> RunRecord:
        """Write the run record; without counts of a build there was nothing new."""
        published = self._storage.read_json(self._places.state, PUBLISHED)
        verified = published.content.get("revision") if published else None
        result = RunRecord(
            dataset=self._dataset.name,
            run_id=self._arguments.run_id,
            status=record.LOADED if "rows_read" in counts else record.NOTHING_NEW,
            crawl_needed=changed or verified != ledger.revision,
            table_rows=ledger.rows,
            revision=ledger.revision,
            seconds=round(time.monotonic() - self._clock, 3),
            started_at=self._started.isoformat(timespec="seconds"),
            ended_at=datetime.now(UTC).isoformat(timespec="seconds"),
            **counts,
        )
        result.save(self._storage, self._places.runs)
        _logger.info("run record: %s%s.json", self._places.runs, result.run_id)
        return result


def _concurrent(error: ChangedSinceError) -> ConcurrentRunError:
    return ConcurrentRunError(f"{error}: another run has replaced it since this one began; run it again")


def _counts(plan: Plan, built: Built, published: Published) -> dict[str, int]:
    return {
        "objects_read": built.objects_read,
        "objects_removed": len(plan.vanished),
        "rows_read": built.rows_read,
        "rows_kept": built.rows_kept,
        "rows_filtered_out": built.rows_filtered_out,
        "rows_rejected": built.rows_rejected,
        "rows_duplicate": built.rows_duplicate,
        "partitions_written": len(built.partitions),
        "files_written": published.files,
        "bytes_written": published.size,
    }
