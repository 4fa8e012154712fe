"""Read what a report is made of. A part that cannot be read is a gap that says so; the others are read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from covidlake import aws
from covidlake.base.errors import CovidLakeError, IngestionError
from covidlake.base.nearest import unknown
from covidlake.base.text import shorten
from covidlake.report.page import asked, costs, lake_records, recorded
from covidlake.report.page.collected import Collected, Gap
from covidlake.report.page.cut import cut
from covidlake.run import execution, execution_history, pipelines
from covidlake.run.ingest import OUTCOMES_STATE
from covidlake.ship.stack import stack

LAST_EXECUTIONS = 20
MOST_EVENTS = 25_000  # the most that Step Functions keeps of an execution
TEXT_LENGTH = 4_000  # characters of a cause or of an input
WHY_LENGTH = 300
# What is kept of an event: its place, its time, and the names that it has.
_DETAILS = {
    "stateEnteredEventDetails": ("name",),
    "stateExitedEventDetails": ("name",),
    "mapIterationStartedEventDetails": ("name", "index"),
}
_OF_JOB_RUN = (
    *("Id", "JobName", "JobRunState", "Arguments", "StartedOn", "CompletedOn", "ExecutionTime", "DPUSeconds"),
    *(
        "MaxCapacity",
        "NumberOfWorkers",
        "WorkerType",
        "GlueVersion",
        "ExecutionClass",
        "ErrorMessage",
        "LogGroupName",
    ),
)

T = TypeVar("T")


def collect(environment: str, name: str | None = None, beside: Collected | None = None) -> Collected:
    """Everything of an execution, by default the last one, also of one that runs.

    What is asked of the lake and of the crawlers is the same for every execution: `beside` is one that was
    collected just now, and has it already.

    Raises `IngestionError` when there is no such execution, or none yet, `EnvironmentFileError` for a
    pipeline whose executions nothing explains, and what AWS raises if the stack or the execution itself
    cannot be read.
    """
    pipelines.of(environment)
    outputs = stack.find(environment).outputs
    machine = _machine(environment, outputs)
    described = _described(environment, machine, name)
    arn = described["executionArn"]
    run_id = arn.rpartition(":")[2]
    parts = _Parts()
    events: list[Any] = parts.read("history", lambda: _history(arn), [])
    job_runs: list[dict[str, Any]] = parts.read("job runs", lambda: _job_runs(outputs, run_id), [])
    listed: list[dict[str, Any]] = parts.read("executions", lambda: _executions(machine), [])
    return Collected(
        environment,
        datetime.now(UTC).isoformat(timespec="seconds"),
        _plain({key: described[key] for key in described if key not in ("output", "ResponseMetadata")}),
        parts.read(
            "trend", lambda: recorded.merged(listed, _recorded(environment, listed), LAST_EXECUTIONS), listed
        ),
        parts.read("state machine", lambda: _definition(machine), {}),
        [_event(event) for event in events],
        _plain(execution_history.data_set_outcomes(events, OUTCOMES_STATE)),
        job_runs,
        parts.read("cost", lambda: costs.measured(arn, events), {}),
        parts.read("run records", lambda: _records(outputs, run_id), {}),
        beside.crawlers if beside else parts.read("crawl", lambda: _crawlers(outputs), []),
        beside.quarantine if beside else parts.read("quarantine", lambda: asked.quarantine(environment), []),
        beside.charts if beside else asked.charts(environment, parts.gaps),
        parts.gaps,
    )


@dataclass
class _Parts:
    gaps: list[Gap] = field(default_factory=list)

    def read(self, part: str, read: Callable[[], T], otherwise: T) -> T:
        try:
            return read()
        except (ClientError, BotoCoreError, CovidLakeError, ValueError, KeyError) as error:
            self.gaps.append(gap(part, error))
            return otherwise


def gap(part: str, error: Exception) -> Gap:
    """The gap that an error leaves."""
    why = f"{type(error).__name__}: {error}" if isinstance(error, ValueError | KeyError) else str(error)
    return Gap(part, cut(why, WHY_LENGTH))


def _machine(environment: str, outputs: Mapping[str, str]) -> str:
    if "StateMachineArn" not in outputs:
        raise IngestionError(f"environment {environment}: its stack has no state machine, so no execution")
    return outputs["StateMachineArn"]


def _described(environment: str, machine: str, name: str | None) -> dict[str, Any]:
    chosen = name
    if chosen is None:
        there = execution.names(machine)
        if not there:
            raise IngestionError(
                f"no execution in {environment} yet: start one with: covidlake ingest {environment}"
            )
        chosen = there[0]
    elif execution.status_of(machine, chosen) is None:
        raise IngestionError(unknown("execution", chosen, execution.names(machine)))
    arn = execution.arn_of(machine, chosen)
    return dict(aws.client("stepfunctions").describe_execution(executionArn=arn))


def _history(arn: str) -> list[Any]:
    return list(execution.history(arn)[:MOST_EVENTS])


def _executions(machine: str) -> list[dict[str, Any]]:
    listed = aws.client("stepfunctions").list_executions(stateMachineArn=machine, maxResults=LAST_EXECUTIONS)
    kept = ("name", "status", "startDate", "stopDate")
    return [_kept(one, kept) for one in listed["executions"]]


def _recorded(environment: str, listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of a single execution there is no trend to ask for."""
    return recorded.read(environment, LAST_EXECUTIONS) if len(listed) > 1 else []


