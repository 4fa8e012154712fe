"""What the site says of an environment: its last executions and their reports, freshness, cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from covidlake.base.errors import CovidLakeError
from covidlake.cost import month_cost
from covidlake.cost.month_cost import MonthCost
from covidlake.report.page import collect, recorded, report
from covidlake.report.page.collected import Gap
from covidlake.report.page.facts import Facts
from covidlake.report.page.trend import Run
from covidlake.run import pipelines

REPORTS = 10
LOADED = "LOADED"  # the status of a run record whose run read something
DAY = 86_400

T = TypeVar("T")


@dataclass(frozen=True)
class Freshness:
    """When a data set was last loaded, by which execution, and what its table has held since."""

    name: str
    loaded_at: str
    execution: str
    table_rows: int | None
    days: float | None


@dataclass(frozen=True)
class Status:
    """`reports` are the newest ones, the newest first; `month` is None where it could not be found out.

    `verified` says of each data set that the table `runs` knows which execution verified its last load.
    """

    environment: str
    made_at: str
    reports: tuple[Facts, ...]
    month: MonthCost | None
    gaps: tuple[Gap, ...]
    verified: Mapping[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def last(self) -> Facts:
        return self.reports[0]

    @property
    def runs(self) -> tuple[Run, ...]:
        return self.last.runs

    @property
    def freshness(self) -> tuple[Freshness, ...]:
        """Of every data set that `runs` or a run record knows, the oldest first."""
        other = pipelines.of(self.environment).other_rows
        records = self.last.collected.records
        named = sorted({*records, *self.verified} - {*other})
        found = [_fresh(name, self._loads(name, records.get(name, [])), self.made_at) for name in named]
        return tuple(sorted(found, key=lambda one: (one.loaded_at, one.name)))

    def _loads(self, name: str, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The run records of what was verified; all of them where `runs` does not know the data set.

        A table may be verified once more without a load. Where no record of the load is kept, the execution
        that verified it stands for it.
        """
        if name not in self.verified:
            return records
        last = self.verified[name]
        loads = [one for one in records if one.get("status") == LOADED and _is_covered(one, last)]
        return loads or ([last] if last else [])


def status(environment: str, most: int = REPORTS, now: datetime | None = None) -> Status:
    """The status of an environment, with reports of its last executions.

    Raises `IngestionError` where there is none yet, and what a report of the last one raises.
    """
    last = report.found(environment)
    gaps: list[Gap] = list(last.gaps)
    older = [run.name for run in last.runs if run.name != last.collected.name][: most - 1]
    reports = [last, *_older(environment, older, last, gaps)]
    month = _read("cost of the month", lambda: month_cost.of_month(environment), gaps)
    verified = _read("freshness in the table runs", lambda: recorded.verified(environment), gaps) or {}
    made = (now or datetime.now(UTC)).isoformat(timespec="seconds")
    return Status(environment, made, tuple(reports), month, tuple(gaps), verified)


def _older(environment: str, names: list[str], last: Facts, gaps: list[Gap]) -> Iterator[Facts]:
    for name in names:
        found = _read(f"report of {name}", partial(report.found, environment, name, last), gaps)
        if found is not None:
            yield found


def _read(part: str, read: Callable[[], T], gaps: list[Gap]) -> T | None:
    try:
        return read()
    except (ClientError, BotoCoreError, CovidLakeError) as error:
        gaps.append(collect.gap(part, error))
        return None


def _fresh(name: str, records: list[dict[str, Any]], now: str) -> Freshness:
    loads = [record for record in records if record.get("status") == LOADED]
    newest = max(loads, key=lambda record: str(record.get("ended_at", "")), default={})
    loaded, rows = str(newest.get("ended_at", "")), newest.get("table_rows")
    return Freshness(
        name,
        loaded,
        str(newest.get("run_id", "")),
        rows if isinstance(rows, int) else None,
        _days(loaded, now),
    )


def _is_covered(record: Mapping[str, Any], last: Mapping[str, Any]) -> bool:
    """Whether the execution verified what the run of the record loaded: its own, or an earlier one."""
    if not last:
        return False
    return record.get("run_id") == last["run_id"] or str(record.get("ended_at", "")) <= str(last["ended_at"])


def _days(since: str, until: str) -> float | None:
    try:
        seconds = (datetime.fromisoformat(until) - datetime.fromisoformat(since)).total_seconds()
    except (ValueError, TypeError):
        return None
    return max(0.0, seconds / DAY)
