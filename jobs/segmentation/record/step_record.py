"""The run records `runs/<name>/<run_id>.json` of the four jobs; a failed one is `ingestion`'s FailedRun."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ingestion.state.run_record import FAILED, LOADED, NOTHING_NEW
from ingestion.state.storage import Prefix, Storage

NOTHING_TO_SEGMENT = "NOTHING_TO_SEGMENT"
STATUSES = (LOADED, NOTHING_NEW, NOTHING_TO_SEGMENT, FAILED)
WRITE_BACK = "write_back"  # the name of the last step's record; it has no table in the lake


@dataclass(frozen=True)
class StepRecord:
    """Counts of one run. An extraction has rows_read = rows_new + rows_changed + rows_unchanged +
    rows_quarantined; `rows_deleted` are rows that left the table.

    LOADED: something was published. NOTHING_NEW: the table is as it was, whatever was read. Of a join
    `rows_read` counts the rows of its inputs and `rows_quarantined` those that it cannot use, of the others
    new, changed, unchanged and deleted count customers. Of a segmentation and a write-back `rows_read` counts
    customers. `quarantine_rows` is what stands in quarantine now. `catalog`, `crawl_needed` and
    `verify_needed` are those of `ingestion.state.verification`; a write-back needs neither. `detail` is for
    people: what else the step counted. Times are UTC.
    """

    dataset: str
    run_id: str
    status: str
    crawl_needed: bool
    verify_needed: bool
    catalog: str
    revision: str
    tables: Mapping[str, int]
    table_rows: int
    seconds: float
    started_at: str
    ended_at: str
    rows_read: int = 0
    rows_new: int = 0
    rows_changed: int = 0
    rows_unchanged: int = 0
    rows_deleted: int = 0
    rows_quarantined: int = 0
    quarantine_rows: int = 0
    files_written: int = 0
    bytes_written: int = 0
    findings: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def rows_accounted_for(self) -> int:
        """What `rows_read` of an extraction must be equal to."""
        return self.rows_new + self.rows_changed + self.rows_unchanged + self.rows_quarantined

    def save(self, storage: Storage, runs: Prefix) -> None:
        storage.write_json(runs, f"{self.run_id}.json", asdict(self))


@dataclass(frozen=True)
class SegmentRecord(StepRecord):
    """`segments` are in the order of their numbers, each {number, name, customers, share, mean_recency_days,
    mean_frequency, mean_monetary}. `silhouette` is null for one segment. `drift` is the share of the
    customers of this run and the last that have another segment now, null on the first run; `detail.moves`
    has each {from, to, customers}.
    """

    segments: tuple[Mapping[str, Any], ...] = ()
    k: int = 0
    silhouette: float | None = None
    drift: float | None = None
