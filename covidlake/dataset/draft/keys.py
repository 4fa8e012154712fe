"""Which columns identify a row of sample objects, and which one shows the newer of two rows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from covidlake.base.text import count
from covidlake.dataset.draft import column_names
from covidlake.dataset.draft.column_types import Kind, is_measure
from covidlake.dataset.draft.json_types import is_scalar

LONGEST_KEY = 5
_NUMBERS = ("bigint", "double")

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Key:
    """`nullable` are the parts that some rows lack; `notes` say how sure it is."""

    columns: tuple[str, ...]
    nullable: frozenset[str] = frozenset()
    version: str = ""
    notes: tuple[str, ...] = ()


def guess(objects: Sequence[Rows], kinds: Mapping[str, Kind], total: int = 0) -> Key:
    """The fewest columns that identify each row of each object, those that are never empty first.

    An object may repeat or restate rows of an older one, so a key may occur in several objects. `total` says
    how many rows there are, if these are only some.
    """
    return _Guess(_Table(objects, tuple(kinds)), kinds, total).key()


class _Table:
    """The different rows of all objects, as texts."""

    def __init__(self, objects: Sequence[Rows], names: Sequence[str]) -> None:
        self.rows = list(
            dict.fromkeys(
                (number, tuple(text_of(row.get(name)) for name in names))
                for number, rows in enumerate(objects)
                for row in rows
            )
        )
        self.objects = len(objects)
        self.repeated = sum(map(len, objects)) - len(self.rows)
        self._places = {name: place for place, name in enumerate(names)}

    def groups(self, names: Sequence[str]) -> int:
        """How many different values the columns have, counted in each object by itself."""
        places = [self._places[name] for name in names]
        return len({(number, *(values[place] for place in places)) for number, values in self.rows})

    def groups_of_all(self, names: Sequence[str]) -> int:
        places = [self._places[name] for name in names]
        return len({tuple(values[place] for place in places) for _, values in self.rows})

    def texts(self, name: str) -> set[str]:
        return {values[self._places[name]] for _, values in self.rows}

    def is_full(self, name: str) -> bool:
        return "" not in self.texts(name)

    def is_constant(self, name: str) -> bool:
        """Whether each object has one value of the column."""
        return self.groups([name]) == self.objects


def text_of(value: Any) -> str:
    """A value as text; None for what the job takes as missing in a key, also blanks."""
    text = "" if value is None else str(value)
    return text if text.strip() else ""


class _Guess:
    def __init__(self, table: _Table, kinds: Mapping[str, Kind], total: int) -> None:
        self._total = total
        self._table = table
        self._kinds = kinds
        self._all = len(table.rows)
        self._changes = [name for name in kinds if is_version(name, kinds[name])]
        ordered = self._ordered([name for name in kinds if name not in self._changes])
        full = [name for name in ordered if table.is_full(name)]
        dates = [name for name in full if kinds[name].type == "date"]
        # Beside a date, a timestamp is more likely when the row was changed than what it is about.
        self._hours = [name for name in full if dates and kinds[name].type == "timestamp"]
        self._whole = [name for name in full if name not in self._hours]
        self._partly = [name for name in ordered if name not in full]
        self._times = dates[:1] or [name for name in self._whole if column_names.is_period(name)]

    def key(self) -> Key:
        """The first set of columns that is unique; else a guess, with a note that it is one."""
        whole = self._needed(self._whole, ())
        more = self._needed([*whole, *self._partly], whole)
        with_hours = self._needed([*whole, *self._hours, *self._partly], whole)
        for columns in (whole, more, with_hours):
            if self._is_unique(columns):
                return self._found(columns)
        for columns in (whole, more):
            for change in self._changes if columns else ():
                if self._is_unique((*columns, change)):
                    return self._with_change(columns, change)
        return self._guessed(whole or more)

    def _ordered(self, names: Sequence[str]) -> list[str]:
        """The columns that may be part of a key: dates, identifiers, texts, times, but not measures."""

        def rank(name: str) -> int:
            kind = self._kinds[name].type
            if kind in _NUMBERS:
                named = column_names.is_identifier(name) or column_names.is_period(name)
                return 1 if named else len(ranks)
            if kind == "string" and column_names.is_identifier(name):
                return 1
            is_figure = kind == "string" and is_measure(self._table.texts(name))
            return len(ranks) if is_figure else ranks.get(kind, len(ranks))

        ranks = {"date": 0, "identifier": 1, "string": 2, "timestamp": 3}
        return sorted((name for name in names if rank(name) < len(ranks)), key=rank)

    def _needed(self, names: Sequence[str], kept: Collection[str]) -> tuple[str, ...]:
        """The columns that are needed for as many different rows; the last ones go first."""
        needed = tuple(names)
        target = self._table.groups(needed)
        for name in reversed(names):
            rest = tuple(other for other in needed if other != name)
            if rest and name not in kept and self._table.groups(rest) == target and self._can_go(name, rest):
                needed = rest
        return needed

    def _can_go(self, name: str, rest: Sequence[str]) -> bool:
        """Whether the key can do without it across objects, which may differ by a day or a country alone."""
        constant = self._table.is_constant(name)
        if name not in self._times and not constant:
            return True
        if constant and name in self._times:
            return False
        return self._table.groups_of_all((*rest, name)) == self._table.groups_of_all(rest)

    def _is_unique(self, columns: Sequence[str]) -> bool:
        return 0 < len(columns) <= LONGEST_KEY and self._table.groups(columns) == self._all

    def _found(self, columns: tuple[str, ...]) -> Key:
        sure = f"unique in {self._where()}" if self._all > 1 else "a guess, one row alone shows nothing"
        notes = [
            f"the key is {', '.join(columns)}: {sure}",
            *self._remarks(columns),
        ]
        notes += [
            f"{name} may show which row is newer: if so, add version={name!r}"
            for name in self._changes
            if name not in columns
        ]
        return self._made(columns, notes)

    def _where(self) -> str:
        rows = count(self._total or self._all, "row")
        return f"each object, {rows} in all" if self._table.objects > 1 else f"all {rows}"

    def _with_change(self, columns: tuple[str, ...], change: str) -> Key:
        is_series = self._all > 2 * self._table.groups(columns)
        if (
            self._kinds[change].type == "date"
            and not self._times
            and is_series
            and self._table.is_full(change)
        ):
            return self._found((change, *columns))
        note = (
            f"the key is {', '.join(columns)}: rows that share one differ by {change}, which is taken for "
            "the version: only the newest is kept; if each is a row of its own, add it to the key"
        )
        return self._made(columns, [note, *self._remarks(columns)], change)

    def _guessed(self, columns: tuple[str, ...]) -> Key:
        scalars = [name for name in self._kinds if is_scalar(self._kinds[name].type)]
        columns = columns[:LONGEST_KEY] or tuple(scalars or self._kinds)[:1]
        note = f"no set of columns is unique: the key {', '.join(columns)} is a guess, correct it"
        return self._made(columns, [note, *self._remarks(columns)])

    def _made(self, columns: tuple[str, ...], notes: Sequence[str], version: str = "") -> Key:
        empty = frozenset(name for name in columns if not self._table.is_full(name))
        return Key(columns, empty, version, tuple(notes))

    def _remarks(self, columns: Sequence[str]) -> Iterator[str]:
        least = "at least " if self._total else ""
        if empty := [name for name in columns if not self._table.is_full(name)]:
            yield f"of the key {', '.join(empty)} may be empty, but the rows need it to be unique"
        if self._table.repeated:
            rows = count(self._table.repeated, "row")
            yield f"exactly like another row of their object: {least}{rows}, one of each is kept"
        if again := self._table.groups(columns) - self._table.groups_of_all(columns):
            yield (
                f"with the key of a row in another object: {least}{count(again, 'row')}, taken as its "
                "restatement: the one of the object whose name sorts last is kept"
            )


def is_version(name: str, kind: Kind) -> bool:
    """Whether a column seems to say when, or how many times, its row was changed."""
    return is_scalar(kind.type) and kind.type != "boolean" and column_names.is_change(name)
