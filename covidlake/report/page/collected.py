"""What was read of an execution, as plain values that a file can hold: a report is made of nothing else."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from covidlake.base.errors import ReportError

VERSION = 1


@dataclass(frozen=True)
class Gap:
    """A part of the report that could not be read, and why."""

    part: str
    why: str


@dataclass(frozen=True)
class Collected:
    """`execution` is as DescribeExecution has it, `executions` the last ones with it, the newest first, with
    `rows` where the table `runs` has them.

    `events` are those of its history without what states were given and gave, but for the outcomes. `cost` is
    what covidlake.cost says of it, in its JSON form; {} where nothing is known. `records` are run records of
    the lake by data set, the oldest first. `quarantine` and `charts` are answers of Athena. Times are ISO
    8601 in UTC.
    """

    environment: str
    collected_at: str
    execution: dict[str, Any]
    executions: list[dict[str, Any]] = field(default_factory=list)
    definition: dict[str, Any] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    outcomes: list[dict[str, Any]] = field(default_factory=list)
    job_runs: list[dict[str, Any]] = field(default_factory=list)
    cost: dict[str, Any] = field(default_factory=dict)
    records: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    crawlers: list[dict[str, Any]] = field(default_factory=list)
    quarantine: list[dict[str, Any]] = field(default_factory=list)
    charts: list[dict[str, Any]] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    version: int = VERSION

    @property
    def name(self) -> str:
        return str(self.execution["executionArn"]).rpartition(":")[2]

    @property
    def status(self) -> str:
        return str(self.execution["status"])

    def as_json(self) -> str:
        return json.dumps(asdict(self), indent=1, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Collected:
        """Raises `ReportError` for what another version wrote."""
        content = json.loads(text)
        if content.get("version") != VERSION or set(content) != {item.name for item in fields(cls)}:
            raise ReportError(f"version {content.get('version')!r} of what was collected: collect it again")
        return cls(**content | {"gaps": [Gap(**one) for one in content["gaps"]]})
