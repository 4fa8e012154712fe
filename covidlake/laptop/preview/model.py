"""What a preview says, all of it JSON. Somebody else's code may have written that: `read` trusts nothing."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from covidlake.base import json_text
from covidlake.base.errors import ReportError
from covidlake.laptop.preview import shape

VERSION = 1
LARGEST = 20_000_000  # characters of a result that is read
IDENTICAL, CHANGED, NEW, GONE, RENAMED, FAILED = "identical", "changed", "new", "gone", "renamed", "failed"
LEFT_OUT = (
    "what the Lambda find_work decides is not previewed: whether an execution loads a data set at all",
    "histories of tables are compared by their columns: each upgrade adds to their rows",
)


@dataclass(frozen=True)
class Statistic:
    """`low` and `high` are texts; None for a column that has no order, or no value."""

    rows: int
    nulls: int
    low: str | None = None
    high: str | None = None

    @property
    def null_share(self) -> float:
        return self.nulls / self.rows if self.rows else 0.0


@dataclass(frozen=True)
class Example:
    """One value that differs, with the key of its row."""

    key: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class ColumnChange:
    """A type of "" means that this side has no such column; `differ` counts the rows of both sides."""

    name: str
    before_type: str
    after_type: str
    differ: int = 0
    examples: tuple[Example, ...] = ()
    before: Statistic | None = None
    after: Statistic | None = None

    @property
    def kind(self) -> str:
        if not self.before_type:
            return "added"
        if not self.after_type:
            return "gone"
        if self.before_type != self.after_type:
            return "type"
        return "values" if self.differ else ""


@dataclass(frozen=True)
class Side:
    """One table as a run left it; `repeated` keys belong to more than one row."""

    rows: int
    files: int | None
    bytes: int | None
    partition: tuple[str, ...] = ()
    repeated: int = 0


@dataclass(frozen=True)
class TableChange:
    """A table on both sides; None for a side that has no such table. `key` is what rows were joined by."""

    name: str
    before: Side | None
    after: Side | None
    key: tuple[str, ...] = ()
    added: int = 0
    gone: int = 0
    changed: int = 0
    columns: tuple[ColumnChange, ...] = ()
    added_keys: tuple[str, ...] = ()
    gone_keys: tuple[str, ...] = ()
    before_name: str = ""
    rows_compared: bool = True

    @property
    def identical(self) -> bool:
        """Whether schema and rows are the same; files may be written otherwise."""
        if self.before is None or self.after is None:
            return self.before is self.after
        rows = self.added or self.gone or self.changed or self.before.rows != self.after.rows
        same_place = self.before.partition == self.after.partition and self.name == self.before_name
        return not rows and same_place and not any(column.kind for column in self.columns)


@dataclass(frozen=True)
class RuleChange:
    """`change` is dropped, weaker, unclear, stricter, added or ""; failures are None if not judged."""

    name: str
    change: str
    before: str
    after: str
    failures_before: int | None = None
    failures_after: int | None = None


@dataclass(frozen=True)
class Answer:
    """The rows of a named query as text, cut; or why there are none."""

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str | None, ...], ...] = ()
    total: int = 0
    problem: str = ""


@dataclass(frozen=True)
class QueryChange:
    """`differ` counts the rows that only one of the answers has; None for a side without the query."""

    title: str
    before: Answer | None
    after: Answer | None
    differ: int = 0
    rewritten: bool = False


@dataclass(frozen=True)
class Upgrade:
    """What the run of head's code does to the lake that base's left."""

    status: str
    cause: str = ""
    objects_read: int = 0
    rows_restated: int = 0
    rows_removed: int = 0
    partitions_written: int = 0
    files_written: int = 0
    bytes_written: int = 0


@dataclass(frozen=True)
class Segment:
    """Customers of one name; `means` has the mean of each figure that the table has of a customer."""

    customers: int
    means: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class SegmentChange:
    """A segment by its name; None for a side that has none of this name."""

    name: str
    before: Segment | None
    after: Segment | None


@dataclass(frozen=True)
class Move:
    """Customers that base has in one segment and head in another; `keys` has some of them."""

    before: str
    after: str
    customers: int
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class SegmentsChange:
    """Which customers change segment; `both` counts those that are in a segment on both sides."""

    both: int
    added: int
    gone: int
    segments: tuple[SegmentChange, ...] = ()
    moves: tuple[Move, ...] = ()
    added_keys: tuple[str, ...] = ()
    gone_keys: tuple[str, ...] = ()

    @property
    def moved(self) -> int:
        return sum(move.customers for move in self.moves)

    @property
    def share_moved(self) -> float:
        return self.moved / self.both if self.both else 0.0


@dataclass(frozen=True)
class DataSetChange:
    """One data set, or a pipeline of tables; `why` it ran, and the words of the run that failed on a side.

    `contract` has grade, place and meaning of each change to what its readers were promised. `segments` only
    the pipeline has that makes them.
    """

    name: str
    status: str
    before_name: str = ""
    why: tuple[str, ...] = ()
    fails_before: str = ""
    fails_after: str = ""
    key_before: tuple[str, ...] = ()
    key_after: tuple[str, ...] = ()
    read_before: int = 0
    read_after: int = 0
    tables: tuple[TableChange, ...] = ()
    quarantine: tuple[tuple[str, int, int], ...] = ()
    rules: tuple[RuleChange, ...] = ()
    limits: tuple[tuple[str, float, float], ...] = ()
    queries: tuple[QueryChange, ...] = ()
    upgrade: Upgrade | None = None
    disagreements: tuple[TableChange, ...] = ()
    contract: tuple[tuple[str, str, str], ...] = ()
    is_pipeline: bool = False
    segments: SegmentsChange | None = None


@dataclass(frozen=True)
class Preview:
    """`not_run` are the data sets that nothing of the change reaches."""

    base: str
    head: str
    source: str
    data_sets: tuple[DataSetChange, ...]
    library: tuple[str, ...] = ()
    not_run: tuple[str, ...] = ()
    left_out: tuple[str, ...] = LEFT_OUT
    seconds: float = 0.0
    version: int = field(default=VERSION)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def load(path: Path) -> Preview:
    """The preview in a file that `dataset diff` may have written. Raises `ReportError`."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise ReportError(f"{path}: cannot be read as text: make it with: covidlake dataset diff") from error
    return read(text)


def read(text: str) -> Preview:
    """A preview out of a text of JSON. Raises `ReportError` for all that is none."""
    if len(text) > LARGEST:
        raise ReportError(f"the preview has {len(text):,} characters, at most {LARGEST:,} are read")
    try:
        content = json_text.parse(text)
        found = shape.read(Preview, content.get("preview") if isinstance(content, dict) else None, "preview")
    except ValueError as error:
        raise ReportError(f"this is no preview of data: {error}") from error
    if found.version != VERSION:
        raise ReportError(f"the preview has version {found.version}, not {VERSION}: make it with this code")
    return found
