"""What of a preview the gate stops: each with its name, and whether the label may accept it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from covidlake.base.errors import DataChangeError
from covidlake.base.text import count, shorten
from covidlake.dataset.contract.grades import BREAKING
from covidlake.laptop.preview import rules
from covidlake.laptop.preview.model import (
    GONE,
    NEW,
    RENAMED,
    DataSetChange,
    Preview,
    SegmentsChange,
    TableChange,
)

LABEL = "accept-data-change"
GROWTH = 0.005  # share of the rows read by which quarantine may grow
MOVES = 0.05  # share of the customers that may change segment
SEGMENTS = "customer_segments"  # its rows are customers, which are counted as such
ROWS = "rows gone"
FULL_LOAD = (
    "rows that are loaded already keep their old values: raise TABLE_VERSION in "
    "jobs/ingestion/description/model.py, or ingest with --mode full after the deploy"
)
FULL_EXTRACT = (
    "rows that are extracted already keep their old values: ingest with --mode full after the deploy"
)


@dataclass(frozen=True)
class Finding:
    """`kind` is a name for programs; what is not `acceptable` stays red with the label, too."""

    data_set: str
    kind: str
    text: str
    acceptable: bool = True


def judge(preview: Preview, growth: float = GROWTH, moves: float = MOVES) -> list[Finding]:
    """Everything that the gate stops, in the order of the data sets."""
    return [finding for one in preview.data_sets for finding in _of_data_set(one, growth, moves)]


def check(findings: list[Finding], accept: bool) -> None:
    """Raise `DataChangeError` for what is red: all of it, or with `accept` what no label accepts."""
    red = [one for one in findings if not (accept and one.acceptable)]
    if red:
        named = "; ".join(f"{one.data_set}: {one.text}" for one in red)
        hint = f"have a reviewer accept it with the label {LABEL}, or --accept"
        acceptable = all(one.acceptable for one in red)
        raise DataChangeError(
            f"{count(len(red), 'change')} of the data must be looked at: {shorten(named, 2_000)}: "
            f"{hint if acceptable else 'correct what fails; the label accepts the rest'}"
        )


def _of_data_set(one: DataSetChange, growth: float, moves: float) -> Iterator[Finding]:
    name = one.name
    if one.fails_after:
        both = "in base and head" if one.fails_before else "in head"
        yield Finding(name, "fails", f"fails {both}: {shorten(one.fails_after, 300)}", acceptable=False)
    if one.status == GONE:
        what = "pipeline" if one.is_pipeline else "data set"
        yield Finding(name, f"{what} gone", f"the {what} is gone, its tables are no longer filled")
    elif one.status == RENAMED:
        yield Finding(name, "data set renamed", f"was {one.before_name}, whose tables are no longer filled")
    if one.fails_after or one.status == GONE:
        return
    runs = _of_failed_base(one) if one.fails_before else _of_runs(one, growth, moves)
    found = [*_of_descriptions(one), *runs]
    yield from found
    if not found and one.status != RENAMED:
        yield from _of_contract(one)


def _of_descriptions(one: DataSetChange) -> Iterator[Finding]:
    if one.key_before and one.key_before != one.key_after:
        was, now = ", ".join(one.key_before), ", ".join(one.key_after)
        yield Finding(one.name, "key", f"key was {was}, is {now}")
    yield from _of_rules(one)


def _of_failed_base(one: DataSetChange) -> Iterator[Finding]:
    text = f"base fails, so no row was compared: {shorten(one.fails_before, 300)}"
    yield Finding(one.name, "not compared", text)


def _of_runs(one: DataSetChange, growth: float, moves: float) -> Iterator[Finding]:
    if one.segments:
        yield from _of_segments(one.name, one.segments, moves)
    for table in one.tables:
        counted = one.segments is not None and _is_counted(table, one.segments)
        yield from (
            finding for finding in _of_table(one.name, table) if not (counted and finding.kind == ROWS)
        )
    yield from _of_quarantine(one, growth)
    yield from _of_queries(one)
    yield from _of_upgrade(one)


def _is_counted(table: TableChange, change: SegmentsChange) -> bool:
    """Whether rows gone are those customers: the lake's table's, or the database's if it lost the same."""
    same = (table.gone, table.gone_keys or change.gone_keys) == (change.gone, change.gone_keys)
    return table.name == SEGMENTS or (table.name.endswith(f".{SEGMENTS}") and same)