def _definition(machine: str) -> dict[str, Any]:
    described = aws.client("stepfunctions").describe_state_machine(stateMachineArn=machine)
    found: dict[str, Any] = json.loads(described["definition"])
    return found


def _event(event: Mapping[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {"id": event["id"], "type": event["type"], "at": _plain(event["timestamp"])}
    if previous := event.get("previousEventId"):
        kept["previousEventId"] = previous
    for details, names in _DETAILS.items():
        if given := event.get(details):
            kept[details] = {name: given[name] for name in names}
            if named := _named(given):
                kept["named"] = named
    return kept


def _named(details: Mapping[str, Any]) -> list[str]:
    """The data sets that the input of a state names, by which an iteration of a Map is known."""
    try:
        given = json.loads(details.get("input") or "{}")
    except ValueError:
        return []
    if not isinstance(given, dict):
        return []
    several = given.get("datasets")
    found = several if isinstance(several, list) else [given.get("dataset")]
    return [shorten(str(one)) for one in found if one][:20]


def _job_runs(outputs: Mapping[str, str], run_id: str) -> list[dict[str, Any]]:
    """Those of this execution, in their order; a pipeline may have several jobs."""
    jobs = [value for key, value in outputs.items() if key.endswith("JobName")]
    found = []
    for job in jobs:
        pages = aws.client("glue").get_paginator("get_job_runs").paginate(JobName=job)
        for run in (run for page in pages for run in page["JobRuns"]):
            if run.get("Arguments", {}).get("--run_id") == run_id:
                found.append(_kept(run, _OF_JOB_RUN))
    return sorted(found, key=lambda run: str(run.get("StartedOn")))


def _records(outputs: Mapping[str, str], run_id: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = _plain(lake_records.of_run(outputs["LakeBucketName"], run_id))
    return found


def _crawlers(outputs: Mapping[str, str]) -> list[dict[str, Any]]:
    """Those of the stack; a pipeline may have several."""
    names = [value for key, value in outputs.items() if key.endswith("CrawlerName")]
    found = (aws.client("glue").get_crawler(Name=name)["Crawler"] for name in names)
    return [_kept(crawler, ("Name", "State", "LastCrawl")) for crawler in found]


def _kept(answer: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: _plain(answer[name]) for name in names if name in answer}


def _plain(value: Any) -> Any:
    """The value as JSON has it: times in UTC as text, and of a long text its beginning."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds")
    if isinstance(value, str):
        more = len(value) - TEXT_LENGTH
        return value if more <= 0 else f"{value[:TEXT_LENGTH]} … ({more:,} more characters)"
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value
