"""The last executions beside each other: how long they took, what they read, and the charts of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from covidlake.report.page.charts import Drawing
from covidlake.report.page.collected import Collected
from covidlake.run import pipelines

LEAST_RUNS = 2  # fewer are no trend


@dataclass(frozen=True)
class Run:
    """An execution, with the rows of the table `runs`, or else of its run records; None where neither is."""

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
    other = pipelines.of(collected.environment).other_rows
    for name, records in collected.records.items():
        counted = ("rows_quarantined",) if name in other else ("rows_read", "rows_new", "rows_quarantined")
        for record in records:
            total = sums.setdefault(str(record.get("run_id")), {})
            for count in counted:
                if isinstance(record.get(count), int):
                    total[count] = total.get(count, 0) + record[count]
    found = []
    until = str(collected.execution.get("startDate", ""))
    for one in collected.executions:
        if str(one["startDate"]) <= until:
            counts = one.get("rows") or sums.get(one["name"], {})
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
    started = {run.name: run.started for run in found}
    times = [(run.started, f"{run.seconds}") for run in found[::-1] if run.seconds is not None]
    rows = sorted(
        (started[record["run_id"]], name, str(record["rows_read"]))
        for name, records in collected.records.items()
        for record in records
        if record.get("run_id") in started and isinstance(record.get("rows_read"), int)
    )
    made = []
    if len(times) >= LEAST_RUNS:
        made.append(_line("Seconds of each execution", "seconds", "", ("started", "seconds"), times))
    if len({row[0] for row in rows}) >= LEAST_RUNS:
        item = pipelines.of(collected.environment).item
        made.append(_line(f"Rows read by {item}", "rows", item, ("started", item, "rows"), rows))
    return made


def _line(
    title: str, value: str, series: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]
) -> Drawing:
    return Drawing(title, "line", "started", (value,), series, value, columns, tuple(rows))
