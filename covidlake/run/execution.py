"""Follow an execution of the state machine: which state runs, how it ended and why."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from covidlake import aws
from covidlake.base.errors import IngestionError

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.type_defs import DescribeExecutionOutputTypeDef, HistoryEventTypeDef

NAME_PATTERN = r"[A-Za-z0-9_-]{1,80}"  # narrower than what Step Functions takes: what CloudWatch logs too
LIFE_SECONDS = 10.0  # between two signs of life while nothing happens
RUNNING = frozenset({"RUNNING", "PENDING_REDRIVE"})


@dataclass(frozen=True)
class StateVisit:
    """One visit of a state: `seconds` from its entry to its exit; Map and index of the iteration it is in."""

    name: str
    seconds: float
    iteration: tuple[str, int] | None = None


@dataclass
class Execution:
    """An execution that has ended, or was followed long enough. `output` is {} unless it succeeded."""

    arn: str
    status: str
    seconds: float
    output: dict[str, Any]
    error: str
    cause: str
    visits: list[StateVisit] = field(default_factory=list)


def start(state_machine_arn: str, name: str, request: dict[str, Any]) -> str:
    """Start an execution under a name and return its ARN; a second start under the name finds the first.

    Raises `IngestionError` for a malformed name, and for one of an execution with another input.
    """
    if not re.fullmatch(NAME_PATTERN, name):
        raise IngestionError(f"execution name {name!r}: use 1 to 80 letters, digits, hyphens and underscores")
    try:
        return aws.client("stepfunctions").start_execution(
            stateMachineArn=state_machine_arn, name=name, input=json.dumps(request, sort_keys=True)
        )["executionArn"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ExecutionAlreadyExists":
            raise
    arn = arn_of(state_machine_arn, name)
    if (
        json.loads(aws.client("stepfunctions").describe_execution(executionArn=arn).get("input", "{}"))
        != request
    ):
        raise IngestionError(f"execution {name} exists with another input: give another --name")
    return arn


def arn_of(state_machine_arn: str, name: str) -> str:
    """The ARN of the execution of a machine that has this name."""
    return f"{state_machine_arn.replace(':stateMachine:', ':execution:')}:{name}"


def names(state_machine_arn: str) -> list[str]:
    """The last executions, the newest first; at most a hundred."""
    listed = aws.client("stepfunctions").list_executions(stateMachineArn=state_machine_arn, maxResults=100)
    return [item["name"] for item in listed["executions"]]


def status_of(state_machine_arn: str, name: str) -> str | None:
    """The status of the execution with this name, or None."""
    arn = arn_of(state_machine_arn, name)
    try:
        return aws.client("stepfunctions").describe_execution(executionArn=arn)["status"]
    except aws.client("stepfunctions").exceptions.ExecutionDoesNotExist:
        return None


def history(arn: str) -> list[HistoryEventTypeDef]:
    """Every event of an execution, with what states were given and gave."""
    pages = aws.client("stepfunctions").get_paginator("get_execution_history").paginate(executionArn=arn)
    return [event for page in pages for event in page["events"]]


def follow(
    arn: str,
    on_visit: Callable[[StateVisit], None],
    limit_seconds: float,
    on_life: Callable[[list[str], float], None] = lambda *_: None,
    on_look: Callable[[list[HistoryEventTypeDef]], None] = lambda _: None,
) -> Execution:
    """Wait for the end of an execution, reporting each state as it is left.

    `on_life` gets the states that are still in work, and the seconds since they were entered, about every
    `LIFE_SECONDS`; `on_look` the new events of the history at each look, maybe none, without their data. If
    the execution still runs after the limit, its status is RUNNING and it goes on.
    """
    started, watcher = time.monotonic(), _HistoryWatcher(arn)
    shown = started
    while True:
        described = aws.client("stepfunctions").describe_execution(executionArn=arn)
        for visit in watcher.new_visits():
            on_visit(visit)
            shown = time.monotonic()
        on_look(watcher.take_new())
        if described["status"] not in RUNNING:
            return _ended(described, watcher)
        elapsed = time.monotonic() - started
        if elapsed > limit_seconds:
            return _ended(described, watcher)
        if time.monotonic() - shown > LIFE_SECONDS:
            shown = time.monotonic()
            on_life(watcher.in_work(), elapsed)
        time.sleep(aws.poll_interval(elapsed))


def _ended(described: DescribeExecutionOutputTypeDef, watcher: _HistoryWatcher) -> Execution:
    stopped = described.get("stopDate") or datetime.now(UTC)
    return Execution(
        arn=described["executionArn"],
        status=described["status"],
        seconds=(stopped - described["startDate"]).total_seconds(),
        output=json.loads(described.get("output") or "{}"),
        error=described.get("error", ""),
        cause=described.get("cause", ""),
        visits=watcher.visits,
    )


@dataclass
class _HistoryWatcher:
    """Pairs the entered and exited events of an execution's history as they come."""

    arn: str
    visits: list[StateVisit] = field(default_factory=list)
    _last_event: int = 0
    _new: list[HistoryEventTypeDef] = field(default_factory=list)
    _entered: dict[tuple[str, tuple[str, int] | None], list[datetime]] = field(default_factory=dict)
    _iteration_of: dict[int, tuple[str, int] | None] = field(default_factory=dict)  # of each event

    def in_work(self) -> list[str]:
        """The states that were entered and not left, the innermost ones last."""
        return [name for (name, _), times in self._entered.items() if times]

    def take_new(self) -> list[HistoryEventTypeDef]:
        """The events that were read since this was asked last."""
        new, self._new = self._new, []
        return new

    def new_visits(self) -> Iterator[StateVisit]:
        pages = (
            aws.client("stepfunctions")
            .get_paginator("get_execution_history")
            .paginate(executionArn=self.arn, includeExecutionData=False, PaginationConfig={"PageSize": 1000})
        )
        for page in pages:
            for event in page["events"]:
                if event["id"] > self._last_event:
                    self._last_event = event["id"]
                    self._new.append(event)
                    yield from self._read(event)

    def _read(self, event: HistoryEventTypeDef) -> Iterator[StateVisit]:
        iteration = self._iteration_of.get(event.get("previousEventId", 0))
        if begun := event.get("mapIterationStartedEventDetails"):
            iteration = (begun["name"], begun["index"])
        self._iteration_of[event["id"]] = iteration
        if entered := event.get("stateEnteredEventDetails"):
            self._entered.setdefault((entered["name"], iteration), []).append(event["timestamp"])
        elif exited := event.get("stateExitedEventDetails"):
            if (exited["name"], iteration) not in self._entered:  # a Map ends on the path of an iteration
                iteration = self._iteration_of[event["id"]] = None
            since = self._entered.get((exited["name"], iteration)) or [event["timestamp"]]
            seconds = (event["timestamp"] - since.pop(0)).total_seconds()
            visit = StateVisit(exited["name"], seconds, iteration)
            self.visits.append(visit)
            yield visit
