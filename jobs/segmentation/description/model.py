"""The description of one table of the database, and the check of what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from segmentation.errors import InvalidDescriptionError

FULL = "full"  # every run reads all rows, and rewrites what differs
APPEND = "append"  # reads the rows whose key is greater than the greatest that was read
UPSERT = "upsert"  # reads what was inserted or updated since the last run
MODES = (FULL, APPEND, UPSERT)
RESERVED = ("customers", "customer_segments", "write_back", "pipeline")  # what the steps after it make

ROW_VERSION = "row_version"
"""Follow the number of the transaction that wrote a row (`xmin`): nothing is ever missed.

It needs neither a right nor anything of a column. It reads the whole table in the database, which has no
index on `xmin`, and sends only what changed. A view has no `xmin`.
"""
CURSOR = "cursor"
"""Follow the cursor, back to the start of the oldest transaction that was open at the last run.

It needs an index on the cursor to be worth it, the right `pg_read_all_stats`, and of the cursor that every
insert and every update sets it to a time that is not before the start of its own transaction: `now()`,
`statement_timestamp()` and `clock_timestamp()` of the database are such, the clock of a client is not.
"""
FOLLOWS = (ROW_VERSION, CURSOR)
NAME = re.compile(r"[a-z][a-z0-9_]{0,54}")


@dataclass(frozen=True)
class Table:
    """One table or view, `schema`.`table` in the database, `name` in the lake.

    `key` identifies a row. `cursor` is the time of a row's last change (upsert), or the key that only grows
    (append). `follow` says how an upsert finds changes: ROW_VERSION or CURSOR. `columns` are those to take,
    empty for all. `partition_column` is a whole number by whose ranges a large table is read in parallel.
    Every `compare_keys_every` runs the keys of lake and database are compared: this finds deleted rows, and
    rows that an append missed; 0 leaves that to `--compare_keys always`. `max_removed` is the share of the
    table's rows that a run may remove. Raises InvalidDescriptionError.
    """

    name: str
    schema: str
    table: str
    key: tuple[str, ...]
    mode: str
    cursor: str = ""
    follow: str = ROW_VERSION
    partition_column: str = ""
    columns: tuple[str, ...] = ()
    compare_keys_every: int = 0
    max_removed: float = 0.5
    description: str = ""

    def __post_init__(self) -> None:
        if problem := next(self._problems(), ""):
            raise InvalidDescriptionError(f"tables/{self.name}.py: {problem}")

    @property
    def place(self) -> str:
        """As people write it."""
        return f"{self.schema}.{self.table}"

    @property
    def follows_cursor(self) -> bool:
        """Whether its changes are found by a cursor, which takes the right to see others' transactions."""
        return self.mode == UPSERT and self.follow == CURSOR

    def _problems_of_name(self) -> Iterator[str]:
        if not NAME.fullmatch(self.name):
            yield f"name `{self.name}` must be small letters, digits and `_`, at most 55: it names a table"
        if self.name in RESERVED or self.name.endswith("_quarantine"):
            yield f"name `{self.name}` is that of a table or a state of the pipeline: give another"

    def _problems(self) -> Iterator[str]:
        yield from self._problems_of_name()
        if not (self.schema and self.table):
            yield "schema or table is empty: name both as the database does"
        if self.mode not in MODES:
            yield f"mode `{self.mode}` is not one of {', '.join(MODES)}"
        if self.follow not in FOLLOWS:
            yield f"follow `{self.follow}` is not one of {', '.join(FOLLOWS)}"
        if not self.key or isinstance(self.key, str) or len(set(self.key)) < len(self.key):
            yield f'key {self.key!r} must name the columns that identify a row, each once, as ("id",)'
        if self.mode == APPEND and self.key != (self.cursor,):
            yield f"an append needs a key of one column that only grows, its cursor: not {self.key}"
        if self.follows_cursor and not self.cursor:
            yield "an upsert that follows a cursor needs one: name the column that changes set to now()"
        if self.compare_keys_every < 0:
            yield f"compare_keys_every `{self.compare_keys_every}` is less than 0: 0 is never"
        if not 0 <= self.max_removed <= 1:
            yield f"max_removed `{self.max_removed}` is no share from 0 to 1"
        needed = {*self.key, self.cursor, self.partition_column} - {""}
        if self.columns and (lost := sorted(needed - {*self.columns})):
            yield f"columns leave out {', '.join(lost)}, which key, cursor or partition_column name"
