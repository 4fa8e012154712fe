"""What a preview is shown as in every form: headings, sentences, tables; and how their cells are written."""

from __future__ import annotations

from dataclasses import dataclass, field

Row = tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """`numbers` names the columns that are set to the right."""

    caption: str
    columns: Row
    rows: tuple[Row, ...]
    numbers: frozenset[str] = frozenset()

    @property
    def right(self) -> tuple[int, ...]:
        """The places of the columns that are set to the right."""
        return tuple(place for place, name in enumerate(self.columns) if name in self.numbers)


@dataclass(frozen=True)
class Section:
    """What is said of one data set, or of all of them; `sign` is ok, changed or red."""

    title: str
    sentences: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    sign: str = "ok"


@dataclass(frozen=True)
class Outline:
    """The whole: a title, what it is about, what the gate stops, a section for each data set."""

    title: str
    sentences: tuple[str, ...]
    tables: tuple[Table, ...]
    sections: tuple[Section, ...] = ()
    notes: tuple[str, ...] = field(default=())
    red: bool = False


def value_text(value: str | None) -> str:
    """A value of a table."""
    return "NULL" if value is None else value


def moved(then: object, now: object) -> str:
    """`5`, or `5 → 7`; a side that is not there is a dash."""
    before, after = (
        "-" if one is None else f"{one:,}" if isinstance(one, int) else str(one) for one in (then, now)
    )
    return before if before == after else f"{before} → {after}"
