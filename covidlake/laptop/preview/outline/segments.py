"""The tables that are shown of the segments of customers: who moves, and what the segments are."""

from __future__ import annotations

from collections.abc import Iterator

from covidlake.base.text import count
from covidlake.laptop.preview.model import Segment, SegmentsChange
from covidlake.laptop.preview.outline.parts import Row, Table, moved


def sentences(change: SegmentsChange) -> Iterator[str]:
    """How many customers have another segment, came or went."""
    yield (
        f"{count(change.moved, 'customer')} of {change.both:,} change segment ({change.share_moved:.1%}); "
        f"{change.added:,} are in a segment only in head, {change.gone:,} only in base."
    )


def tables(change: SegmentsChange) -> Iterator[Table]:
    """Who moves from where to where, who comes and goes, and each segment before and after."""
    rows = [(one.before, one.after, f"{one.customers:,}", ", ".join(one.keys)) for one in change.moves]
    for before, after, customers, keys in (
        ("none", "some", change.added, change.added_keys),
        ("some", "none", change.gone, change.gone_keys),
    ):
        if customers:
            rows.append((before, after, f"{customers:,}", ", ".join(keys)))
    if rows:
        columns = ("segment before", "segment after", "customers", "some of them")
        yield Table("Customers that change segment", columns, tuple(rows), frozenset({"customers"}))
    if change.segments:
        yield _segments(change)


def _segments(change: SegmentsChange) -> Table:
    figures = list(
        dict.fromkeys(
            name for one in change.segments for side in (one.after, one.before) for name in _means(side)
        )
    )
    columns = ("segment", "customers", *(f"mean of {name}" for name in figures))
    rows = tuple(_row(one.name, one.before, one.after, figures) for one in change.segments)
    return Table("Segments", columns, rows, frozenset(columns[1:]))


def _row(name: str, before: Segment | None, after: Segment | None, figures: list[str]) -> Row:
    shown = f"{name} ({'new' if before is None else 'gone'})" if before is None or after is None else name
    customers = moved(*(one.customers if one else None for one in (before, after)))
    means = (moved(*(_shown(_means(one).get(figure)) for one in (before, after))) for figure in figures)
    return (shown, customers, *means)


def _means(one: Segment | None) -> dict[str, float]:
    return dict(one.means) if one else {}


def _shown(value: float | None) -> str | None:
    return None if value is None else f"{value:,.2f}"
