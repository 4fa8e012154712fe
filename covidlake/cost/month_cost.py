"""`covidlake cost ENV`: what the month has cost so far, and what it will have cost at the schedule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from covidlake import aws
from covidlake.base.text import count
from covidlake.cost import firings, history, prices, run_cost, standing, watching
from covidlake.cost.lines import Cost, Line, dollars, number, summed
from covidlake.cost.measure import Measured
from covidlake.cost.prices import Prices
from covidlake.cost.run_cost import Machine
from covidlake.run import execution
from covidlake.ship.stack import stack

MOST_EXECUTIONS = 1_000
SCHEDULE, SCHEDULE_STATE = "ScheduleExpression", "ScheduleState"


@dataclass(frozen=True)
class RunCost:
    """One execution of the month."""

    name: str
    status: str
    started: datetime
    cost: Cost


@dataclass(frozen=True)
class Forecast:
    """What the month will have cost: what it has, `runs` more of the average, and all that stands."""

    schedule: str
    runs: int
    average_usd: float
    standing_usd: float
    usd: float
    arithmetic: str


@dataclass(frozen=True)
class MonthCost:
    """`forecast` is None where it cannot be made, and `why_not` says why."""

    month: str
    runs: tuple[RunCost, ...]
    so_far: Cost
    standing: Cost
    forecast: Forecast | None
    why_not: str = ""

    @property
    def usd(self) -> float:
        return self.so_far.usd + self.standing.usd


def of_month(environment: str, now: datetime | None = None) -> MonthCost:
    """The month so far: its executions, as far as AWS still knows them, and the resources that stand.

    Raises `PriceError` for a region without prices, `StackNotFoundError` where nothing is deployed.
    """
    moment = now or datetime.now(UTC)
    start, end = firings.month_of(moment)
    machine = run_cost.machine_of(environment)
    priced = prices.load(machine.region)
    measured = Measured(start, moment)
    runs = tuple(_runs(machine, priced, measured, start))
    so_far = Cost(
        f"{environment}, {count(len(runs), 'execution')} since {start:%Y-%m-%d}",
        priced.region,
        priced.date,
        summed(line for run in runs for line in run.cost.lines),
        tuple(measured.unknown),
    )
    name = stack.find(environment).name
    described = stack.describe(name)
    created = described["CreationTime"] if described else start
    parameters = stack.parameters_of(described)
    whole = _standing(name, priced)
    whole = replace(whole, lines=(*whole.lines, *watching.of_month(priced, parameters)))
    part, rest = (_share(whole, max(start, created), until, end - start) for until in (moment, end))
    forecast, why_not = _forecast(parameters, runs, rest.usd, so_far.usd, (moment, end))
    return MonthCost(f"{start:%Y-%m}", runs, so_far, part, forecast, why_not)


def _runs(machine: Machine, priced: Prices, measured: Measured, start: datetime) -> Iterator[RunCost]:
    for item in _executions(machine.arn, start, measured):
        used = history.read(execution.history(item["executionArn"]))
        lines = run_cost.lines(used, measured, priced, machine.with_metrics)
        lines += watching.metrics_of_execution(priced) if machine.with_dashboard else []
        cost = Cost(f"execution {item['name']}", priced.region, priced.date, tuple(lines))
        yield RunCost(item["name"], item["status"], item["startDate"], cost)


def _executions(machine: str, start: datetime, measured: Measured) -> Iterator[Any]:
    """Those that began in the month, the newest first, as Step Functions lists them."""
    pages = aws.client("stepfunctions").get_paginator("list_executions").paginate(stateMachineArn=machine)
    seen = 0
    for page in pages:
        for item in page["executions"]:
            if item["startDate"] < start:
                return
            if seen == MOST_EXECUTIONS:
                measured.unknown[f"executions before the newest {seen:,} of the month: not counted"] = None
                return
            seen += 1
            yield item


def _standing(name: str, priced: Prices) -> Cost:
    """What the stack's resources cost in a whole month by being there."""
    title = "resources that stand, of the month so far"
    try:
        there = {one["LogicalResourceId"]: one["ResourceType"] for one in stack.resources(name)}
        found = aws.client("cloudformation").get_template(StackName=name, TemplateStage="Processed")
    except (ClientError, BotoCoreError) as error:
        why = f"what stands in stack {name}: {error.__class__.__name__}: not allowed to look, or not possible"
        return Cost(title, priced.region, priced.date, (), (why,))
    body: Any = found["TemplateBody"]
    given = body.get("Resources", {}) if isinstance(body, dict) else {}
    lines = [
        line
        for logical_id, kind in sorted(there.items())
        for line in standing.month(priced, kind, logical_id, given.get(logical_id, {}).get("Properties"))
    ]
    strange = sorted({kind for kind in there.values() if not standing.is_known(kind)})
    unknown = tuple(f"what {kind} costs by being there" for kind in strange)
    return Cost(title, priced.region, priced.date, summed(lines), unknown)


def _share(whole: Cost, since: datetime, until: datetime, month: timedelta) -> Cost:
    """What stood from one moment to another, of what a whole month costs."""
    share = max(0.0, (until - since) / month)
    return replace(whole, lines=tuple(_part(line, share) for line in whole.lines))


def _part(line: Line, share: float) -> Line:
    how = f"{number(line.usage)} {line.price.unit} x {number(share)} of the month"
    return replace(line, usage=line.usage * share, how=how)


def _forecast(
    parameters: Mapping[str, str],
    runs: tuple[RunCost, ...],
    standing_usd: float,
    so_far: float,
    rest: tuple[datetime, datetime],
) -> tuple[Forecast | None, str]:
    schedule = parameters.get(SCHEDULE, "")
    enabled = parameters.get(SCHEDULE_STATE) == "ENABLED" and bool(schedule)
    left = firings.between(schedule, *rest) if enabled else 0
    if left is None:
        return None, f"schedule {schedule} is not understood"
    ended = [run.cost.usd for run in runs if run.status not in execution.RUNNING]
    if left and not ended:
        return None, f"{count(left, 'run')} to come, and none has ended this month to say what one costs"
    average = sum(ended) / len(ended) if ended else 0.0
    usd = so_far + left * average + standing_usd
    shown = schedule if enabled else "no schedule"
    arithmetic = (
        f"{dollars(so_far)} so far + {count(left, 'run')} x {dollars(average)} "
        f"+ {dollars(standing_usd)} standing = {dollars(usd)}"
    )
    return Forecast(shown, left, average, standing_usd, usd, arithmetic), ""
