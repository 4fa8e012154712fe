"""The run record: what one run did for one data set, small enough for a state machine to carry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ingestion.description import REJECT
from ingestion.description.rules import Result
from ingestion.state.storage import Prefix, Storage

FINDINGS_LENGTH = 1_000
FINDING_LENGTH = 300
MORE_LENGTH = 50  # for the count of those that do not fit
CAUSE_LENGTH = 500
LOADED = "LOADED"
NOTHING_NEW = "NOTHING_NEW"
FAILED = "FAILED"


@dataclass(frozen=True)
class RunRecord:
    """Counts of one run. Always rows_read = rows_new + rows_restated + rows_unchanged + rows_duplicate
    + rows_quarantined + rows_filtered_out.

    `rows_read` counts the rows of new and changed objects, and those rows of older objects that were read
    again to rebuild a partition. Compared with the table before the run, `rows_new` have a new key,
    `rows_restated` other values, and `rows_removed` are gone. `table_rows` counts the whole table now,
    `tables` every table of the data set that has rows, `quarantine_rows` all rows in quarantine.
    `columns_added` are undescribed fields that became columns of text, `fields_lost` those that no column can
    hold, `objects_skipped` objects that were not read, `headers_repeated` later lines of a CSV that are its
    header once more. `rules` has the result of every rule that this run could judge, `findings` what people
    should know of all this, parted by `; ` and cut to 1,000 characters with a count. `catalog`,
    `crawl_needed` and `verify_needed` are those of `state.verification`. Times are UTC, `seconds` is the wall
    time of the run.
    """

    dataset: str
    run_id: str
    status: str
    crawl_needed: bool
    verify_needed: bool
    catalog: str
    table_rows: int
    tables: dict[str, int]
    revision: str
    seconds: float
    started_at: str
    ended_at: str
    objects_listed: int
    objects_read: int = 0
    objects_removed: int = 0
    rows_read: int = 0
    rows_new: int = 0
    rows_restated: int = 0
    rows_unchanged: int = 0
    rows_removed: int = 0
    rows_duplicate: int = 0
    rows_quarantined: int = 0
    rows_filtered_out: int = 0
    partitions_written: int = 0
    files_written: int = 0
    bytes_written: int = 0
    quarantine_rows: int = 0
    columns_added: tuple[str, ...] = ()
    fields_lost: tuple[str, ...] = ()
    objects_skipped: tuple[str, ...] = ()
    headers_repeated: int = 0
    rules: tuple[dict[str, Any], ...] = ()
    findings: str = ""

    @property
    def rows_kept(self) -> int:
        """The rows read that the table has now."""
        return self.rows_new + self.rows_restated + self.rows_unchanged

    @property
    def rows_accounted_for(self) -> int:
        """What `rows_read` must be equal to."""
        return self.rows_kept + self.rows_duplicate + self.rows_quarantined + self.rows_filtered_out

    def save(self, storage: Storage, runs: Prefix) -> None:
        storage.write_json(runs, f"{self.run_id}.json", asdict(self))


@dataclass(frozen=True)
class FailedRun:
    """The run record of a data set that was not ingested; `error` is the name of the exception."""

    dataset: str
    run_id: str
    error: str
    cause: str
    started_at: str
    ended_at: str
    status: str = FAILED

    def save(self, storage: Storage, runs: Prefix) -> None:
        storage.write_json(runs, f"{self.run_id}.json", asdict(self))


def cause_of(error: BaseException) -> str:
    """The words of an exception in one line of at most 500 characters, without the stack of a Java one."""
    said = str(error).partition("\n\tat ")[0]
    text = " ".join(said.split()) or "no words were given"
    return text if len(text) <= CAUSE_LENGTH else f"{text[: CAUSE_LENGTH - 2]} …"


def findings(
    results: Iterable[Result],
    columns_added: Iterable[str],
    lost: Iterable[str] = (),
    skipped: Sequence[str] = (),
    repeated: Mapping[str, int] | None = None,
    more: Iterable[str] = (),
) -> str:
    """What a successful run reports: broken rules that rejected no row, new columns, fields without one.

    Also objects that were skipped, because they are empty or their names are hidden, headers that are
    `repeated`: how many lines of which objects, and what `more` says.
    """
    broken = [result for result in results if result.failures and result.severity != REJECT]
    found = [f"{result.rule} {result.failures} times, as {result.example}" for result in broken]
    found += [f"new column {name}" for name in columns_added]
    found += [f"not kept, describe it: {name}" for name in lost]
    if skipped:
        found.append(f"{len(skipped)} objects skipped, empty or with a hidden name, as {skipped[0]}")
    if repeated:
        found.append(
            f"{sum(repeated.values())} lines repeat the header of their object, as in {next(iter(repeated))}"
        )
    return _joined([*found, *more])


def _joined(found: Sequence[str]) -> str:
    shown, more = [_shortened(one.replace("; ", ", ")) for one in found], 0
    while len("; ".join(shown)) > FINDINGS_LENGTH - MORE_LENGTH:
        shown.pop()
        more += 1
    return "; ".join([*shown, f"and {more} more: see the run record"] if more else shown)


def _shortened(finding: str) -> str:
    """One of them must not take the room of all others."""
    return finding if len(finding) <= FINDING_LENGTH else f"{finding[: FINDING_LENGTH - 2]} …"
