"""A preview as headings, sentences and tables: what terminal, Markdown and page all show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from covidlake.base.text import count
from covidlake.laptop.preview.gate import Finding
from covidlake.laptop.preview.model import (
    FAILED,
    GONE,
    IDENTICAL,
    NEW,
    RENAMED,
    Answer,
    ColumnChange,
    DataSetChange,
    Preview,
    QueryChange,
    Statistic,
    TableChange,
)

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


def outline(preview: Preview, findings: Sequence[Finding] | None, accepted: bool = False) -> Outline:
    """What is shown of a preview and of what the gate says of it; without `findings` it was not judged."""
    red = [one for one in findings or () if not (accepted and one.acceptable)]
    tables = [_findings(findings, accepted)] if findings else []
    if preview.data_sets:
        tables.append(_overview(preview.data_sets))
    return Outline(
        "What happens to the data",
        (*_opening(preview), _verdict(findings, red)),
        tuple(tables),
        tuple(_section(one, any(found.data_set == one.name for found in red)) for one in preview.data_sets),
        tuple(f"Left out: {one}." for one in preview.left_out),
        bool(red) or (findings is None and any(one.status == FAILED for one in preview.data_sets)),
    )


def _opening(preview: Preview) -> Iterator[str]:
    yield (
        f"Base {preview.base} and head {preview.head}, on the objects of {preview.source}; "
        f"{count(len(preview.data_sets), 'data set')} ran in {preview.seconds:.0f} s."
    )
    identical = [one.name for one in preview.data_sets if one.status == IDENTICAL]
    if preview.data_sets and len(identical) == len(preview.data_sets):
        yield "Every table that ran is identical."
    if preview.library:
        named = ", ".join(preview.library[:10])
        yield f"The job's library differs in {count(len(preview.library), 'file')}: {named}."
    if preview.not_run:
        yield f"Nothing of the change reaches {', '.join(preview.not_run)}."


def _verdict(findings: Sequence[Finding] | None, red: Sequence[Finding]) -> str:
    if findings is None:
        return "Not judged: a lake with objects of its own is compared by its statistics."
    if red:
        return f"The gate is red: {count(len(red), 'finding')} must be looked at."
    if findings:
        return f"The gate is green: {count(len(findings), 'finding')} accepted."
    return "The gate is green: nothing that it stops."


def _findings(findings: Sequence[Finding], accepted: bool) -> Table:
    rows = tuple(
        (one.data_set, one.kind, one.text, "yes" if accepted and one.acceptable else "no") for one in findings
    )
    return Table("What the gate stops", ("data set", "kind", "what", "accepted"), rows)


def _overview(data_sets: Iterable[DataSetChange]) -> Table:
    numbers = ("rows added", "rows gone", "rows changed", "in quarantine")
    rows = tuple((*_named(one), *_counted(one)) for one in data_sets)
    return Table("Data sets", ("data set", "is", "ran for", *numbers), rows, frozenset(numbers))


def _named(one: DataSetChange) -> Row:
    status = f"renamed, was {one.before_name}" if one.status == RENAMED else one.status
    return (one.name, status, ", ".join(one.why))


def _counted(one: DataSetChange) -> Row:
    if one.status == FAILED:
        return ("-",) * 4
    compared = [table for table in one.tables if table.rows_compared and table.before and table.after]
    names = ("added", "gone", "changed")
    counts = [f"{sum(getattr(table, name) for table in compared):,}" if compared else "-" for name in names]
    if one.tables and not any(table.rows_compared for table in one.tables):
        return (*counts, "-")  # nor is the quarantine of a real lake
    then, now = sum(row[1] for row in one.quarantine), sum(row[2] for row in one.quarantine)
    return (*counts, _moved(then, now))


def _section(one: DataSetChange, red: bool) -> Section:
    sentences = list(_sentences(one))
    # Beside a run that failed, the other side's figures would look like changes.
    failed = one.status == FAILED
    tables = [*_of_contract(one), *_of_rules(one, failed)]
    if not failed:
        tables = [*_of_tables(one), *tables, *_of_quarantine(one), *_of_queries(one)]
        tables += _of_disagreements(one)
    sign = "red" if red else "ok" if one.status == IDENTICAL else "changed"
    return Section(f"{one.name}: {one.status}", tuple(sentences), tuple(tables), sign)


def _of_contract(one: DataSetChange) -> Iterator[Table]:
    if one.contract:
        yield Table("What it means to readers", ("grade", "where", "what"), one.contract)


STAY = "stay in the lake as they are, and are no longer filled"


def _sentences(one: DataSetChange) -> Iterator[str]:
    if one.status == RENAMED:
        yield f"It was {one.before_name}. The tables of that name {STAY}."
    if one.status == NEW:
        yield "Base does not have it."
    if one.status == GONE:
        yield f"Head does not have it. Its tables {STAY}."
    for side, cause in (("base", one.fails_before), ("head", one.fails_after)):
        if cause:
            yield f"It fails in {side}: {cause}"
    if one.status != FAILED:
        yield from _of_keys(one)
        yield from _of_upgrade(one)


def _of_keys(one: DataSetChange) -> Iterator[str]:
    if one.key_before != one.key_after and one.key_before and one.key_after:
        yield f"Its key was {', '.join(one.key_before)}, and is {', '.join(one.key_after)}."
    for table in one.tables:
        if table.before and table.after and table.before.repeated + table.after.repeated:
            yield (
                f"{table.name}: {_moved(table.before.repeated, table.after.repeated)} values of "
                f"{', '.join(table.key)} belong to several rows, matched in the order of their values."
            )


def _of_upgrade(one: DataSetChange) -> Iterator[str]:
    if one.upgrade is None:
        return
    up = one.upgrade
    yield (
        f"The upgrade of the lake that base filled ends {up.status}: "
        f"{count(up.objects_read, 'object')} read, "
        f"{count(up.rows_restated, 'row')} restated, {up.rows_removed:,} removed, "
        f"{count(up.partitions_written, 'partition')} and {count(up.files_written, 'file')} written, "
        f"{up.bytes_written:,} bytes. {up.cause}".strip()
    )


def _of_tables(one: DataSetChange) -> Iterator[Table]:
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
        (f"{table.name}.{column.name}", example.key, _value(example.before), _value(example.after))
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
        _moved(getattr(then, what, None), getattr(now, what, None)) for what in ("rows", "files", "bytes")
    ]
    keys = _moved(*(", ".join(side.partition) or "none" if side else None for side in (then, now)))
    return (name, sides[0], *counts, sides[1], sides[2], keys)


def _is_shown(table: TableChange, column: ColumnChange) -> bool:
    sides = [(one.null_share, one.low, one.high) if one else None for one in (column.before, column.after)]
    return bool(table.before and table.after) and bool(column.kind or sides[0] != sides[1])


def _column_row(table: TableChange, column: ColumnChange) -> Row:
    then, now = column.before, column.after
    kinds = _moved(column.before_type or None, column.after_type or None)
    shares = _moved(*(f"{one.null_share:.1%}" if one else None for one in (then, now)))
    low, high = (_moved(_bound(then, name), _bound(now, name)) for name in ("low", "high"))
    return (table.name, column.name, kinds, f"{column.differ:,}", shares, low, high)


def _bound(one: Statistic | None, name: str) -> str | None:
    return getattr(one, name) if one else None


def _of_rules(one: DataSetChange, failed: bool) -> Iterator[Table]:
    rows = [
        (
            rule.name,
            rule.change or "same",
            rule.before or "-",
            rule.after or "-",
            "-" if failed else _moved(rule.failures_before, rule.failures_after),
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


def _of_quarantine(one: DataSetChange) -> Iterator[Table]:
    if one.quarantine:
        columns = ("reason", "rows before", "rows after")
        reasons = tuple((reason, f"{then:,}", f"{now:,}") for reason, then, now in one.quarantine)
        yield Table("Quarantine", columns, reasons, frozenset(columns[1:]))


def _of_queries(one: DataSetChange) -> Iterator[Table]:
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
        rows = tuple(tuple(_value(cell) for cell in row) for row in answer.rows)
        more = f", {len(rows)} of {answer.total} rows" if answer.total > len(rows) else ""
        if answer.columns:
            yield Table(f"{title}, {side}{more}", answer.columns, rows)


def _of_disagreements(one: DataSetChange) -> Iterator[Table]:
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


def _value(value: str | None) -> str:
    return "NULL" if value is None else value


def _moved(then: object, now: object) -> str:
    """`5`, or `5 → 7`; a side that is not there is a dash."""
    before, after = (
        "-" if one is None else f"{one:,}" if isinstance(one, int) else str(one) for one in (then, now)
    )
    return before if before == after else f"{before} → {after}"
