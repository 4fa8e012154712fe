"""One run for one table: nobody else has it meanwhile, and whatever happens there is a record."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ingestion.state import claim, datazone
from ingestion.state.claim import Claim
from ingestion.state.job_runs import JobRuns
from ingestion.state.run_record import FailedRun, cause_of
from ingestion.state.storage import Prefix, Storage
from segmentation.arguments import Common
from segmentation.errors import ConcurrentRunError, SegmentationError
from segmentation.lineage.events import Teller
from segmentation.record.step_record import StepRecord

_logger = logging.getLogger(__name__)

WAIT_SECONDS = 900.0  # for a table that another job run has
WAIT_SHARE = 0.8  # of the time that Glue gives the job run: the rest is for saying that it was in vain
POLL_SECONDS = 10.0


@dataclass(frozen=True)
class JobRun:
    """A run of a Glue job: `id` is Glue's, `last` when nothing is waited for any more (monotonic clock).

    `domain` is the one of Amazon DataZone that gets the events on lineage, if any.
    """

    job_name: str
    id: str
    storage: Storage = field(default_factory=Storage)
    job_runs: JobRuns | None = None
    last: float = 0.0
    domain: str = ""

    @classmethod
    def of(
        cls, options: Mapping[str, str], storage: Storage | None = None, job_runs: JobRuns | None = None
    ) -> JobRun:
        """From what Glue says of the run. Raises UnknownJobRunError unless Glue knows it as going."""
        name, run = options["JOB_NAME"], options["JOB_RUN_ID"]
        runs = job_runs or JobRuns(name)
        last = time.monotonic() + min(WAIT_SECONDS, WAIT_SHARE * runs.check(run))
        return cls(name, run, storage or Storage(), runs, last, options.get(datazone.ARGUMENT, ""))

    def carry_out(self, name: str, common: Common, work: Callable[[], StepRecord]) -> StepRecord:
        """Do the work for the table `name` and write its record, last: where it is, the run is complete.

        A failure leaves a record, too, and is raised.
        """
        started, runs = datetime.now(UTC), common.lake_root.folder("runs").folder(name)
        teller = Teller(self.storage, common, self.job_name, name, domain=self.domain)
        try:
            held = self._claimed(name, common)
            try:
                if held.abandoned:
                    teller.aborted(held.abandoned)
                teller = teller.begun(started)
                record = work()
                record.save(self.storage, runs)
                teller.completed(record)
            finally:
                _give_back(held, name)
        except Exception as error:
            teller.failed(self._failed(name, common, error, started, runs))
            raise
        _logger.info(
            "%s: %s, %d rows; run record: %s%s.json",
            name,
            record.status,
            record.table_rows,
            runs,
            common.run_id,
        )
        return record

    def _claimed(self, name: str, common: Common) -> Claim:
        state = common.lake_root.folder("state").folder(name)
        runs = self.job_runs or JobRuns(self.job_name)
        while True:
            held = claim.take(self.storage, state, self.id, common.run_id, runs.is_running)
            if held:
                return held
            if time.monotonic() > self.last:
                raise ConcurrentRunError(
                    f"job run {claim.holder(self.storage, state)} still has {name}, and this one has no more "
                    "time to wait: look at that run, then start this one again"
                )
            _logger.info("waiting for %s, which another job run has", name)
            time.sleep(POLL_SECONDS)

    def _failed(
        self, name: str, common: Common, error: Exception, started: datetime, runs: Prefix
    ) -> FailedRun:
        _logger.error(
            "%s failed: %s", name, cause_of(error), exc_info=not isinstance(error, SegmentationError)
        )
        times = [one.isoformat(timespec="seconds") for one in (started, datetime.now(UTC))]
        record = FailedRun(name, common.run_id, type(error).__name__, cause_of(error), *times)
        try:
            record.save(self.storage, runs)
        except Exception:  # the job run's own end says it then
            _logger.exception("the run record of %s could not be written", name)
        return record


def _give_back(held: Claim, name: str) -> None:
    """What was done is done, also where this fails: the claim ends with the job run then."""
    try:
        held.release()
    except Exception:
        _logger.exception("the claim on %s could not be given back", name)


def log_to_output() -> None:
    """Glue keeps standard output as the log of the run; only messages of this job belong there."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    for name in ("segmentation", "ingestion"):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(logging.INFO)
        logger.propagate = False
