"""One run for one table: what changed in the database since the last one, brought to the lake.

The order of the writes makes a run safe to repeat and safe to kill at any point, as the ingestion's: staged
files and a note of what to do with them, the state naming the run as pending, one copy for each file that
differs, the state with the new position, the run record. Until the state is stored the next run reads from
the old position; reading again changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from py4j.protocol import Py4JJavaError
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - the name that every Spark code base uses

from ingestion.state.storage import Storage
from segmentation.arguments import FULL as FULL_LOAD
from segmentation.arguments import ExtractArguments
from segmentation.database import failures
from segmentation.database.access import Access
from segmentation.database.session import READ, Connection, Database
from segmentation.description import APPEND, Table
from segmentation.errors import ColumnChangedError, InconsistentCountError, TooManyRemovedError
from segmentation.extract import catalog, changes, columns
from segmentation.extract.changes import Reading, Snapshot
from segmentation.extract.columns import Kept
from segmentation.extract.reading import Reader
from segmentation.lake import publication
from segmentation.lake.files import Files
from segmentation.lake.merge import DELETED, Merge, Merged
from segmentation.lake.places import Places
from segmentation.lake.quarantine import RAW, REASON, Quarantine, Quarantined, row_key, without_key
from segmentation.lake.table_state import TableState
from segmentation.record.reporting import Recorder
from segmentation.record.step_record import StepRecord

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Read:
    """What was read in one snapshot; `keys` are those of all rows, if they are compared. `keyless` are the
    columns of the key that may be null.
    """

    rows: DataFrame
    reading: Reading
    columns: tuple[Kept, ...]
    types: Mapping[str, str]
    taken_at: str
    keys: DataFrame | None = None
    findings: tuple[str, ...] = ()
    keyless: tuple[str, ...] = ()


@dataclass
class Extraction:
    """One run for one table."""

    spark: SparkSession
    storage: Storage
    access: Access
    arguments: ExtractArguments
    table: Table
    places: Places = field(init=False)
    files: Files = field(init=False)

    def __post_init__(self) -> None:
        self.places = Places(self.table.name, self.arguments.run_id, self.arguments.lake_root)
        self.files = Files(self.spark, self.storage, self.places)

    def execute(self) -> StepRecord:
        """Raises SegmentationError with a message of one line."""
        state = publication.load(self.storage, self.places)
        recorder = Recorder(self.storage, self.places, state.revision)
        publication.clean_up(self.storage, self.places)
        read = self._read(state)
        good, total, kept = _judged(read)
        gone, missed = self._compared_keys(state, read)
        if missed:  # what a rule missed is read as everything else is
            again = f"{missed} rows were in the database and not in the lake: all were read again"
            read = self._read(replace(state, position={}))
            read = replace(read, findings=(*read.findings, again))
            good, total, kept = _judged(read)
            gone = None
        gone = self._with_rejected(read, gone, total - kept)
        merged = Merge(self.files, state, good, self.table.key, kept, read.reading.complete, gone).execute()
        if not self.arguments.allow_removal:
            check_removed(self.table, state, merged)
        rejected = self._quarantined(state, recorder, read, total - kept, gone)
        after = self._after(state, read, merged, rejected)
        done = publication.publish(self.storage, self.places, state, after, merged, rejected)
        return self._record(recorder, done.state, read, merged, total, total - kept, done.files, done.size)

    def _read(self, state: TableState) -> _Read:
        jvm = self.spark._jvm
        with Database(jvm, self.access).connect() as connection:
            identity = catalog.identity(connection)
            low = changes.horizon(connection, self.table, state.position)
            with connection.transaction(READ):
                try:
                    return self._in_snapshot(connection, state, identity, low)
                except Py4JJavaError as error:
                    doing = f"reading {self.table.place}"
                    raise failures.translated(error, self.access, doing) or error from error

    def _in_snapshot(self, connection: Connection, state: TableState, identity: str, low: str) -> _Read:
        table, snapshot = self.table, Snapshot.of(connection)
        relation = catalog.relation(connection, table)
        kept = tuple(columns.kept(column, table.place) for column in relation.columns)
        types = {column.name: column.type for column in relation.columns}
        forced = self.arguments.load_mode == FULL_LOAD
        if not forced:
            check_types(table, state, types, {one.name: one.type for one in kept})
        added = [name for name in types if state.source_types and name not in state.source_types]
        rekeyed = bool(state.key) and state.key != table.key
        anew = forced or bool(added) or rekeyed or not state.revision
        position = {} if anew else state.position
        reading = changes.reading(table, relation, snapshot, position, identity, low)
        if table.mode == APPEND:
            last = changes.greatest(connection, table)
            reading = replace(
                reading, position={**reading.position, "last": last or reading.position["last"]}
            )
        reader = Reader(self.spark, self.access, connection, snapshot, table, relation, kept)
        _logger.info("%s: reading %s", table.name, reading.where or "all rows")
        rows = self.files.keep(reader.rows(reading), "read")
        compares = self._compares(state) and not reading.complete
        keys = self.files.keep(reader.keys(), "keys") if compares else None
        said = [*self._said(state, added, reading, forced), *[one.note for one in kept if one.note and anew]]
        said += [relation.note] if relation.note and anew else []
        keyless = relation.may_be_null(table.key)
        return _Read(rows, reading, kept, types, snapshot.taken_at, keys, tuple(said), keyless)

    def _compares(self, state: TableState) -> bool:
        every = self.table.compare_keys_every
        return self.arguments.compare_keys or bool(every and state.since_comparison + 1 >= every)

    def _said(self, state: TableState, added: list[str], reading: Reading, forced: bool) -> Iterator[str]:
        if state.key and state.key != self.table.key:
            was, now = ", ".join(state.key), ", ".join(self.table.key)
            yield f"the key was {was} and is {now}, all rows were read again for it"
        for name in added:
            yield f"new column {name}, all rows were read again for it"
        if reading.why and not forced:
            yield f"all rows were read: {reading.why}"

    def _compared_keys(self, state: TableState, read: _Read) -> tuple[DataFrame | None, int]:
        """The keys of the lake that are gone from the database, and how many of the database the lake missed.

        The missed ones are those that this run has not read either.
        """
        if read.keys is None:
            return None, 0
        key = list(self.table.key)
        there = self.files.published(state)
        known = read.rows.select(*key)
        if there is not None:
            known = known.unionByName(there.select(*key))
        unknown = read.keys.na.drop(subset=key).join(known, key, "left_anti")  # without a key: read always
        if state.quarantined:  # those rows are known, too, by the text of their keys
            stood = self.spark.read.parquet(str(self.places.quarantine)).select("row_key")
            unknown = unknown.withColumn("row_key", row_key(self.table.key)).join(
                stood, "row_key", "left_anti"
            )
        missed = unknown.count()
        gone = None if there is None else there.select(*key).join(read.keys, key, "left_anti")
        return gone, missed

    def _with_rejected(self, read: _Read, gone: DataFrame | None, rejected: int) -> DataFrame | None:
        """A row that is rejected now is no longer what the lake has of it: that leaves the table."""
        if read.reading.complete or not rejected:
            return gone
        key = list(self.table.key)
        bad = read.rows.where(F.col(REASON).isNotNull() & (F.col(REASON) != "duplicate_key")).select(*key)
        bad = bad.na.drop(subset=key).distinct()
        return bad if gone is None else gone.unionByName(bad).distinct()

    def _quarantined(
        self, state: TableState, recorder: Recorder, read: _Read, rejected: int, gone: DataFrame | None
    ) -> Quarantined:
        key, rows = row_key(self.table.key), None
        if rejected:
            rows = read.rows.where(F.col(REASON).isNotNull()).select(
                F.lit(self.table.place).alias("source_table"),
                key.alias("row_key"),
                F.col(REASON).alias("reason"),
                F.col(RAW).alias("raw"),
            )
        touched = None
        if not read.reading.complete and state.quarantined:
            touched = read.rows.select(key.alias("row_key"))
            if read.keyless:
                stood = self.spark.read.parquet(str(self.places.quarantine)).select("row_key")
                touched = touched.unionByName(stood.where(without_key(read.keyless)))
            if gone is not None:
                touched = touched.unionByName(gone.select(key.alias("row_key")))
            if read.keys is not None:
                here = read.keys.select(key.alias("row_key"))
                stood = self.spark.read.parquet(str(self.places.quarantine)).select("row_key")
                touched = touched.unionByName(stood.join(here, "row_key", "left_anti"))
        return Quarantine(self.files, state, recorder.started).stage(rows, touched)

    def _after(self, state: TableState, read: _Read, merged: Merged, rejected: Quarantined) -> TableState:
        compared = read.reading.complete or read.keys is not None
        after = publication.next_state(
            state,
            self.arguments.run_id,
            self.table.key,
            merged,
            rejected,
            source_types=read.types,
            position=read.reading.position,
            since_comparison=0 if compared else state.since_comparison + 1,
        )
        same = after.revision == state.revision
        return replace(after, about=state.about if same else {"as_of": read.taken_at})

    def _record(
        self,
        recorder: Recorder,
        after: TableState,
        read: _Read,
        merged: Merged,
        total: int,
        rejected: int,
        files: int,
        size: int,
    ) -> StepRecord:
        record = recorder.record(
            after,
            forced=self.arguments.load_mode == FULL_LOAD,
            findings=read.findings,
            rows_read=total,
            **merged.recorded,
            rows_quarantined=rejected,
            files_written=files,
            bytes_written=size,
            detail={
                "complete": read.reading.complete,
                "keys_compared": read.reading.complete or read.keys is not None,
                "position": dict(read.reading.position),
                "as_of": read.taken_at,
                "database": self.access.place,
            },
        )
        if record.rows_read != record.rows_accounted_for or after.rows != sum(after.buckets):
            raise InconsistentCountError(
                f"{self.table.place}: {record.rows_read} rows read, {record.rows_accounted_for} accounted "
                "for: this is a defect of the job, report it with the run record"
            )
        return record


def _judged(read: _Read) -> tuple[DataFrame, int, int]:
    """The rows to keep, how many were read, and how many of these are kept."""
    is_good = F.col(REASON).isNull()
    counted = {row[0]: int(row[1]) for row in read.rows.groupBy(is_good).count().collect()}
    return read.rows.where(is_good).drop(REASON, RAW), sum(counted.values()), counted.get(True, 0)


def check_removed(table: Table, before: TableState, merged: Merged) -> None:
    """Raises TooManyRemovedError if more than the description's share of the published rows would leave."""
    removed = merged.counts[DELETED]
    if before.key and before.key != table.key:  # no row is the same as before: how many there are counts
        removed = before.rows - sum(merged.buckets)
    if removed > table.max_removed * before.rows:
        raise TooManyRemovedError(
            f"{removed:,} of the {before.rows:,} rows of {table.name} would be removed, over "
            f"{table.max_removed:.0%} (max_removed in jobs/tables/{table.name}.py): look at {table.place}, "
            f"or allow it once: covidlake ingest ENV --table {table.name} --allow-removal; nothing was "
            "published"
        )


def check_types(table: Table, state: TableState, types: Mapping[str, str], kinds: Mapping[str, str]) -> None:
    """Raises ColumnChangedError for a column that is gone or has another type than the lake has it in."""
    hint = "run it with load_mode full to take the table as it is now; nothing was published"
    for name, kind in state.source_types.items():
        if name not in types:
            gone = "is gone from the database: put it back"
            if table.columns and name not in table.columns:
                gone = f"is none of the columns of tables/{table.name}.py any more: name it again"
            raise ColumnChangedError(f"{table.place}: column `{name}` ({kind}) {gone}, or {hint}")
        if kinds[name] != state.columns.get(name, kinds[name]):
            raise ColumnChangedError(
                f"{table.place}: column `{name}` was {kind} and is {types[name]} now, {state.columns[name]} "
                f"in the lake and {kinds[name]}: change it back, or {hint}"
            )
