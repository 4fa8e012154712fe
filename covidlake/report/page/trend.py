"""The last executions beside each other: how long they took, what they read, and the charts of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from covidlake.report.page.charts import Drawing
from covidlake.report.page.collected import Collected

LEAST_RUNS = 2  # fewer are no trend


@dataclass(frozen=True)
class Run:
    """An execution, with what its run records sum up to; None where the lake has none of it."""

    name: str
    status: str
    started: str
    seconds: float | None
    rows_read: int | None
    rows_new: int | None
    rows_quarantined: int | None


def runs(collected: Collected) -> list[Run]:
    """The last ones up to this, the newest first."""
    sums: dict[str, dict[str, int]] = {}
    for records in collected.records.values():
        for record in records:
            total = sums.setdefault(str(record.get("run_id")), {})
            for name in ("rows_read", "rows_new", "rows_quarantined"):
                if isinstance(record.get(name), int):
                    total[name] = total.get(name, 0) + record[name]
    found = []
    until = str(collected.execution.get("startDate", ""))
    for one in collected.executions:
        if str(one["startDate"]) <= until:
            counts = sums.get(one["name"], {})
            rows = [counts.get(name) for name in ("rows_read", "rows_new", "rows_quarantined")]
            found.append(Run(one["name"], one["status"], one["startDate"], _seconds(one), *rows))
    return found


def _seconds(execution: dict[str, str]) -> float | None:
    if "stopDate" not in execution:
        return None
    begin, end = (datetime.fromisoformat(execution[key]) for key in ("startDate", "stopDate"))
    return (end - begin).total_seconds()


def drawings(found: list[Run], collected: Collected) -> list[Drawing]:
    """Duration of the executions, and rows read by data set; none where there are too few."""
    if len(found) < LEAST_RUNS:
        return []
    times = tuple((one.started, f"{one.seconds}") for one in found[::-1] if one.seconds is not None)
    rows = sorted(
        (str(record["started_at"]), name, str(record["rows_read"]))
        for name, records in collected.records.items()
        for record in records
        if "rows_read" in record and "started_at" in record
    )
    made = [Drawing("Seconds of each execution", "line", "started", ("seconds",), "", "seconds", ("started", "seconds"), times)]
    if len({row[0] for row in rows}) >= LEAST_RUNS:
        columns = ("started", "data set", "rows")
        made.append(Drawing("Rows read by data set", "line", "started", ("rows",), "data set", "rows", columns, tuple(rows)))
    return made
