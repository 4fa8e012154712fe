"""One job run for several tables, a thread each: one that fails does not stop the others."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait

import tables
from ingestion.state.job_runs import JobRuns
from ingestion.state.run_record import cause_of
from ingestion.state.storage import Storage
from segmentation.arguments import ExtractArguments
from segmentation.database.access import Access
from segmentation.errors import SegmentationError, TablesFailedError
from segmentation.extract.table import Extraction
from segmentation.lake.files import session
from segmentation.record.step_record import StepRecord
from segmentation.step import JobRun

_logger = logging.getLogger(__name__)


def run(
    options: Mapping[str, str],
    storage: Storage | None = None,
    job_runs: JobRuns | None = None,
    access: Callable[[str], Access] = Access.of,
) -> list[StepRecord]:
    """Bring each table of `--tables` up to date; returns the records of those that did not fail.

    Raises what the one that failed raised, or TablesFailedError for several.
    """
    arguments = ExtractArguments.parse(options)
    job_run = JobRun.of(options, storage, job_runs)
    entry = _entry(access, arguments.connection)

    def one(name: str) -> StepRecord:
        def work() -> StepRecord:
            if isinstance(entry, SegmentationError):
                raise entry
            spark = session(job_run.job_name)  # the same for all tables; none where none can be read
            return Extraction(spark, job_run.storage, entry, arguments, tables.load(name)).execute()

        return job_run.carry_out(name, arguments, work)

    with ThreadPoolExecutor(arguments.parallel_tables, thread_name_prefix="table") as pool:
        running = {name: pool.submit(one, name) for name in arguments.tables}
        wait(running.values())
    return _records(running)


def _entry(access: Callable[[str], Access], connection: str) -> Access | SegmentationError:
    """Asked once, as boto3 makes its clients in one thread only; each table fails for what was wrong."""
    try:
        return access(connection)
    except SegmentationError as error:
        return error


def _records(running: Mapping[str, Future[StepRecord]]) -> list[StepRecord]:
    errors = {name: future.exception() for name, future in running.items()}
    failed = {name: error for name, error in errors.items() if error is not None}
    for error in failed.values():
        if not isinstance(error, Exception) or len(running) == 1:
            raise error
    if failed:
        said = _said({name: cause_of(error) for name, error in failed.items()})
        raise TablesFailedError(f"{len(failed)} of {len(running)} tables failed: {said}")
    return [future.result() for future in running.values()]


def _said(causes: Mapping[str, str]) -> str:
    """Each cause once, after the tables that it is the cause of."""
    named: dict[str, list[str]] = {}
    for name, cause in causes.items():
        named.setdefault(cause, []).append(name)
    return "; ".join(f"{', '.join(names)}: {cause}" for cause, names in named.items())
