"""A preview as headings, sentences and tables: what terminal, Markdown and page all show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from covidlake.base.text import count
from covidlake.laptop.preview.gate import Finding
from covidlake.laptop.preview.model import (
    FAILED,
    GONE,
    IDENTICAL,
    NEW,
    RENAMED,
    DataSetChange,
    Preview,
)
from covidlake.laptop.preview.outline import segments, tables
from covidlake.laptop.preview.outline.parts import Outline, Row, Section, Table, moved


def outline(preview: Preview, findings: Sequence[Finding] | None, accepted: bool = False) -> Outline:
    """What is shown of a preview and of what the gate says of it; without `findings` it was not judged."""
    red = [one for one in findings or () if not (accepted and one.acceptable)]
    first = [_findings(findings, accepted)] if findings else []
    if preview.data_sets:
        first.append(_overview(preview.data_sets))
    return Outline(
        "What happens to the data",
        (*_opening(preview), _verdict(findings, red)),
        tuple(first),
        tuple(_section(one, any(found.data_set == one.name for found in red)) for one in preview.data_sets),
        tuple(f"Left out: {one}." for one in preview.left_out),
        bool(red) or (findings is None and any(one.status == FAILED for one in preview.data_sets)),
    )


def _opening(preview: Preview) -> Iterator[str]:
    yield (
        f"Base {preview.base} and head {preview.head}, on the objects of {preview.source}; "
        f"{_ran(preview.data_sets)} ran in {preview.seconds:.0f} s."
    )
    identical = [one.name for one in preview.data_sets if one.status == IDENTICAL]
    if preview.data_sets and len(identical) == len(preview.data_sets):
        yield "Every table that ran is identical."
    if preview.library:
        named = ", ".join(preview.library[:10])
        yield f"The job's library differs in {count(len(preview.library), 'file')}: {named}."
    if preview.not_run:
        yield f"Nothing of the change reaches {', '.join(preview.not_run)}."


def _ran(data_sets: Sequence[DataSetChange]) -> str:
    """What ran: data sets, and beside them what is made of a database of its own."""
    pipelines = [one.name for one in data_sets if one.is_pipeline]
    others = len(data_sets) - len(pipelines)
    return " and ".join([*([count(others, "data set")] if others or not pipelines else []), *pipelines])


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
    return (*counts, moved(then, now))


def _section(one: DataSetChange, red: bool) -> Section:
    sentences = list(_sentences(one))
    # Beside a run that failed, the other side's figures would look like changes.
    failed = one.status == FAILED
    shown = [*tables.of_contract(one), *tables.of_rules(one, failed)]
    if not failed:
        first = [*(segments.tables(one.segments) if one.segments else ()), *tables.of_tables(one)]
        shown = [*first, *shown, *tables.of_quarantine(one), *tables.of_queries(one)]
        shown += tables.of_disagreements(one)
    sign = "red" if red else "ok" if one.status == IDENTICAL else "changed"
    return Section(f"{one.name}: {one.status}", tuple(sentences), tuple(shown), sign)


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
        yield from segments.sentences(one.segments) if one.segments else ()
        yield from _of_keys(one)
        yield from _of_upgrade(one)


def _of_keys(one: DataSetChange) -> Iterator[str]:
    if one.key_before != one.key_after and one.key_before and one.key_after:
        yield f"Its key was {', '.join(one.key_before)}, and is {', '.join(one.key_after)}."
    for table in one.tables:
        if table.before and table.after and table.before.repeated + table.after.repeated:
            yield (
                f"{table.name}: {moved(table.before.repeated, table.after.repeated)} values of "
                f"{', '.join(table.key)} belong to several rows, matched in the order of their values."
            )


def _of_upgrade(one: DataSetChange) -> Iterator[str]:
    if one.upgrade is None:
        return
    up = one.upgrade
    read = "" if one.is_pipeline else f"{count(up.objects_read, 'object')} read, "
    partitions = "" if one.is_pipeline else f"{count(up.partitions_written, 'partition')} and "
    yield (
        f"The upgrade of the lake that base filled ends {up.status}: {read}"
        f"{count(up.rows_restated, 'row')} restated, {up.rows_removed:,} removed, "
        f"{partitions}{count(up.files_written, 'file')} written, "
        f"{up.bytes_written:,} bytes. {up.cause}".strip()
    )
