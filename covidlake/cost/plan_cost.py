"""How a plan changes what the stack costs: job, schedule, and resources that cost by being there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from covidlake import aws
from covidlake.base.errors import PriceError
from covidlake.cost import firings, prices, services, standing
from covidlake.cost.lines import dollars, number
from covidlake.cost.prices import Prices
from covidlake.ship.plan.model import Plan
from covidlake.ship.plan.resource_changes import ResourceChange

JOB, RULE = "AWS::Glue::Job", "AWS::Events::Rule"
JOB_PROPERTIES = ("WorkerType", "NumberOfWorkers", "ExecutionClass", "Timeout")
SCHEDULE_PROPERTIES = ("ScheduleExpression", "State")
SHORTEST = services.JOB_SECONDS / 3600


@dataclass(frozen=True)
class Change:
    """One difference in cost: what differs, each side in words, and dollars a month where certain."""

    what: str
    before: str
    after: str
    usd_a_month: float | None = None


@dataclass(frozen=True)
class PlanCost:
    """The changes of a plan; `unknown` says what could not be priced, and why."""

    region: str
    date: str
    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.changes or self.notes or self.unknown)

    @property
    def usd_a_month(self) -> float:
        """What is certain: resources that cost by being there."""
        return sum(one.usd_a_month or 0.0 for one in self.changes)


def of_plan(plan: Plan, in_region: str = "") -> PlanCost:
    """The difference that deploying a plan makes, by default in the caller's region.

    A region without prices is said, only where it matters.
    """
    touched = [one for one in plan.resources if _matters(one)]
    if not touched:
        return PlanCost(in_region, "")
    region = in_region or aws.region()
    try:
        priced = prices.load(region)
    except PriceError as error:
        return PlanCost(region, "", unknown=(str(error),))
    changes, notes, unknown = list[Change](), list[str](), dict[str, None]()
    for one in touched:
        before, after = _sides(one)
        if before is None and after is None:
            unknown[f"{one.logical_id}: CloudFormation does not show its properties"] = None
        elif one.type == JOB:
            changes += _job(priced, one.logical_id, before, after)
        elif one.type == RULE:
            changes += _schedule(one.logical_id, before, after)
        elif not standing.is_known(one.type):
            unknown[f"what {one.type} costs by being there ({one.logical_id})"] = None
        else:
            changes += _standing(priced, one, before, after)
            notes += [] if after is None else standing.notes(priced, one.type, one.logical_id, after)
    return PlanCost(region, priced.date, tuple(changes), tuple(dict.fromkeys(notes)), tuple(unknown))


def _matters(one: ResourceChange) -> bool:
    """Whether a change may change what is paid; what is new or goes always may, if it has a price."""
    if one.type == JOB:
        return one.action != "Modify" or _touches(one, JOB_PROPERTIES)
    if one.type == RULE:
        sides = [side for side in _sides(one) if side]
        scheduled = any("ScheduleExpression" in side for side in sides)
        return scheduled and (one.action != "Modify" or _touches(one, SCHEDULE_PROPERTIES))
    if not standing.is_known(one.type):
        return one.action in {"Add", "Remove"}
    return one.type in standing.LINES


def _touches(one: ResourceChange, names: tuple[str, ...]) -> bool:
    return any(change.path.split(".")[0] in names for change in one.properties)


def _sides(one: ResourceChange) -> tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]:
    """The properties before and after: what is added has none before, what is removed none after."""
    before = None if one.action == "Add" else one.before
    after = None if one.action == "Remove" else one.after
    return before, after


def _job(
    priced: Prices, name: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> Iterator[Change]:
    old, new = (None if side is None else _job_words(priced, side) for side in (before, after))
    if old != new:
        yield Change(f"each run of {name}", old or "-", new or "-")


def _job_words(priced: Prices, given: Mapping[str, Any]) -> str:
    """`2 x G.1X STANDARD: at most $0.88 an hour, $0.0147 at least, $0.22 in 15 min (time-out)`."""
    kind, workers = str(given.get("WorkerType", "G.1X")), _whole(given.get("NumberOfWorkers"))
    execution = str(given.get("ExecutionClass", "STANDARD"))
    title = f"{workers} x {kind} {execution}"
    dpu = services.DPU_OF_WORKER.get(kind)
    if dpu is None or workers is None:
        return f"{title}: not known what it costs"
    price = priced["glue_flex_dpu_hour" if execution == "FLEX" else "glue_dpu_hour"]
    hour = workers * dpu * price.usd
    words = f"{number(workers * dpu)} DPU x ${price.usd:g} = at most {dollars(hour)} an hour"
    words += f", {dollars(hour * SHORTEST)} for the shortest run"
    if minutes := _whole(given.get("Timeout")):
        words += f", {dollars(hour * minutes / 60)} for one of {minutes} min (the time-out)"
    return f"{title}: {words}"


def _schedule(
    name: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> Iterator[Change]:
    old, new = (None if side is None else _schedule_words(side) for side in (before, after))
    if old != new:
        yield Change(f"runs by {name}", old or "-", new or "-")


def _schedule_words(given: Mapping[str, Any]) -> str:
    expression = str(given.get("ScheduleExpression", ""))
    if given.get("State", "ENABLED") != "ENABLED":
        return f"{expression}: disabled, none"
    runs = firings.in_a_month(expression)
    return f"{expression}: {f'{runs:,}' if runs is not None else 'not known how many'} in this month"


def _standing(
    priced: Prices, one: ResourceChange, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> Iterator[Change]:
    old, new = (
        [] if side is None else standing.month(priced, one.type, one.logical_id, side)
        for side in (before, after)
    )
    was, becomes = (sum(line.usd for line in lines) for lines in (old, new))
    if was == becomes:
        return
    shown = ["; ".join(line.arithmetic for line in lines) or "-" for lines in (old, new)]
    yield Change(f"{one.logical_id} ({one.type}), a month", shown[0], shown[1], becomes - was)


def _whole(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError):
        return None
