"""A drift as a table, as Markdown for an issue, or as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict

from rich.console import Group, RenderableType
from rich.text import Text

from covidlake.base import console
from covidlake.base.markdown import code, escape, table
from covidlake.base.text import count, one_line
from covidlake.environment.drift_ignore import Entry
from covidlake.report.job_report import JobReport
from covidlake.ship.drift.drift import Drift, Ignored, Resource

COLUMNS = ["resource", "type", "property", "difference", "expected", "actual"]
CELL_LENGTH = 300  # characters of a value in Markdown; JSON holds all of it


def summary(drift: Drift) -> str:
    """One line: what was found, in numbers."""
    state = f"{count(len(drift.resources), 'resource')} drifted" if drift.found else "no drift"
    parts = [state, f"{drift.in_sync} in sync"]
    if drift.ignored:
        parts.append(f"{count(len(drift.ignored), 'difference')} ignored")
    if drift.unchecked:
        parts.append(f"{len(drift.unchecked)} not checked")
    if drift.stale:
        parts.append(f"{count(len(drift.stale), 'stale ignore line')}")
    return f"{drift.stack_name}: {', '.join(parts)}"


def rows(drift: Drift) -> list[list[str | None]]:
    """One row for each property that differs and for each resource that is gone, as `COLUMNS`."""
    found: list[list[str | None]] = []
    for resource in drift.resources:
        for one in resource.differences:
            found.append([resource.logical_id, resource.type, one.path, one.kind, one.expected, one.actual])
        if not resource.differences:
            gone = resource.physical_id if resource.status == "DELETED" else None
            found.append([resource.logical_id, resource.type, None, resource.status, gone, None])
    return found


def _ignored_row(ignored: Ignored) -> list[str | None]:
    one = ignored.difference
    return [
        ignored.logical_id,
        one.path if one else None,
        one.kind if one else ignored.status,
        one.actual if one else None,
        ignored.entry.reason,
    ]


def notes(drift: Drift) -> list[str]:
    """What else the reader must know: resources that were not checked, stale ignore lines, failures."""
    lines = [f"not checked: {_named(drift.unchecked)}"] if drift.unchecked else []
    lines += [f"{one.logical_id} ({one.status}): {one.reason}" for one in drift.unchecked if one.reason]
    lines += [f"stale: {_stale_text(entry, drift)}" for entry in drift.stale]
    if drift.failure:
        lines.append(f"CloudFormation could not check everything: {drift.failure}")
    return lines


def _named(resources: list[Resource]) -> str:
    by_type: dict[str, list[str]] = {}
    for one in resources:
        by_type.setdefault(one.type, []).append(one.logical_id)
    return "; ".join(f"{kind} {', '.join(sorted(names))}" for kind, names in sorted(by_type.items()))


def _stale_text(entry: Entry, drift: Drift) -> str:
    return (
        f"drift-ignore {entry} in environments/{drift.environment}.yaml line {entry.line} "
        "matches nothing: remove it"
    )


IGNORED_COLUMNS = ["ignored", "property", "difference", "actual", "reason"]


def for_terminal(drift: Drift) -> RenderableType:
    """For a terminal."""
    parts: list[RenderableType] = []
    if drift.found:
        parts.append(console.table(COLUMNS, rows(drift)))
    if drift.ignored:
        parts.append(console.table(IGNORED_COLUMNS, [_ignored_row(one) for one in drift.ignored]))
    parts += [Text(line) for line in [*notes(drift), summary(drift)]]
    return Group(*parts)


def markdown(drift: Drift) -> str:
    """For an issue or a job summary."""
    lines = [
        f"### Drift of {code(drift.stack_name)}",
        "",
        f"{summary(drift)}, {drift.detected_at:%Y-%m-%d %H:%M} UTC",
    ]
    if drift.found:
        lines += ["", _markdown_table(COLUMNS, rows(drift))]
    if drift.ignored:
        lines += ["", _markdown_table(IGNORED_COLUMNS, [_ignored_row(one) for one in drift.ignored])]
    lines += [item for note in notes(drift) for item in ("", escape(note))]
    return "\n".join(lines) + "\n"


def report(drift: Drift) -> JobReport:
    """For `covidlake issue`."""
    status = "DRIFTED" if drift.found else "FAILED" if drift.failure else "IN_SYNC"
    return JobReport(
        kind="drift",
        environment=drift.environment,
        healthy=status == "IN_SYNC",
        status=status,
        title=summary(drift),
        markdown=markdown(drift),
    )


def _markdown_table(columns: list[str], cells: list[list[str | None]]) -> str:
    return table(columns, ([_cell(cell) for cell in row] for row in cells))


def _cell(value: str | None) -> str | None:
    if not value:
        return None if value is None else '""'
    text = one_line(value)
    if len(text) > CELL_LENGTH:
        return f"{code(text[:CELL_LENGTH])}… ({len(text) - CELL_LENGTH} more)"
    return code(text)


def to_json(drift: Drift) -> str:
    """Everything, for another program."""
    content = asdict(drift) | {"drifted": drift.found, "detected_at": drift.detected_at.isoformat()}
    return json.dumps(content, indent=1)
