"""Where the values of the second pipeline's tables come from: step by step, back to the database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from covidlake.base.errors import DataSetError
from covidlake.base.nearest import unknown
from covidlake.dataset import tables as described

if TYPE_CHECKING:
    from segmentation.lineage.columns import Origin

Row = list[str | None]
EVERY = "*"


def names() -> list[str]:
    """The tables of the lake that the second pipeline fills."""
    from segmentation.lineage.columns import CUSTOMERS, SEGMENTS

    return [*described.names(), CUSTOMERS, SEGMENTS]


def of(table: str, column: str) -> list[Row]:
    """Rows of `lineage.COLUMNS`: the table's own, or that of one column, then all that these are made of.

    Raises `DataSetError` for a column that the table has not.
    """
    from segmentation.lineage import columns

    own = columns.of(table)
    if own and column and column not in [one.column for one in own]:
        raise DataSetError(unknown(f"column of {table}", column, [one.column for one in own]))
    if not own:
        return [_extracted(table, column or EVERY)]
    asked = [(table, column)] if column else [(table, one.column) for one in own]
    return [_row(*one) for one in _way_back(asked)]


def _way_back(asked: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those that are asked for and, after each step, the columns that the step read; each once."""
    found = dict.fromkeys(asked)
    while asked:
        sources = [source for place in asked for one in _origins(*place) for source in one.sources]
        asked = [place for place in dict.fromkeys(sources) if place not in found]
        found |= dict.fromkeys(asked)
    return list(found)


def _origins(table: str, column: str) -> list[Origin]:
    from segmentation.lineage import columns

    return [one for one in columns.of(table) if one.column == column]


def _row(table: str, column: str) -> Row:
    for one in _origins(table, column):
        made_of = ", ".join(f"{source}.{name}" for source, name in one.sources)
        return [table, column, made_of, one.how, _used(table, column)]
    return _extracted(table, column)


def _extracted(table: str, column: str) -> Row:
    """A column of an extracted table, or `*`: its description names columns only where it leaves some out."""
    import tables

    found = tables.load(table)
    if found.columns and column not in (EVERY, *found.columns):
        raise DataSetError(unknown(f"column of {table}", column, list(found.columns)))
    how, used = "kept as it is; as text where the lake has no such type", _used(table, column)
    named = {EVERY, *found.key, found.cursor, found.partition_column, *found.columns}
    if column not in named and not used:
        how = f"{how}; only the database knows whether it has this column"
    return [table, column, f"database: {found.place}.{column}", how, used]


def _used(table: str, column: str) -> str | None:
    return ", ".join(_uses(table, column)) or None


def _uses(table: str, column: str) -> Iterator[str]:
    from segmentation.lineage import columns
    from segmentation.lineage.columns import CUSTOMERS, SEGMENTS, WRITE_BACK

    for name in (CUSTOMERS, SEGMENTS):
        for one in columns.of(name):
            if (table, column) in one.sources:
                yield f"{name}.{one.column}"
    if any((table, column) in one.sources for one in columns.of(WRITE_BACK)):
        yield f"database: segmentation.customer_segments.{column}"
