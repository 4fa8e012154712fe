"""`covidlake ingest`: start the ingestion, follow it to its end, say how each data set went."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

from covidlake.base.errors import EnvironmentFileError, IngestionError, StillRunningError
from covidlake.base.progress import Progress
from covidlake.environment.pipeline_environment import PipelineEnvironment
from covidlake.run import execution, execution_name
from covidlake.run.execution import Execution, StateVisit
from covidlake.ship.stack import stack

LIMIT_SECONDS = 4 * 3600.0
# What the rows that were read are the sum of.
ACCOUNTS = ("new", "restated", "unchanged", "duplicate", "quarantined", "filtered_out")
WORTH_SHOWING_SECONDS = 0.01  # states that only choose or assign take less


@dataclass(frozen=True)
class Request:
    """What an ingestion is asked for; no data sets means all that the environment is set up for.

    `first` and `last` are days, YYYY-MM-DD, both within; `first` may be `latest`.
    """

    datasets: tuple[str, ...] = ()
    mode: str = "incremental"
    first: str = ""
    last: str = ""

    def content(self) -> dict[str, Any]:
        """The input of the execution."""
        optional = {"datasets": list(self.datasets), "from": self.first, "to": self.last}
        return {"mode": self.mode} | {key: value for key, value in optional.items() if value}


def ingest(
    environment: str,
    progress: Progress,
    request: Request | None = None,
    name: str | None = None,
    limit_seconds: float = LIMIT_SECONDS,
) -> Execution:
    """Run one ingestion to a success.

    Raises `IngestionError` with data set, state and cause unless the execution succeeds;
    `StillRunningError` when it still runs after the limit.
    """
    return succeeded(run(environment, progress, request or Request(), name, limit_seconds))


def run(
    environment: str, progress: Progress, request: Request, name: str | None, limit_seconds: float
) -> Execution:
    """Start an execution, or find the one with this name, and follow it to its end."""
    machine = _machine(environment)
    arn = execution.start(machine, name or execution_name.timed("ingest"), request.content())
    progress(f"execution {arn.rsplit(':', 1)[-1]}")

    def show(visit: StateVisit) -> None:
        if visit.seconds >= WORTH_SHOWING_SECONDS:
            progress(f"{visit.seconds:7.2f} s  {visit.name}")

    return execution.follow(arn, show, limit_seconds)


def daily_name(environment: str, request: Request) -> str:
    """The name of the execution that this request has today, in UTC."""
    machine = _machine(environment)
    return execution_name.daily(request.content(), functools.partial(execution.status_of, machine))


def _machine(environment: str) -> str:
    """The state machine of the ingestion; another pipeline's takes no data sets."""
    if not PipelineEnvironment.parse(environment).is_main:
        raise EnvironmentFileError(
            f"environment {environment!r}: only the main pipeline ingests data sets: "
            "start the state machine that covidlake status shows with: aws stepfunctions start-execution"
        )
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


def outcome_text(outcome: dict[str, Any]) -> str:
    """One line for a data set, with the counts that its run record gave the state machine."""
    if outcome["outcome"] == "NOTHING_NEW":
        return f"{outcome['dataset']}: nothing new; the table holds {outcome['table_rows']:,} rows"
    parts = [(name.replace("_", " "), outcome[f"rows_{name}"]) for name in ACCOUNTS]
    accounts = " + ".join(f"{count:,} {name}" for name, count in parts)
    text = (
        f"{outcome['dataset']}: {outcome['rows_read']:,} rows read = {accounts}; "
        f"{outcome['files_written']} files, {outcome['bytes_written']:,} bytes; "
        f"the table holds {outcome['table_rows']:,} rows"
    )
    return f"{text}; {outcome['findings']}" if outcome.get("findings") else text
