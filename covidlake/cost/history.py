"""What an execution used, by its history alone: states, job runs, function calls, queries, requests."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from covidlake.base import json_text

LOADED = "LOADED"
DEARER = ("put", "copy", "list", "create", "complete", "upload")  # how S3's dearer operations begin
_DETAILS = (
    "taskScheduledEventDetails",
    "taskSubmittedEventDetails",
    "taskSucceededEventDetails",
    "taskFailedEventDetails",
    "taskTimedOutEventDetails",
)


@dataclass
class Task:
    """One attempt of a task: what was asked, what was answered, and when."""

    service: str
    action: str
    asked: Mapping[str, Any]
    begun: datetime
    ended: datetime | None = None
    submitted: Mapping[str, Any] = field(default_factory=dict)
    answer: Mapping[str, Any] = field(default_factory=dict)
    succeeded: bool = False

    @property
    def seconds(self) -> float:
        """From its start to its end; 0 for one that has no end yet."""
        return (self.ended - self.begun).total_seconds() if self.ended else 0.0


@dataclass
class Used:
    """Counts and tasks of an execution; `first` and `last` are the times of its events."""

    entered: int = 0
    retries: int = 0
    redrives: int = 0
    tasks: list[Task] = field(default_factory=list)
    loaded: int = 0
    looked: int = 0
    first: datetime | None = None
    last: datetime | None = None

    def of(self, service: str, action: str = "") -> list[Task]:
        """The tasks of a service, in their order."""
        return [
            one
            for one in self.tasks
            if one.service == service and one.action.lower().startswith(action.lower())
        ]

    def job_runs(self) -> list[tuple[str, str, Mapping[str, Any]]]:
        """Job name and id of each Glue job run that was started, and what the history says of its end."""
        found = (
            (str(one.asked.get("JobName", "")), _run_id(one), one.answer)
            for one in self.of("glue", "startJobRun")
        )
        return [one for one in found if one[0] and one[1]]

    def scanned(self) -> list[int]:
        """The bytes that each query is billed by: neither failed ones nor DDL are."""
        found: list[int] = []
        for one in self.of("athena", "startQueryExecution"):
            query = one.answer.get("QueryExecution") or {}
            if one.succeeded and query.get("StatementType") != "DDL":
                found.append(int((query.get("Statistics") or {}).get("DataScannedInBytes") or 0))
        return found

    def s3_requests(self) -> tuple[int, int]:
        """The state machine's own: writes and listings, then reads."""
        actions = [one.action.lower() for one in self.tasks if one.service.endswith("s3")]
        writes = sum(action.startswith(DEARER) for action in actions)
        return writes, len(actions) - writes

    def crawlers(self) -> list[str]:
        """The crawlers that the execution asked to start."""
        names = (
            _payload(one).get("crawler")
            for one in self.of("lambda", "invoke")
            if function_of(one).endswith("start-crawler")
        )
        return list(dict.fromkeys(str(name) for name in names if name))


def read(events: Iterable[Mapping[str, Any]]) -> Used:
    """Each event names the one before it on its path: it belongs to the task that was begun last there."""
    used, task_of = Used(), dict[int, Task]()
    for event in events:
        used.first = used.first or event["timestamp"]
        used.last = event["timestamp"]
        before = task_of.get(int(event.get("previousEventId", 0)))
        kind = str(event["type"])
        if kind.endswith("StateEntered"):
            used.entered += 1
            before = None
        elif kind == "ExecutionRedriven":
            used.redrives += 1
        elif kind == "TaskScheduled":
            used.retries += before is not None
            before = _scheduled(event)
            used.tasks.append(before)
        elif before is not None:
            _go_on(before, kind, event)
        if before is not None and not kind.endswith("StateExited"):
            task_of[int(event["id"])] = before
        if kind.endswith("StateExited"):
            _count_outcomes(used, event)
    return used


def _scheduled(event: Mapping[str, Any]) -> Task:
    details = event["taskScheduledEventDetails"]
    service = str(details.get("resourceType", "")).rpartition(":")[2]
    return Task(
        service, str(details.get("resource", "")), _object(details.get("parameters")), event["timestamp"]
    )


def _go_on(task: Task, kind: str, event: Mapping[str, Any]) -> None:
    details: Mapping[str, Any] = next((event[name] for name in _DETAILS if name in event), {})
    if kind == "TaskStarted":
        task.begun = event["timestamp"]
    elif kind == "TaskSubmitted":
        task.submitted = _object(details.get("output"))
    elif kind in {"TaskSucceeded", "TaskFailed", "TaskTimedOut"}:
        task.ended, task.succeeded = event["timestamp"], kind == "TaskSucceeded"
        # The cause of a failed job run is the run itself.
        task.answer = _object(details.get("output") or details.get("cause"))


def _count_outcomes(used: Used, event: Mapping[str, Any]) -> None:
    """How many data sets or tables were looked at and loaded, where a state's output says so."""
    output = _object((event.get("stateExitedEventDetails") or {}).get("output"))
    outcomes = output.get("outcomes")
    if isinstance(outcomes, list):
        kinds = [one.get("outcome") for one in outcomes if isinstance(one, dict)]
        used.looked = max(used.looked, len(kinds))
        used.loaded = max(used.loaded, kinds.count(LOADED))


def function_of(task: Task) -> str:
    """The name of the function that a task invokes, without ARN and version."""
    name = str(task.asked.get("FunctionName", ""))
    return name.split(":function:")[-1].split(":")[0]


def request_id(task: Task) -> str:
    """Lambda's id of the call, under which it logs what it bills."""
    return str((task.answer.get("SdkResponseMetadata") or {}).get("RequestId", ""))


def _payload(task: Task) -> Mapping[str, Any]:
    payload = task.asked.get("Payload")
    return payload if isinstance(payload, dict) else _object(payload)


def _run_id(task: Task) -> str:
    return str(task.submitted.get("JobRunId") or task.answer.get("Id") or task.answer.get("JobRunId") or "")


def _object(text: Any) -> Mapping[str, Any]:
    if not isinstance(text, str):
        return {}
    try:
        found = json_text.parse(text)
    except (json.JSONDecodeError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
