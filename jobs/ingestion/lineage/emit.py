"""Writes the events beside the run records: `lineage/<data set>/<run id>.<event>.json`.

They tell of the runs and decide nothing: where one cannot be written, the log says so and the run goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import datasets
from ingestion.lineage.events import Run
from ingestion.state import datazone
from ingestion.state.openlineage import Event
from ingestion.state.run_record import FailedRun, RunRecord
from ingestion.state.storage import Prefix, Storage

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Emitter:
    """For one job run, which is one execution's; `options` are the job's arguments."""

    storage: Storage
    options: Mapping[str, str]
    job_name: str

    def started(self, data_set: str, started: datetime) -> None:
        """Before anything is read."""
        self._write(data_set, _iso(started), lambda run: run.start(datasets.load(data_set)))

    def completed(self, record: RunRecord) -> None:
        """After the run record, which alone says that the run is complete."""
        name = record.dataset
        self._write(name, record.started_at, lambda run: run.complete(datasets.load(name), record))

    def failed(self, record: FailedRun) -> None:
        """With the cause that the run record has."""
        told = record.ended_at, record.cause
        self._write(record.dataset, record.started_at, lambda run: run.fail(*told))

    def aborted(self, data_set: str, run_id: str) -> None:
        """Of an earlier run, which died while it had the data set."""
        now = _iso(datetime.now(UTC))
        self._write(data_set, now, lambda run: run.abort(now), run_id)

    def _write(self, data_set: str, started: str, make: Callable[[Run], Event], run_id: str = "") -> None:
        try:
            lake, source = (Prefix.parse(self.options[name]) for name in ("lake_root", "source_root"))
            run = Run(lake, source, self.job_name, run_id or self.options["run_id"], data_set, started)
            event = make(run)
            run.frame.write(self.storage, event)
        except Exception:  # the data must not wait for what is told about it
            _logger.exception("an event on the lineage of %s could not be written", data_set)
        else:
            datazone.send(self.options.get(datazone.ARGUMENT, ""), event)


def _iso(time: datetime) -> str:
    return time.isoformat(timespec="seconds")
