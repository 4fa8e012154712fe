"""What each service bills for a piece of work, in a line each, by AWS's rules for minimums and rounding."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from covidlake.base.text import count
from covidlake.cost.lines import Line, number
from covidlake.cost.prices import HOURS_OF_MONTH, Prices

JOB_SECONDS = 60.0  # the least that a job run is billed for
CRAWL_SECONDS = 600.0  # and a crawl
CRAWLER_DPU = 2.0  # assumed where Glue does not say what a crawl used
QUERY_BYTES, MEGABYTE, TERABYTE = 10_000_000, 1_000_000, 1e12
# https://docs.aws.amazon.com/glue/latest/dg/worker-types.html; the types R.* have a price of their own.
DPU_OF_WORKER = {
    "Standard": 1.0,
    "G.025X": 0.25,
    "G.1X": 1.0,
    "G.2X": 2.0,
    "G.4X": 4.0,
    "G.8X": 8.0,
    "G.12X": 12.0,
    "G.16X": 16.0,
}


@dataclass(frozen=True)
class Crawl:
    """One crawl: its seconds, and its DPU-hours where Glue says them."""

    crawler: str
    seconds: float
    dpu_hours: float | None = None


@dataclass(frozen=True)
class Invocation:
    """A function's call; `billed` says whether its seconds are those that Lambda's log bills."""

    function: str
    seconds: float
    megabytes: float
    arm: bool = True
    billed: bool = True


def transitions(prices: Prices, entered: int, retries: int = 0, redrives: int = 0) -> Line:
    """Each entry of a state is one, each retry and redrive too; an iteration of an inline Map is none."""
    parts = [(entered, "states entered"), (retries, "retries"), (redrives, "redrives")]
    how = " + ".join(f"{times:,} {noun}" for times, noun in parts if times or noun == "states entered")
    return Line("state transitions", entered + retries + redrives, prices["states_transition"], how)


def job_run(prices: Prices, run: Mapping[str, Any]) -> Line:
    """A Glue job run as GetJobRun reports it.

    Its DPU-seconds where Glue counts them (auto scaling, Flex), or else its capacity for its seconds.
    """
    name = "glue_flex_dpu_hour" if run.get("ExecutionClass") == "FLEX" else "glue_dpu_hour"
    what = f"job run: {run.get('Id', '')}" if run.get("Id") else "job run"
    if seconds := float(run.get("DPUSeconds") or 0):
        return Line(what, seconds / 3600, prices[name], f"{number(seconds)} DPU-seconds / 3,600")
    capacity = float(run.get("MaxCapacity") or run.get("NumberOfWorkers") or 0)
    ran = float(run.get("ExecutionTime") or 0)
    how = f"{number(capacity)} DPU x {_at_least(ran, JOB_SECONDS)} / 3,600"
    return Line(what, capacity * max(ran, JOB_SECONDS) / 3600, prices[name], how)


def crawl(prices: Prices, one: Crawl) -> Line:
    """A crawl is billed for ten minutes at least, with the DPUs that it used on average."""
    seconds = max(one.seconds, CRAWL_SECONDS)
    known = one.dpu_hours * 3600 / one.seconds if one.dpu_hours and one.seconds else None
    dpu, assumed = known or CRAWLER_DPU, "" if known else " (assumed)"
    how = f"{number(round(dpu, 3))} DPU{assumed} x {_at_least(one.seconds, CRAWL_SECONDS)} / 3,600"
    usage = dpu * seconds / 3600
    return Line(f"crawl: {one.crawler}", usage, prices["glue_crawler_dpu_hour"], how, bool(assumed))


def functions(prices: Prices, invocations: Iterable[Invocation]) -> list[Line]:
    """GB-seconds and requests of all calls, those on ARM apart."""
    calls = list(invocations)
    lines = [
        _gigabyte_seconds(prices, [one for one in calls if one.arm is arm], name)
        for arm, name in ((True, "lambda_arm_gb_second"), (False, "lambda_gb_second"))
        if any(one.arm is arm for one in calls)
    ]
    if calls:
        lines.append(Line("function calls", len(calls), prices["lambda_request"]))
    return lines


def _gigabyte_seconds(prices: Prices, calls: list[Invocation], name: str) -> Line:
    sizes: dict[float, float] = {}
    for one in calls:
        sizes[one.megabytes] = sizes.get(one.megabytes, 0.0) + one.seconds
    how = " + ".join(f"{number(size)} MB / 1,024 x {number(spent)} s" for size, spent in sizes.items())
    usage = sum(size / 1024 * spent for size, spent in sizes.items())
    return Line("functions", usage, prices[name], how, not all(one.billed for one in calls))


def queries(prices: Prices, scanned: Iterable[int]) -> Line | None:
    """Each query in whole megabytes, ten at least; None without queries."""
    sizes = list(scanned)
    if not sizes:
        return None
    billed = [max(math.ceil(size / MEGABYTE) * MEGABYTE, QUERY_BYTES) for size in sizes]
    least = sum(size <= QUERY_BYTES for size in sizes)
    parts = [f"{count(least, 'query', 'queries')} x 10 MB (the minimum)"] if least else []
    if more := sum(size for size, given in zip(billed, sizes, strict=True) if given > QUERY_BYTES):
        parts.append(f"{more / MEGABYTE:,.0f} MB of {count(len(sizes) - least, 'query', 'queries')}")
    return Line("queries", sum(billed) / TERABYTE, prices["athena_terabyte"], " + ".join(parts))


def requests(prices: Prices, writes: float, reads: float, how: tuple[str, str] = ("", "")) -> list[Line]:
    """Requests to S3: nobody reports them by run. `how` many writes there are, and how many reads."""
    return [
        Line("S3 writes and listings", writes, prices["s3_write"], how[0], True),
        Line("S3 reads", reads, prices["s3_read"], how[1], True),
    ]


def logs(prices: Prices, kilobytes: float, parts: str = "") -> Line:
    how = f"({parts} kB) / 1,000,000" if parts else f"{number(kilobytes)} kB / 1,000,000"
    return Line("logs", kilobytes / 1e6, prices["logs_gigabyte"], how, True)


def metrics(prices: Prices, sent: int, hours: float = 1.0) -> Line:
    """Custom metrics are billed by the hour in which they are sent."""
    how = f"{sent:,} metrics x {number(hours)} h / {HOURS_OF_MONTH:.0f}"
    return Line("custom metrics", sent * hours / HOURS_OF_MONTH, prices["metric_month"], how, True)


def traces(prices: Prices, sent: int = 1) -> Line:
    return Line("traces", sent, prices["xray_trace"], estimated=True)


def messages(prices: Prices, sent: int) -> Line:
    return Line("messages to the topic", sent, prices["sns_publish"])


def _at_least(seconds: float, least: float) -> str:
    if seconds >= least:
        return f"{number(seconds)} s"
    return f"{number(least)} s (the minimum; it took {number(round(seconds, 1))} s)"
