"""Two tables in Parquet compared by key, exactly and in bounded memory, with DuckDB.

First each row of one side meets the row of the other side with the same key, and only whether their values
differ is carried along: the values themselves in a small table, a hash of 64 bits in a large one, where two
different rows pass for equal once in 2^64. Then the rows that may differ are compared value by value.
NULL equals NULL, NaN equals NaN, and numbers of two types are equal where their values are.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from covidlake.laptop.preview.model import ColumnChange, Example, Side, Statistic, TableChange
from covidlake.laptop.preview.parquet_table import ParquetTable, quoted, types

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

EXAMPLES = 5
EXAMPLE_LENGTH = 200
HASHED_FROM = 200_000  # rows of either side
MEMORY = "1GB"
_NUMBERS = ("tinyint", "smallint", "int", "bigint", "float", "double")
_PLACE = "_place"  # tells rows of one key apart; no column of a lake begins with an underscore


def compare(
    name: str,
    before: ParquetTable | None,
    after: ParquetTable | None,
    key: Sequence[str],
    ignored: Sequence[str] = (),
    rows: bool = True,
    before_name: str = "",
) -> TableChange:
    """How a table differs; `ignored` columns hold what differs from run to run, and are left out.

    Rows are joined by the columns of `key` that both sides have, else by all columns that both have. Without
    `rows` only the columns are compared, and the rows counted.
    """
    with connection() as database:
        for view, table in (("before", before), ("after", after)):
            if table:
                table.view(database, view)
        return _Comparison(database, before, after, frozenset(ignored)).made(
            name, before_name or name, key, rows
        )


@contextmanager
def connection(memory: str = MEMORY, threads: int = 2) -> Iterator[DuckDBPyConnection]:
    """A DuckDB that spills what does not fit into its memory to a folder of its own."""
    import duckdb

    with tempfile.TemporaryDirectory(prefix="preview-") as scratch:
        database = duckdb.connect(str(Path(scratch, "compare.duckdb")))
        try:
            database.execute(f"SET memory_limit = '{memory}'")
            database.execute(f"SET temp_directory = '{scratch}/spill'")
            database.execute(f"SET threads = {threads}")
            database.execute("SET preserve_insertion_order = false")
            database.execute("SET TimeZone = 'UTC'")
            yield database
        finally:
            database.close()


@dataclass
class _Comparison:
    database: DuckDBPyConnection
    before: ParquetTable | None
    after: ParquetTable | None
    ignored: frozenset[str]

    def made(self, name: str, before_name: str, key: Sequence[str], rows: bool) -> TableChange:
        then, now = self._types("before", self.before), self._types("after", self.after)
        common = [column for column in now if column in then]
        joined = [column for column in key if column in common] if set(key) <= set(common) else common
        columns = self._statistics(then, now)
        sides = [
            self._side(view, table, joined)
            for view, table in (("before", self.before), ("after", self.after))
        ]
        change = TableChange(
            name,
            sides[0],
            sides[1],
            tuple(joined),
            columns=columns,
            before_name=before_name,
            rows_compared=rows,
        )
        if not rows or sides[0] is None or sides[1] is None:
            return change
        if not common:  # no row of the one can be found in the other
            return replace(change, added=sides[1].rows, gone=sides[0].rows)
        repeated = bool(sides[0].repeated or sides[1].repeated)
        return _Rows(self.database, then, now, joined, repeated, max(sides[0].rows, sides[1].rows)).into(
            change
        )

    def _types(self, view: str, table: ParquetTable | None) -> dict[str, str]:
        if table is None:
            return {}
        return {name: kind for name, kind in types(self.database, view).items() if name not in self.ignored}

    def _side(self, view: str, table: ParquetTable | None, key: Sequence[str]) -> Side | None:
        if table is None:
            return None
        (rows,) = self._one(f"SELECT count(*) FROM {view}")
        repeated = 0
        if key and self.before and self.after:
            by = ", ".join(map(quoted, key))
            grouped = f"SELECT 1 FROM {view} GROUP BY {by} HAVING count(*) > 1"
            (repeated,) = self._one(f"SELECT count(*) FROM ({grouped})")
        return Side(rows, len(table.files), table.bytes, table.keys, repeated)

    def _statistics(self, then: dict[str, str], now: dict[str, str]) -> tuple[ColumnChange, ...]:
        before, after = self._measured("before", then), self._measured("after", now)
        names = [*now, *(name for name in then if name not in now)]
        return tuple(
            ColumnChange(
                name, then.get(name, ""), now.get(name, ""), 0, (), before.get(name), after.get(name)
            )
            for name in names
        )

    def _measured(self, view: str, columns: dict[str, str]) -> dict[str, Statistic]:
        if not columns:
            return {}
        parts = ["count(*)"]
        for name, kind in columns.items():
            ordered = "<" not in kind
            low, high = ((f"{one}({quoted(name)})::VARCHAR" if ordered else "NULL") for one in ("min", "max"))
            parts += [f"count({quoted(name)})", low, high]
        rows, *found = self._one(f"SELECT {', '.join(parts)} FROM {view}")
        return {
            name: Statistic(rows, rows - found[3 * at], _cut(found[3 * at + 1]), _cut(found[3 * at + 2]))
            for at, name in enumerate(columns)
        }

    def _one(self, sql: str) -> tuple[Any, ...]:
        return tuple(self.database.execute(sql).fetchone() or ())


@dataclass
class _Rows:
    """The rows of both sides, matched by key; `then` and `now` are the types of the columns."""

    database: DuckDBPyConnection
    then: dict[str, str]
    now: dict[str, str]
    key: Sequence[str]
    repeated: bool
    rows: int

    def into(self, change: TableChange) -> TableChange:
        """The change with what differs between its rows."""
        self._match()
        added, gone = self._unmatched("added"), self._unmatched("gone")
        changed, differ = self._differing()
        columns = tuple(
            replace(one, differ=differ[one.name], examples=self._examples(one.name))
            if differ.get(one.name)
            else one
            for one in change.columns
        )
        return replace(
            change,
            added=added[0],
            gone=gone[0],
            changed=changed,
            columns=columns,
            added_keys=added[1],
            gone_keys=gone[1],
        )

    @property
    def _values(self) -> list[str]:
        return [name for name in self.now if name in self.then and name not in self.key]

    @property
    def _joined(self) -> list[str]:
        return [*self.key, _PLACE] if self.repeated else list(self.key)

    def _side(self, view: str, mine: dict[str, str], other: dict[str, str]) -> str:
        """Rows of one side; those of one key are numbered in the order of their values."""
        values = [f"{_comparable(name, mine[name], other[name])} AS {quoted(name)}" for name in self._values]
        keys = [f"{_comparable(name, mine[name], other[name])} AS {quoted(name)}" for name in self.key]
        sql = f"SELECT {', '.join([*keys, *values])} FROM {view}"
        if not self.repeated:
            return sql
        by, order = ", ".join(map(quoted, self.key)), ", ".join(map(quoted, self._values)) or "1"
        return f"SELECT *, row_number() OVER (PARTITION BY {by} ORDER BY {order}) AS {_PLACE} FROM ({sql})"

    def _match(self) -> None:
        """A table of the keys of all rows that are on one side only, or may differ."""
        content = ", ".join(map(quoted, self._values))
        whole = f"row({content})" if self.rows < HASHED_FROM else f"hash({content})"
        whole = whole if content else "1"
        key = ", ".join(map(quoted, self._joined))
        both = ", ".join(
            f"coalesce(b.{quoted(one)}, a.{quoted(one)}) AS {quoted(one)}" for one in self._joined
        )
        for side, mine, other in (("before", self.then, self.now), ("after", self.now, self.then)):
            self.database.execute(
                f"CREATE OR REPLACE TEMP VIEW {side}_rows AS {self._side(side, mine, other)}"
            )
        sides = [
            f"(SELECT {key}, {whole} AS content, true AS there FROM {side}_rows)"
            for side in ("before", "after")
        ]
        self.database.execute(
            f"CREATE OR REPLACE TEMP TABLE found AS SELECT {both}, "
            "CASE WHEN b.there IS NULL THEN 'added' WHEN a.there IS NULL THEN 'gone' "
            "ELSE 'differs' END AS how "
            f"FROM {sides[0]} b FULL JOIN {sides[1]} a ON {self._on('b', 'a')} "
            "WHERE b.there IS NULL OR a.there IS NULL OR b.content IS DISTINCT FROM a.content"
        )

    def _on(self, one: str, other: str) -> str:
        return " AND ".join(
            f"{one}.{quoted(name)} IS NOT DISTINCT FROM {other}.{quoted(name)}" for name in self._joined
        )

    def _unmatched(self, how: str) -> tuple[int, tuple[str, ...]]:
        key = _key_text(self.key, "found")
        order = ", ".join(map(quoted, self._joined))
        found = self.database.execute(
            f"SELECT {key} FROM found WHERE how = '{how}' ORDER BY {order} LIMIT {EXAMPLES}"
        ).fetchall()
        counted = self.database.execute(f"SELECT count(*) FROM found WHERE how = '{how}'").fetchone()
        assert counted is not None
        return counted[0], tuple(_cut(row[0]) or "" for row in found)

    def _differing(self) -> tuple[int, dict[str, int]]:
        """How many rows differ, and in how many of them each column does."""
        if not self._values:
            return 0, {}
        key = ", ".join(f"b.{quoted(name)}" for name in self._joined)
        pairs = ", ".join(
            f"b.{quoted(name)} AS b{at}, a.{quoted(name)} AS a{at}" for at, name in enumerate(self._values)
        )
        wanted = "(SELECT * FROM found WHERE how = 'differs')"
        sides = [
            f"(SELECT s.* FROM {side}_rows s SEMI JOIN {wanted} f ON {self._on('s', 'f')})"
            for side in ("before", "after")
        ]
        self.database.execute(
            f"CREATE OR REPLACE TEMP TABLE pairs AS SELECT {key}, {pairs} "
            f"FROM {sides[0]} b JOIN {sides[1]} a ON {self._on('b', 'a')}"
        )
        each = [f"b{at} IS DISTINCT FROM a{at}" for at in range(len(self._values))]
        counts = ", ".join(f"count(*) FILTER ({one})" for one in (f"({' OR '.join(each)})", *each))
        found = self.database.execute(f"SELECT {counts} FROM pairs").fetchone()
        assert found is not None
        return found[0], dict(zip(self._values, found[1:], strict=True))

    def _examples(self, name: str) -> tuple[Example, ...]:
        at, order = self._values.index(name), ", ".join(map(quoted, self._joined))
        found = self.database.execute(
            f"SELECT {_key_text(self.key, 'pairs')}, b{at}::VARCHAR, a{at}::VARCHAR FROM pairs "
            f"WHERE b{at} IS DISTINCT FROM a{at} ORDER BY {order} LIMIT {EXAMPLES}"
        ).fetchall()
        return tuple(Example(_cut(row[0]) or "", _cut(row[1]), _cut(row[2])) for row in found)


def _comparable(name: str, mine: str, other: str) -> str:
    """A column as both sides can be compared by: of different types numbers as numbers, else as texts."""
    if mine == other or (_is_number(mine) and _is_number(other)):
        return quoted(name)
    return f"{quoted(name)}::VARCHAR"


def _is_number(kind: str) -> bool:
    return kind in _NUMBERS or kind.startswith("decimal")


def _key_text(key: Sequence[str], table: str) -> str:
    parts = [f"coalesce({table}.{quoted(name)}::VARCHAR, 'NULL')" for name in key]
    return f"concat_ws(', ', {', '.join(parts)})"


def _cut(value: Any) -> str | None:
    if value is None:
        return None
    text = str(value)
    return text if len(text) <= EXAMPLE_LENGTH else f"{text[: EXAMPLE_LENGTH - 2]} …"
