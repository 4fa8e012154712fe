"""The run record: what one run did, small enough for a state machine to carry."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from ingestion.storage import Prefix, Storage

LOADED = "LOADED"
NOTHING_NEW = "NOTHING_NEW"


@dataclass(frozen=True)
class RunRecord:
    """Counts of one run. Always rows_read = rows_kept + rows_filtered_out + rows_rejected + rows_duplicate.

    A run rebuilds whole partitions: `rows_read` are the rows of the new and changed objects, and those
    rows of older objects that belong to the same partitions. `table_rows` is what the whole table holds now.
    `crawl_needed`: the table was changed by this run, or its revision was never verified in the catalog.
    Times are UTC, `seconds` the wall time of the run.
    """

    dataset: str
    run_id: str
    status: str
    crawl_needed: bool
    table_rows: int
    revision: str
    seconds: float
    started_at: str
    ended_at: str
    objects_listed: int
    objects_read: int = 0
    objects_removed: int = 0
    rows_read: int = 0
    rows_kept: int = 0
    rows_filtered_out: int = 0
    rows_rejected: int = 0
    rows_duplicate: int = 0
    partitions_written: int = 0
    files_written: int = 0
    bytes_written: int = 0

    def save(self, storage: Storage, runs: Prefix) -> None:
        storage.write_json(runs, f"{self.run_id}.json", asdict(self))