def _of_segments(name: str, change: SegmentsChange, moves: float) -> Iterator[Finding]:
    if change.gone:
        text = f"{count(change.gone, 'customer')} in no segment any more: {', '.join(change.gone_keys)}"
        yield Finding(name, "customers gone", text)
    for one in change.segments:
        if one.after is None:
            yield Finding(name, "segment gone", f"no segment is called {one.name!r} any more")
    if change.share_moved > moves:
        text = (
            f"{change.moved:,} of {count(change.both, 'customer')} change segment, {change.share_moved:.1%}"
        )
        yield Finding(name, "customers move", text)


def _of_queries(one: DataSetChange) -> Iterator[Finding]:
    for query in one.queries:
        if query.after is None:
            yield Finding(one.name, "query gone", f"query {query.title!r} is gone")
        elif query.after.problem:
            yield Finding(one.name, "query fails", f"query {query.title!r} fails: {query.after.problem}")


def _of_contract(one: DataSetChange) -> Iterator[Finding]:
    """What breaks a promise although the rows of this source do not show it."""
    for grade, where, what in one.contract:
        if grade == BREAKING:
            yield Finding(one.name, "contract", f"{where}: {what}")


def _of_table(name: str, table: TableChange) -> Iterator[Finding]:
    if table.before is None:
        return
    if table.after is None:
        yield Finding(name, "table gone", f"table {table.name} is gone")
        return
    if table.gone:
        yield Finding(name, ROWS, f"{table.name}: {count(table.gone, 'row')} gone")
    for column in table.columns:
        if column.kind == "gone":
            yield Finding(name, "column gone", f"{table.name}.{column.name} is gone")
        elif column.kind == "type":
            was = f"was {column.before_type}, is {column.after_type}"
            yield Finding(name, "type", f"{table.name}.{column.name} {was}")
    if table.before.partition != table.after.partition:
        was, now = (", ".join(side.partition) or "none" for side in (table.before, table.after))
        yield Finding(name, "partition key", f"{table.name}: partition key was {was}, is {now}")


def _of_rules(one: DataSetChange) -> Iterator[Finding]:
    words = {
        rules.DROPPED: "is dropped",
        rules.WEAKER: "is weaker",
        rules.UNCLEAR: "has changed, and may be weaker",
    }
    for rule in one.rules:
        if rule.change in words:
            shown = f": was {rule.before}" + (f", is {rule.after}" if rule.after else "")
            yield Finding(one.name, "rule", f"rule {rule.name} {words[rule.change]}{shown}")
    for limit, before, after in one.limits:
        if after > before:
            yield Finding(one.name, "rule", f"{limit} is weaker: was {before:g}, is {after:g}")


def _of_quarantine(one: DataSetChange, growth: float) -> Iterator[Finding]:
    if one.status == NEW:  # nothing was there that it could have grown from
        return
    then, now = sum(row[1] for row in one.quarantine), sum(row[2] for row in one.quarantine)
    shares = [rows / read if read else 0.0 for rows, read in ((then, one.read_before), (now, one.read_after))]
    if shares[1] - shares[0] > growth:
        text = f"quarantine grows from {count(then, 'row')} to {now:,}, {shares[1]:.1%} of the rows read"
        yield Finding(one.name, "quarantine", text)


def _of_upgrade(one: DataSetChange) -> Iterator[Finding]:
    if one.upgrade and one.upgrade.status == "FAILED":
        text = f"the upgrade of a lake that base filled fails: {shorten(one.upgrade.cause, 300)}"
        yield Finding(one.name, "upgrade fails", text, acceptable=False)
    for table in one.disagreements:
        parts = [f"{table.added:,} rows missing", f"{table.gone:,} too many", f"{table.changed:,} different"]
        columns = [column.name for column in table.columns if column.kind in ("added", "gone", "type")]
        named = f", columns {', '.join(columns)}" if columns else ""
        what = f"{', '.join(parts)}{named}; {FULL_EXTRACT if one.is_pipeline else FULL_LOAD}"
        text = f"after the upgrade {table.name} is not as made from nothing: {what}"
        yield Finding(one.name, "migration", text)
