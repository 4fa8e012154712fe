"""What was read of a data set and what became of every row: parts that add up to it, or that is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from covidlake.report.page import lake_records
from covidlake.report.page.collected import Collected
from covidlake.run import ingest, pipelines
from covidlake.run.pipelines.pipeline import Pipeline

FINDINGS_SHOWN = 20
NAMES = ("dataset", "table", "name")


@dataclass(frozen=True)
class Rule:
    """The result of a rule of quality: how often it is broken, and an example."""

    name: str
    severity: str
    failures: int
    example: str


@dataclass(frozen=True)
class DataSet:
    """A data set in this execution. Counts are None where no run record has them.

    `parts` are what became of the rows read; `unaccounted` is what they lack or have too much, None where
    they count something else than the rows read.
    """

    name: str
    outcome: str
    rows_read: int | None = None
    parts: tuple[tuple[str, int], ...] = ()
    unaccounted: int | None = None
    rows_removed: int | None = None
    table_rows: int | None = None
    quarantine_rows: int | None = None
    objects_read: int | None = None
    files_written: int | None = None
    bytes_written: int | None = None
    seconds: float | None = None
    state: str = ""
    error: str = ""
    cause: str = ""
    findings: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = field(default_factory=tuple)

    @property
    def broken(self) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.rules if rule.failures)


def data_sets(collected: Collected) -> list[DataSet]:
    """Those that the execution says an outcome of, and those whose run records lie in the lake already."""
    of = pipelines.of(collected.environment)
    records = {record["dataset"]: record for record in lake_records.own(collected.records, collected.name)}
    outcomes = {_name(one): one for one in collected.outcomes}
    return [data_set(of, name, outcomes.get(name, {}), records.get(name, {})) for name in outcomes | records]


def _name(outcome: Mapping[str, Any]) -> str:
    return str(next((outcome[name] for name in NAMES if outcome.get(name)), "?"))


def data_set(of: Pipeline, name: str, outcome: Mapping[str, Any], record: Mapping[str, Any]) -> DataSet:
    """Of what the execution says and what its run record has."""
    known = {**record, **outcome}
    read = _count(known, "rows_read")
    parts = tuple((part.replace("_", " "), int(known.get(f"rows_{part}") or 0)) for part in of.accounts)
    return DataSet(
        name,
        str(outcome.get("outcome") or record.get("status") or "?"),
        read,
        parts if read is not None else (),
        None if read is None or name in of.other_rows else read - sum(rows for _, rows in parts),
        _count(known, "rows_removed", "rows_deleted"),
        _count(known, "table_rows"),
        _count(known, "quarantine_rows"),
        _count(known, "objects_read"),
        _count(known, "files_written"),
        _count(known, "bytes_written"),
        float(known["seconds"]) if isinstance(known.get("seconds"), int | float) else None,
        str(known.get("state") or ""),
        str(known.get("error") or ""),
        str(known.get("cause") or ""),
        tuple(ingest.warnings_of({"dataset": name, "findings": known.get("findings")})[:FINDINGS_SHOWN]),
        tuple(map(_rule, record.get("rules") or ())),
    )


def _count(known: Mapping[str, Any], *names: str) -> int | None:
    return next((int(known[name]) for name in names if isinstance(known.get(name), int)), None)


def _rule(result: Mapping[str, Any]) -> Rule:
    return Rule(
        str(result.get("rule", "?")),
        str(result.get("severity", "")),
        int(result.get("failures") or 0),
        str(result.get("example") or ""),
    )
