"""One run: the segments of the lake into the table of the database that other tools read.

It is safe to kill at any point: before the commit the database has what it had, after it what it should have.
A run that died in between leaves a staging table and no record; the next one changes no row, and says so.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ingestion.state import run_record
from ingestion.state.job_runs import JobRuns
from ingestion.state.run_record import LOADED, NOTHING_NEW
from ingestion.state.storage import Storage
from segmentation.arguments import WriteBackArguments
from segmentation.database.access import Access
from segmentation.database.session import Connection, Database
from segmentation.lake.files import session
from segmentation.lake.inputs import Inputs
from segmentation.lake.places import Places
from segmentation.lake.table_state import TableState
from segmentation.record.reporting import Recorder
from segmentation.record.step_record import NOTHING_TO_SEGMENT, WRITE_BACK, StepRecord
from segmentation.step import JobRun
from segmentation.write_back.staging import Staging
from segmentation.write_back.target import STAGED, Target
from segmentation.write_back.transaction import Written, write

_logger = logging.getLogger(__name__)

SOURCE = "customer_segments"


def run(
    options: Mapping[str, str],
    storage: Storage | None = None,
    job_runs: JobRuns | None = None,
    access: Callable[[str], Access] = Access.of,
) -> StepRecord:
    """Write the segments back; returns the run record that was written."""
    arguments = WriteBackArguments.parse(options)
    job_run = JobRun.of(options, storage, job_runs)
    work = WriteBack(job_run, arguments, access).execute
    return job_run.carry_out(WRITE_BACK, arguments, work)


@dataclass(frozen=True)
class WriteBack:
    """One run of the write-back."""

    job_run: JobRun
    arguments: WriteBackArguments
    access: Callable[[str], Access]

    def execute(self) -> StepRecord:
        """Raises SegmentationError with a message of one line.

        Where there was nothing to segment the database keeps the rows of the last segmentation.
        """
        storage, arguments = self.job_run.storage, self.arguments
        recorder = Recorder(storage, Places(WRITE_BACK, arguments.run_id, arguments.lake_root), "")
        inputs = Inputs(storage, arguments.lake_root, arguments.run_id)
        state = inputs.states({SOURCE: ()})[SOURCE]
        if state.about.get("nothing"):
            said = f"there was nothing to segment: {arguments.target} stays as it is"
            return self._record(recorder, NOTHING_TO_SEGMENT, state.revision, [said])
        inputs.states({SOURCE: tuple(STAGED)})
        access = self.access(arguments.connection)  # without it Spark is not started
        spark = session(self.job_run.job_name)
        rows = inputs.of(spark, SOURCE, state).rows()
        target = Target(arguments.schema, arguments.table)
        staging = Staging(target, arguments.run_id)
        database = Database(spark._jvm, access)
        with database.connect() as connection:
            created = target.prepare(connection)
            left = staging.clean(connection)
            staging.fill(connection, rows, state.rows)
            done = write(connection, target, staging, arguments.run_id, arguments.mark, state.rows)
            total = _rows(connection, target)
        found = _findings(target, done, created, left, arguments.mark)
        return self._recorded(recorder, state, done, total, found, access.place)

    def _recorded(
        self, recorder: Recorder, state: TableState, done: Written, total: int, said: list[str], place: str
    ) -> StepRecord:
        changed = done.new + done.changed + done.gone
        return self._record(
            recorder,
            LOADED if changed else NOTHING_NEW,
            state.revision,
            said,
            rows_read=state.rows,
            rows_new=done.new,
            rows_changed=done.changed,
            rows_unchanged=done.unchanged,
            rows_deleted=done.gone,
            table_rows=total,
            detail={
                "target": self.arguments.target,
                "gone": "mark" if self.arguments.mark else "delete",
                "database": place,
            },
        )

    @staticmethod
    def _record(
        recorder: Recorder, status: str, revision: str, said: list[str], table_rows: int = 0, **counts: Any
    ) -> StepRecord:
        return StepRecord(
            status=status,
            crawl_needed=False,
            verify_needed=False,
            catalog="",
            revision=revision,
            tables={},
            table_rows=table_rows,
            findings=run_record.findings((), (), more=said),
            **recorder.frame(),
            **counts,
        )


def _findings(target: Target, done: Written, created: bool, left: int, mark: bool) -> list[str]:
    said = [f"{target} was created"] if created else []
    if left:
        said.append(f"{left} staging tables of runs that died were dropped")
    if not done.new + done.changed + done.gone:
        said.append(f"0 rows changed: {target} had all {done.unchanged} already")
    if done.gone:
        said.append(f"{done.gone} customers are gone, their rows were {'marked' if mark else 'deleted'}")
    return said


def _rows(connection: Connection, target: Target) -> int:
    sql = f"select count(*)::text from {target} where gone_at is null"  # noqa: S608 - names are ours
    return int(connection.query(sql)[0][0] or 0)
