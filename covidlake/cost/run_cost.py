"""`covidlake cost ENV EXECUTION`: what one execution costs, line by line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError

from covidlake import aws
from covidlake.base.errors import IngestionError, PriceError
from covidlake.base.nearest import unknown
from covidlake.cost import estimate, history, prices, services, watching
from covidlake.cost.history import Used
from covidlake.cost.lines import Cost, Line
from covidlake.cost.measure import Given, Measured
from covidlake.cost.prices import Prices
from covidlake.run import execution
from covidlake.ship.stack import stack
from infra.common import dashboard

UNTIL_LOGGED = timedelta(minutes=5)


@dataclass(frozen=True)
class Machine:
    """The state machine of an environment; whether its job runs and watch send custom metrics."""

    arn: str
    with_metrics: bool
    with_dashboard: bool = False

    @property
    def region(self) -> str:
        return self.arn.split(":")[3]


def machine_of(environment: str) -> Machine:
    """Raises `StackNotFoundError` where nothing is deployed."""
    found = stack.find(environment)
    parameters = stack.parameters_of(stack.describe(found.name))
    return Machine(
        found.outputs["StateMachineArn"],
        parameters.get("JobMetrics") == "true",
        parameters.get(dashboard.PARAMETER) == "true",
    )


def of_execution(environment: str, name: str) -> Cost:
    """The cost of the execution with this name, so far if it still runs.

    Raises `IngestionError` with the nearest name when there is none, `PriceError` for a region without
    prices.
    """
    machine = machine_of(environment)
    priced = prices.load(machine.region)
    if execution.status_of(machine.arn, name) is None:
        raise IngestionError(unknown("execution", name, execution.names(machine.arn)))
    found = of_arn(execution.arn_of(machine.arn, name), priced, machine.with_metrics)
    more = watching.metrics_of_execution(priced) if machine.with_dashboard else []
    return replace(found, lines=(*found.lines, *more))


def of_arn(arn: str, priced: Prices, with_metrics: bool = False) -> Cost:
    """The cost of an execution by its ARN."""
    return of_events(arn.rpartition(":")[2], execution.history(arn), priced, with_metrics)


def of_events(
    name: str, events: Iterable[Mapping[str, Any]], priced: Prices, with_metrics: bool = False
) -> Cost:
    """The same for whoever has read the history already: reports."""
    used = history.read(events)
    begun = used.first or datetime.now(UTC)
    measured = Measured(begun, (used.last or begun) + UNTIL_LOGGED)
    found = lines(used, measured, priced, with_metrics)
    return Cost(f"execution {name}", priced.region, priced.date, tuple(found), tuple(measured.unknown))


def of_facts(
    arn: str, events: Iterable[Mapping[str, Any]], job_runs: Iterable[Mapping[str, Any]] = ()
) -> Cost | None:
    """The cost by facts that a report has collected, without a call; None in a region without prices.

    `events` are those of the history with their data, `job_runs` as Glue reports them.
    """
    try:
        priced = prices.load(arn.split(":")[3])
    except PriceError:
        return None
    given = Given({str(run.get("Id", "")): run for run in job_runs})
    found = lines(history.read(events), given, priced, with_metrics=False)
    return Cost(f"execution {arn.rpartition(':')[2]}", priced.region, priced.date, tuple(found))


def lines(used: Used, measured: Measured | Given, priced: Prices, with_metrics: bool) -> list[Line]:
    """Each line of one execution: what is measured, then what is estimated."""
    found = [services.transitions(priced, used.entered, used.retries, used.redrives)]
    found += [services.job_run(priced, run) for run in measured.job_runs(used)]
    found += [services.crawl(priced, one) for one in measured.crawls(used)]
    found += watching.of_execution(priced)
    found += services.functions(priced, measured.invocations(used))
    if asked := services.queries(priced, used.scanned()):
        found.append(asked)
    if count := len(used.of("sns", "publish")):
        found.append(services.messages(priced, count))
    return found + estimate.lines(priced, used, with_metrics)


def job_run_usd(run: Mapping[str, Any], region: str | None = None) -> float | None:
    """US dollars of one Glue job run; None in a region without prices."""
    try:
        return services.job_run(prices.load(region or aws.region()), run).usd
    except (PriceError, BotoCoreError):
        return None
