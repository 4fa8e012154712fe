"""The tables that are shown of one data set."""

from __future__ import annotations

from collections.abc import Iterator

from covidlake.base.text import count
from covidlake.laptop.preview.model import (
    Answer,
    ColumnChange,
    DataSetChange,
    QueryChange,
    Statistic,
    TableChange,
)
from covidlake.laptop.preview.outline.parts import Row, Table, moved, value_text


def of_contract(one: DataSetChange) -> Iterator[Table]:
    """Grades of what its readers were promised."""
    if one.contract:
        yield Table("What it means to readers", ("grade", "where", "what"), one.contract)


def of_tables(one: DataSetChange) -> Iterator[Table]:
    """Its tables, their columns that differ, and examples."""
    numbers = ("rows", "added", "gone", "changed", "files", "bytes")
    rows = [_table_row(table) for table in one.tables]
    if rows:
        columns = ("table", "rows", "added", "gone", "changed", "files", "bytes", "partition key")
        yield Table("Tables", columns, tuple(rows), frozenset(numbers))
    changed = [
        (table, column) for table in one.tables for column in table.columns if _is_shown(table, column)
    ]
    if changed:
        names = ("table", "column", "type", "values that differ", "NULL", "from", "to")
        yield Table("Columns", names, tuple(_column_row(*pair) for pair in changed), frozenset({names[3]}))
    examples = [
        (f"{table.name}.{column.name}", example.key, value_text(example.before), value_text(example.after))
        for table, column in changed
        for example in column.examples
    ]
    if examples:
        yield Table("Examples of values", ("column", "key", "before", "after"), tuple(examples))
    keys = [
        (table.name, how, key)
        for table in one.tables
        for how, found in (("added", table.added_keys), ("gone", table.gone_keys))
        for key in found
    ]
    if keys:
        yield Table("Examples of rows", ("table", "row is", "key"), tuple(keys))


def _table_row(table: TableChange) -> Row:
    then, now = table.before, table.after
    name = table.name if table.name == table.before_name else f"{table.name}, was {table.before_name}"
    if then is None or now is None:
        name = f"{name} ({'new' if then is None else 'gone'})"
    compared = table.rows_compared and then is not None and now is not None
    counts = [f"{value:,}" if compared else "-" for value in (table.added, table.gone, table.changed)]
    sides = [
        moved(getattr(then, what, None), getattr(now, what, None)) for what in ("rows", "files", "bytes")
    ]
    keys = moved(*(", ".join(side.partition) or "none" if side else None for side in (then, now)))
    return (name, sides[0], *counts, sides[1], sides[2], keys)


def _is_shown(table: TableChange, column: ColumnChange) -> bool:
    sides = [(one.null_share, one.low, one.high) if one else None for one in (column.before, column.after)]
    return bool(table.before and table.after) and bool(column.kind or sides[0] != sides[1])


def _column_row(table: TableChange, column: ColumnChange) -> Row:
    then, now = column.before, column.after
    kinds = moved(column.before_type or None, column.after_type or None)
    shares = moved(*(f"{one.null_share:.1%}" if one else None for one in (then, now)))
    low, high = (moved(_bound(then, name), _bound(now, name)) for name in ("low", "high"))
    return (table.name, column.name, kinds, f"{column.differ:,}", shares, low, high)


def _bound(one: Statistic | None, name: str) -> str | None:
    return getattr(one, name) if one else None


def of_rules(one: DataSetChange, failed: bool) -> Iterator[Table]:
    """Rules that have changed, or are broken more or less often; not how often where a side has failed."""
    rows = [
        (
            rule.name,
            rule.change or "same",
            rule.before or "-",
            rule.after or "-",
            "-" if failed else moved(rule.failures_before, rule.failures_after),
        )
        for rule in one.rules
        if rule.change or (not failed and rule.failures_before != rule.failures_after)
    ]
    rows += [
        (name, "weaker" if now > then else "stricter", f"{then:g}", f"{now:g}", "-")
        for name, then, now in one.limits
        if then != now
    ]
    if rows:
        columns = ("rule", "is", "before", "after", "times broken")
        yield Table("Rules", columns, tuple(rows), frozenset({columns[4]}))


def of_quarantine(one: DataSetChange) -> Iterator[Table]:
    """Its rows in quarantine by reason."""
    if one.quarantine:
        columns = ("reason", "rows before", "rows after")
        reasons = tuple((reason, f"{then:,}", f"{now:,}") for reason, then, now in one.quarantine)
        yield Table("Quarantine", columns, reasons, frozenset(columns[1:]))


def of_queries(one: DataSetChange) -> Iterator[Table]:
    """Whether each named query has another answer, and both answers where it has."""
    if one.queries:
        rows = tuple((query.title, _query_word(query)) for query in one.queries)
        yield Table("Named queries", ("query", "answer"), rows)
    for query in one.queries:
        if query.differ and query.before and query.after:
            yield from _answers(query.title, query.before, query.after)


def _query_word(query: QueryChange) -> str:
    if query.before is None or query.after is None:
        return (
            "gone"
            if query.after is None
            else f"new: {query.after.problem or count(query.after.total, 'row')}"
        )
    problems = [
        f"fails in {side}: {one.problem}"
        for side, one in (("base", query.before), ("head", query.after))
        if one.problem
    ]
    if problems:
        return "; ".join(problems)
    written = "; the query is written anew" if query.rewritten else ""
    return (f"{count(query.differ, 'row')} of the answers differ" if query.differ else "the same") + written


def _answers(title: str, before: Answer, after: Answer) -> Iterator[Table]:
    for side, answer in (("before", before), ("after", after)):
        rows = tuple(tuple(value_text(cell) for cell in row) for row in answer.rows)
        more = f", {len(rows)} of {answer.total} rows" if answer.total > len(rows) else ""
        if answer.columns:
            yield Table(f"{title}, {side}{more}", answer.columns, rows)


def of_disagreements(one: DataSetChange) -> Iterator[Table]:
    """Where the lake that was upgraded is not as head makes it from nothing."""
    if one.disagreements:
        numbers = ("rows missing", "rows too many", "rows that differ")
        rows = tuple(
            (table.name, f"{table.added:,}", f"{table.gone:,}", f"{table.changed:,}", _differing(table))
            for table in one.disagreements
        )
        columns = ("table", *numbers, "columns")
        yield Table("After the upgrade, against head from nothing", columns, rows, frozenset(numbers))


def _differing(table: TableChange) -> str:
    return ", ".join(f"{one.name} ({one.kind})" for one in table.columns if one.kind) or "-"
