"""`covidlake logs`: what the job and the functions of an execution have logged, the failed runs first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from covidlake import aws
from covidlake.base.errors import IngestionError
from covidlake.base.nearest import unknown
from covidlake.run import execution, pipelines
from covidlake.run.pipelines.pipeline import Pipeline
from covidlake.ship.stack import stack

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
    of = pipelines.of(environment)
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
    for job in of.jobs(outputs):
        yield from _of_job(of, job, outputs["JobOutputLogGroupName"], chosen, limit)
    yield from _of_functions(environment, of.functions, execution.arn_of(machine, chosen), limit)


def _of_job(of: Pipeline, job: str, group: str, run_id: str, limit: int) -> Iterator[Log]:
    pages = aws.client("glue").get_paginator("get_job_runs").paginate(JobName=job)
    runs = [
        run for page in pages for run in page["JobRuns"] if run.get("Arguments", {}).get("--run_id") == run_id
    ]
    for run in sorted(runs, key=lambda one: one["JobRunState"] not in FAILED):
        what = ", ".join(of.taken(run)) or job
        title = f"job run of {what} {run['JobRunState']}"
        if cause := run.get("ErrorMessage"):
            title = f"{title}: {cause}"
        lines = _stream(group, run["Id"], limit)
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


def _of_functions(environment: str, functions: tuple[str, ...], arn: str, limit: int) -> Iterator[Log]:
    """What the functions logged while the execution ran: maybe for another one too."""
    described = aws.client("stepfunctions").describe_execution(executionArn=arn)
    stopped = described.get("stopDate") or datetime.now(UTC)
    first, last = (int(one.timestamp() * 1000) for one in (described["startDate"], stopped))
    name = stack.find(environment).name
    for function in functions:
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


_STAMP = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[,.]\d+ ")  # what Python's logging writes before a line


def _line(event: Any) -> str:
    at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
    return f"{at:%H:%M:%S} {_STAMP.sub('', event['message']).rstrip()}"
