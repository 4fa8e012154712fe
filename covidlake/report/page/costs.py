"""What the execution cost, as lines of a table: the one place where the report asks for prices."""

from __future__ import annotations

from dataclasses import dataclass

from covidlake.report import cost
from covidlake.report.page.collected import Collected

NOTE = (
    "An estimate of the Glue job runs alone, by AWS's published rates. State transitions, crawls, queries, "
    "requests and storage are not in it."
)


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


def of(collected: Collected) -> Costs:
    """The costs of an execution."""
    lines = []
    for run in collected.job_runs:
        kind = run.get("ExecutionClass") or "STANDARD"
        rate = cost.DPU_HOUR_USD.get(kind, cost.DPU_HOUR_USD["STANDARD"])
        usd = cost.of_job_run(run)
        usage = f"{usd / rate * 3600:,.0f} DPU-seconds ({run.get('ExecutionTime', 0)} s, {kind})"
        lines.append(CostLine("AWS Glue job", usage, f"${rate} a DPU-hour", usd))
    return Costs(tuple(lines), NOTE)
