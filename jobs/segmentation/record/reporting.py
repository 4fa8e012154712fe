"""The run record of a table, from its states before and after."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ingestion.state import run_record
from ingestion.state.run_record import LOADED, NOTHING_NEW
from ingestion.state.storage import Storage
from ingestion.state.verification import Verification
from segmentation.lake.places import Places
from segmentation.lake.table_state import TableState
from segmentation.record.step_record import StepRecord


@dataclass(frozen=True)
class Recorder:
    """Makes the record of one run. `before` is the table's revision when the run began."""

    storage: Storage
    places: Places
    before: str
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    clock: float = field(default_factory=time.monotonic)

    def record(
        self,
        after: TableState,
        forced: bool = False,
        status: str = "",
        findings: Iterable[str] = (),
        kind: type[StepRecord] = StepRecord,
        **counts: Any,
    ) -> StepRecord:
        """LOADED if the revision is another than before, else NOTHING_NEW; or the given status.

        `forced` asks for a crawl whatever is known.
        """
        found = Verification.compared(
            self.storage, self.places.state, digest(self.places, after), self.before, after.revision, forced
        )
        return kind(
            status=status or (LOADED if after.revision != self.before else NOTHING_NEW),
            crawl_needed=found.crawl_needed,
            verify_needed=found.verify_needed,
            catalog=found.catalog,
            revision=after.revision,
            tables=tables(self.places, after),
            table_rows=after.rows,
            quarantine_rows=after.quarantined,
            **self.frame(),
            findings=run_record.findings((), (), more=findings),
            **counts,
        )

    def frame(self) -> dict[str, Any]:
        """What every record has: whose it is and how long the run took."""
        return {
            "dataset": self.places.name,
            "run_id": self.places.run_id,
            "seconds": round(time.monotonic() - self.clock, 3),
            "started_at": self.started.isoformat(timespec="seconds"),
            "ended_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }


def tables(places: Places, state: TableState) -> dict[str, int]:
    """The rows of each table that has any."""
    counted = {places.name: state.rows, places.quarantine_name: state.quarantined}
    return {name: rows for name, rows in counted.items() if rows}


def digest(places: Places, state: TableState) -> str:
    """Of what a crawl finds: the tables that have rows, their columns and types."""
    content: Mapping[str, Any] = {"columns": dict(state.columns), "tables": sorted(tables(places, state))}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
