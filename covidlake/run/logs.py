"""`covidlake logs`: what the job and the functions of an execution have logged, the failed runs first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from covidlake import aws
from covidlake.base.errors import IngestionError
from covidlake.base.nearest import unknown
from covidlake.run import execution
from covidlake.run.ingest import require_main
from covidlake.ship.stack import stack

FUNCTION_GROUPS = ("find-work", "start-crawler", "check-crawler")
FAILED = ("FAILED", "ERROR", "TIMEOUT", "STOPPED")


@dataclass(frozen=True)
class Log:
    """The lines of one stream, the oldest first; `title` says what wrote them, and how it ended."""

    title: str
    lines: tuple[str, ...]
    failed: bool = False


def logs(environment: str, name: str | None, limit: int) -> Iterator[Log]:
    """The logs of an execution, by default the last one; of each stream the last `limit` lines.

    Raises `IngestionError` when there is no such execution, or none yet.
    """
    require_main(environment)
    outputs = stack.find(environment).outputs
    machine = outputs["StateMachineArn"]
    there = execution.names(machine)
    if not there:
        raise IngestionError(
            f"no execution in {environment} yet: start one with: covidlake ingest {environment}"
        )
    chosen = name or there[0]
    if name is not None and execution.status_of(machine, name) is None:
        raise IngestionError(unknown("execution", name, there))
    yield from _of_jobs(outputs, chosen, limit)
    yield from _of_functions(environment, execution.arn_of(machine, chosen), limit)


def _of_jobs(outputs: dict[str, str], run_id: str, limit: int) -> Iterator[Log]:
    pages = aws.client("glue").get_paginator("get_job_runs").paginate(JobName=outputs["JobName"])
    runs = [
        run for page in pages for run in page["JobRuns"] if run.get("Arguments", {}).get("--run_id") == run_id
    ]
    for run in sorted(runs, key=lambda one: one["JobRunState"] not in FAILED):
        data_sets = run.get("Arguments", {}).get("--datasets", "").replace(",", ", ")
        title = f"job run of {data_sets} {run['JobRunState']}"
        if cause := run.get("ErrorMessage"):
            title = f"{title}: {cause}"
        lines = _stream(outputs["JobOutputLogGroupName"], run["Id"], limit)
        yield Log(title, lines, run["JobRunState"] in FAILED)


def _stream(group: str, stream: str, limit: int) -> tuple[str, ...]:
    try:
        found = aws.client("logs").get_log_events(
            logGroupName=group, logStreamName=stream, limit=limit, startFromHead=False
        )["events"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return (f"no log stream {stream} in {group}: nothing was logged, or it has expired",)
    return tuple(map(_line, found))


def _of_functions(environment: str, arn: str, limit: int) -> Iterator[Log]:
    """What the functions logged while the execution ran: maybe for another one too."""
    described = aws.client("stepfunctions").describe_execution(executionArn=arn)
    stopped = described.get("stopDate") or datetime.now(UTC)
    first, last = (int(one.timestamp() * 1000) for one in (described["startDate"], stopped))
    name = stack.find(environment).name
    for function in FUNCTION_GROUPS:
        group = f"/aws/lambda/{name}-{function}"
        try:
            pages = (
                aws.client("logs")
                .get_paginator("filter_log_events")
                .paginate(logGroupName=group, startTime=first, endTime=last + 1000)
            )
            found = [event for page in pages for event in page["events"]]
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            found = []
        if found:
            yield Log(f"function {name}-{function}", tuple(map(_line, found[-limit:])))


def _line(event: Any) -> str:
    at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
    return f"{at:%H:%M:%S} {event['message'].rstrip()}"
