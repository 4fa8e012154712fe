"""One job run for several data sets, each by itself: one that fails does not stop the others.

Each leaves a run record, a failed one too. The job run ends FAILED if any failed, so what Glue says is true;
the state machine goes by the records. A data set that has none is one that the job run did not live to end.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ingestion import arguments, job
from ingestion.errors import ConcurrentRunError, DataSetsFailedError, IngestionError
from ingestion.lineage.emit import Emitter
from ingestion.state import claim
from ingestion.state.claim import Claim
from ingestion.state.job_runs import JobRuns
from ingestion.state.run_record import FailedRun, RunRecord, cause_of
from ingestion.state.storage import Prefix, Storage

_logger = logging.getLogger(__name__)

WAIT_SECONDS = 900.0  # for a data set that another job run has, once there is nothing else to do
WAIT_SHARE = 0.8  # of the time that Glue gives the job run: the rest is for saying that it was in vain
POLL_SECONDS = 10.0


def run(
    options: Mapping[str, str],
    job_name: str,
    job_run: str,
    storage: Storage | None = None,
    job_runs: JobRuns | None = None,
    one: Callable[..., RunRecord] = job.run,
) -> list[RunRecord]:
    """Bring each data set of `--datasets` up to date; `job_run` is Glue's id of this run.

    Returns the run records of those that did not fail. Raises what the one that failed raised, or
    DataSetsFailedError for several.
    """
    names = arguments.data_sets(options["datasets"])
    runs = job_runs or JobRuns(job_name)
    last = time.monotonic() + WAIT_SHARE * runs.check(job_run)
    batch = _Batch(options, job_name, job_run, storage or Storage(), runs, one, last)
    batch.execute(names)
    if len(batch.failures) == 1 and len(names) == 1:
        raise next(iter(batch.failures.values()))
    if batch.failures:
        said = "; ".join(f"{name}: {cause_of(error)}" for name, error in batch.failures.items())
        raise DataSetsFailedError(f"{len(batch.failures)} of {len(names)} data sets failed: {said}")
    return batch.records


@dataclass
class _Batch:
    """`last` is when nothing is waited for any more, on the monotonic clock."""

    options: Mapping[str, str]
    job_name: str
    job_run: str
    storage: Storage
    job_runs: JobRuns
    one: Callable[..., RunRecord]
    last: float
    records: list[RunRecord] = field(default_factory=list)
    failures: dict[str, Exception] = field(default_factory=dict)

    @property
    def _lineage(self) -> Emitter:
        return Emitter(self.storage, self.options, self.job_name)

    def execute(self, names: tuple[str, ...]) -> None:
        """Those that another job run has come last, once it has ended or the patience for it has."""
        lake = Prefix.parse(self.options["lake_root"])
        waiting, deadline = list(names), self._deadline()
        while waiting:
            taken = [name for name in waiting if self._tried(name, lake)]
            waiting = [name for name in waiting if name not in taken]
            if taken:
                deadline = self._deadline()
            elif time.monotonic() > deadline:
                for name in waiting:
                    self._failed(name, lake, self._busy(name, lake), datetime.now(UTC))
                return
            else:
                _logger.info("waiting for %s, which another job run has", ", ".join(waiting))
                time.sleep(POLL_SECONDS)

    def _deadline(self) -> float:
        return min(time.monotonic() + WAIT_SECONDS, self.last)

    def _tried(self, name: str, lake: Prefix) -> bool:
        """Whether the data set was done, well or not; False while another job run has it."""
        started = datetime.now(UTC)
        try:
            held = self._claimed(name, lake)
            if held is None:
                return False
            if held.abandoned:
                self._lineage.aborted(name, held.abandoned)
            try:
                self._lineage.started(name, started)
                options = {**self.options, "dataset": name}
                record = self.one(options, job_name=self.job_name, storage=self.storage)
                self._lineage.completed(record)
                self.records.append(record)
            finally:
                _give_back(held, name)
        except Exception as error:  # one data set must not stop the others
            self._failed(name, lake, error, started)
        return True

    def _claimed(self, name: str, lake: Prefix) -> Claim | None:
        return claim.take(
            self.storage, _state(lake, name), self.job_run, self.options["run_id"], self.job_runs.is_running
        )

    def _busy(self, name: str, lake: Prefix) -> ConcurrentRunError:
        holder = claim.holder(self.storage, _state(lake, name))
        return ConcurrentRunError(
            f"job run {holder} still has {name}, and this one has no more time to wait: look at that "
            "run, then start this one again"
        )

    def _failed(self, name: str, lake: Prefix, error: Exception, started: datetime) -> None:
        _logger.error("%s failed: %s", name, error, exc_info=not isinstance(error, IngestionError))
        self.failures[name] = error
        times = [one.isoformat(timespec="seconds") for one in (started, datetime.now(UTC))]
        record = FailedRun(name, self.options["run_id"], type(error).__name__, cause_of(error), *times)
        try:
            record.save(self.storage, lake.folder("runs").folder(name))
        except Exception:  # the job run's own end says it then
            _logger.exception("the run record of %s could not be written", name)
        self._lineage.failed(record)


def _give_back(held: Claim, name: str) -> None:
    """What was done is done, also where this fails: the claim ends with the job run then."""
    try:
        held.release()
    except Exception:
        _logger.exception("the claim on %s could not be given back", name)


def _state(lake: Prefix, name: str) -> Prefix:
    return lake.folder("state").folder(name)
