"""`covidlake ingest`: start the ingestion, follow it to its end, say how each data set went."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from covidlake import aws
from covidlake.base.errors import IngestionError, StillRunningError
from covidlake.base.nearest import unknown
from covidlake.base.progress import Happening, Progress, Watching, tell
from covidlake.run import execution, execution_history, execution_name, pipelines
from covidlake.run.execution import Execution, StateVisit
from covidlake.run.pipelines import pipeline
from covidlake.run.pipelines.ingestion import Request
from covidlake.ship.stack import stack

OUTCOMES_STATE = "CollectOutcomes"
LIMIT_SECONDS = 4 * 3600.0
WORTH_SHOWING_SECONDS = 0.01  # states that only choose or assign take less


def ingest(
    environment: str,
    progress: Progress,
    request: pipeline.Request | None = None,
    name: str | None = None,
    limit_seconds: float = LIMIT_SECONDS,
) -> Execution:
    """Run one ingestion to a success.

    Raises `IngestionError` with data set, state and cause unless the execution succeeds;
    `StillRunningError` when it still runs after the limit.
    """
    return succeeded(run(environment, progress, request or Request(), name, limit_seconds))


def run(
    environment: str, progress: Progress, request: pipeline.Request, name: str | None, limit_seconds: float
) -> Execution:
    """Start an execution, or find the one with this name, and follow it to its end."""
    machine = _machine(environment)
    arn = execution.start(machine, name or execution_name.timed("ingest"), request.content())
    return _followed(environment, arn, progress, limit_seconds)


def follow(environment: str, progress: Progress, name: str, limit_seconds: float) -> Execution:
    """Follow an execution that was started before, to its end.

    Raises `IngestionError` with the nearest name when there is none with this one.
    """
    machine = _machine(environment)
    if execution.status_of(machine, name) is None:
        raise IngestionError(unknown("execution", name, execution.names(machine)))
    arn = execution.arn_of(machine, name)
    return _followed(environment, arn, progress, limit_seconds)


def _followed(environment: str, arn: str, progress: Progress, limit_seconds: float) -> Execution:
    name = arn.rsplit(":", 1)[-1]
    tell(progress, Happening("execution", {"environment": environment, "arn": arn}, f"execution {name}"))
    labels = _Labels(arn, several=len(_data_sets(environment, arn)) != 1)

    def show(visit: StateVisit) -> None:
        if visit.seconds >= WORTH_SHOWING_SECONDS and not isinstance(progress, Watching):
            progress(f"{visit.seconds:7.2f} s  {visit.name}{labels.of(visit)}")

    def show_life(states: list[str], elapsed: float) -> None:
        line = f"{elapsed:7.0f} s  still in {', '.join(dict.fromkeys(states)) or 'its beginning'}"
        tell(progress, Happening("alive", line=line))

    def look(events: Sequence[Any]) -> None:
        tell(progress, Happening("states", {"arn": arn, "events": events}))

    ended = execution.follow(arn, show, limit_seconds, show_life, look)
    facts = {"arn": arn, "status": ended.status, "error": ended.error, "cause": ended.cause}
    tell(progress, Happening("ended", facts))
    return ended


@dataclass
class _Labels:
    """The data sets that a visit of a state is about, where an execution has several."""

    arn: str
    several: bool
    known: dict[tuple[str, int], tuple[str, ...]] = field(default_factory=dict)

    def of(self, visit: StateVisit) -> str:
        if visit.iteration is None or not self.several:
            return ""
        if visit.iteration not in self.known:
            self.known = execution_history.data_sets_of_iterations(execution.history(self.arn))
        return f"  {', '.join(self.known.get(visit.iteration, ()))}".rstrip()


def _data_sets(environment: str, arn: str) -> list[str]:
    """The data sets or tables of an execution in their order: those of its input, else those of the stack."""
    key, parameter = pipelines.of(environment).listed
    given = json.loads(aws.client("stepfunctions").describe_execution(executionArn=arn).get("input") or "{}")
    if isinstance(given, dict) and isinstance(given.get(key), list):
        return [str(one) for one in given[key]]
    deployed = stack.parameters_of(stack.describe(stack.find(environment).name)).get(parameter, "")
    return [] if deployed in ("", "*") else [one.strip() for one in deployed.split(",")]


def daily_name(environment: str, request: pipeline.Request) -> str:
    """The name of the execution that this request has today, in UTC."""
    machine = _machine(environment)
    return execution_name.daily(request.content(), functools.partial(execution.status_of, machine))


def _machine(environment: str) -> str:
    """The state machine of the ingestion."""
    pipelines.of(environment)
    return stack.find(environment).outputs["StateMachineArn"]


def still_runs(followed: Execution) -> bool:
    """Whether it has not ended: neither a success nor a failure."""
    return followed.status in execution.RUNNING


def succeeded(ended: Execution) -> Execution:
    """The execution itself; raises `IngestionError` with the cause unless it succeeded."""
    if still_runs(ended):
        raise StillRunningError(still_running_text(ended))
    if ended.status != "SUCCEEDED":
        raise IngestionError(failure_text(ended))
    return ended


def still_running_text(ended: Execution) -> str:
    """One line: the execution, how long it has run, and how to look at it."""
    return (
        f"{ended.arn} still runs after {ended.seconds:.0f} s and goes on: see it with: covidlake status ENV"
    )


def failure_text(ended: Execution) -> str:
    """One line: status, error and cause of an execution that did not succeed."""
    cause = " ".join(ended.cause.split()) or "no cause was given"
    return (
        f"execution {ended.arn.rsplit(':', 1)[-1]} {ended.status}: {ended.error or 'no error name'}: {cause}"
    )


def outcomes(ended: Execution) -> list[dict[str, Any]]:
    """The outcome of each data set; [] when the execution gave no output."""
    found: list[dict[str, Any]] = ended.output.get("outcomes", [])
    return found


def outcomes_of_failed(ended: Execution) -> list[dict[str, Any]]:
    """The outcome of each data set of an execution that failed: the others may have succeeded.

    [] where its history does not say or cannot be read.
    """
    if still_runs(ended) or ended.status == "SUCCEEDED":
        return []
    try:
        return execution_history.data_set_outcomes(execution.history(ended.arn), OUTCOMES_STATE)
    except (ClientError, BotoCoreError):
        return []


def warnings_of(outcome: dict[str, Any]) -> list[str]:
    """What people should know of a data set or table that did not fail, one sentence each."""
    found = str(outcome.get("findings") or "")
    return [f"{outcome['dataset']}: {one}" for one in found.split("; ") if one]


def remarks(ended: Execution) -> list[str]:
    """What people should know of an execution as a whole, one sentence each."""
    found = ended.output.get("undescribed") or []
    return [f"{one}: found in the database and not described: nothing reads it" for one in found]
