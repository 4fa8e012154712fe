"""The run record of a data set, from its ledgers before and after: the job and `find_work` say the same."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from ingestion.arguments import FULL, SMOKE, Arguments
from ingestion.description import DataSet, rules
from ingestion.description.rules import Result
from ingestion.planning import Listing
from ingestion.state import run_record
from ingestion.state.ledger import Ledger
from ingestion.state.places import Places
from ingestion.state.run_record import LOADED, NOTHING_NEW, RunRecord
from ingestion.state.storage import Storage
from ingestion.state.verification import Verification


@dataclass(frozen=True)
class Recorder:
    """Makes the record of one run; `started` is the time that rules of freshness are judged at."""

    arguments: Arguments
    dataset: DataSet
    storage: Storage
    places: Places
    started: datetime
    clock: float = field(default_factory=time.monotonic)

    def nothing_new(self, ledger: Ledger, listing: Listing, missing: Iterable[str] = ()) -> RunRecord:
        """Nothing to read. `missing` are tables that the Data Catalog has lost: they are crawled again."""
        results = tuple(rules.freshness(self.dataset.rules, ledger.newest, self.started))
        gone = [f"table {name} was gone from the Data Catalog" for name in missing]
        made = self._made(
            NOTHING_NEW,
            ledger,
            ledger,
            bool(gone),
            objects_listed=len(listing.objects),
            objects_skipped=listing.skipped,
        )
        found = run_record.findings(results, (), skipped=listing.skipped, more=gone)
        return _with_findings(made, results, found)

    def loaded(
        self,
        before: Ledger,
        after: Ledger,
        results: tuple[Result, ...],
        lost: tuple[str, ...],
        skipped: tuple[str, ...],
        repeated: Mapping[str, int],
        **counts: Any,
    ) -> RunRecord:
        """Objects were read, whether or not a table has changed."""
        added = tuple(name for name in after.added if name not in before.added)
        made = self._made(
            LOADED,
            before,
            after,
            columns_added=added,
            fields_lost=lost,
            objects_skipped=skipped,
            headers_repeated=sum(repeated.values()),
            **counts,
        )
        return _with_findings(made, results, run_record.findings(results, added, lost, skipped, repeated))

    def _made(
        self, status: str, before: Ledger, after: Ledger, crawl: bool = False, **more: Any
    ) -> RunRecord:
        forced = crawl or self.arguments.load_mode in (FULL, SMOKE)
        found = Verification.of(self.storage, self.places, self.dataset, before, after, forced)
        tables = after.tables(self.dataset.name)
        return RunRecord(
            dataset=self.dataset.name,
            run_id=self.arguments.run_id,
            status=status,
            crawl_needed=found.crawl_needed,
            verify_needed=found.verify_needed,
            catalog=found.catalog,
            table_rows=after.rows,
            tables=tables,
            quarantine_rows=tables.get(self.places.quarantine.name, 0),
            revision=after.revision,
            seconds=round(time.monotonic() - self.clock, 3),
            started_at=self.started.isoformat(timespec="seconds"),
            ended_at=datetime.now(UTC).isoformat(timespec="seconds"),
            **more,
        )


def _with_findings(record: RunRecord, results: tuple[Result, ...], found: str) -> RunRecord:
    return replace(record, rules=tuple(result.as_json() for result in results), findings=found)
