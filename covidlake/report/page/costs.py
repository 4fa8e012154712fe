"""What the execution cost, as lines of a table: the one place where the report asks for prices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from covidlake.report import cost

NOTE = (
    "An estimate of the Glue job runs alone, by AWS's published rates. State transitions, crawls, queries, "
    "requests and storage are not in it."
)


Measured = dict[str, Any]


@dataclass(frozen=True)
class CostLine:
    """What was used of a service, by which price, and what that makes; None where it is not known."""

    service: str
    usage: str
    price: str
    usd: float | None


@dataclass(frozen=True)
class Costs:
    """The lines of an execution, and what a reader must know of them."""

    lines: tuple[CostLine, ...]
    note: str

    @property
    def total(self) -> float | None:
        """None where nothing is known."""
        known = [line.usd for line in self.lines if line.usd is not None]
        return sum(known) if known else None


def measured(
    arn: str, events: Iterable[Mapping[str, Any]], job_runs: Iterable[Mapping[str, Any]]
) -> Measured:
    """The costs of an execution as plain values, which a report collects.

    `events` are those of its history with their data, `job_runs` as Glue reports them.
    """
    del arn, events  # the region, and what else was called: not priced yet, as `NOTE` says
    return {"lines": [asdict(_of_job_run(run)) for run in job_runs], "note": NOTE}


def _of_job_run(run: Mapping[str, Any]) -> CostLine:
    kind = run.get("ExecutionClass") or "STANDARD"
    rate = cost.DPU_HOUR_USD.get(kind, cost.DPU_HOUR_USD["STANDARD"])
    usd = cost.of_job_run(run)
    usage = f"{usd / rate * 3600:,.0f} DPU-seconds ({run.get('ExecutionTime', 0)} s, {kind})"
    return CostLine("AWS Glue job", usage, f"${rate} a DPU-hour", usd)


def of(given: Mapping[str, Any]) -> Costs:
    """The costs that were collected."""
    return Costs(tuple(CostLine(**line) for line in given.get("lines", ())), str(given.get("note", "")))


def text(usd: float | None) -> str:
    """`$0.015`, or that it is not known."""
    return "not known" if usd is None else cost.text(usd)
