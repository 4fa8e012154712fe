"""How states fail in moto's interpreter."""

from __future__ import annotations

from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)

_DETAILS = {
    HistoryEventType.TaskFailed: "taskFailedEventDetails",
    HistoryEventType.TaskSubmitFailed: "taskSubmitFailedEventDetails",
    HistoryEventType.TaskTimedOut: "taskTimedOutEventDetails",
    HistoryEventType.LambdaFunctionFailed: "lambdaFunctionFailedEventDetails",
    HistoryEventType.ActivityFailed: "activityFailedEventDetails",
    HistoryEventType.EvaluationFailed: "evaluationFailedEventDetails",
}


def failure_event(
    env: Any, error: str | None, cause: str | None, kind: Any = HistoryEventType.TaskFailed, **details: str
) -> Any:
    """The failure of a state under any name: moto's own class refuses names that begin with `States.`."""
    named = {key: value for key, value in (("error", error), ("cause", cause)) if value is not None}
    shown = {_DETAILS[kind]: {**named, **details}}
    name = None if error is None else ErrorName(error)
    return FailureEvent(env=env, error_name=name, event_type=kind, event_details=shown)


def missed_heartbeat(event: Any) -> Any:
    """AWS tells a missed heartbeat as States.Timeout; Retry and Catch know it by its own name as well."""
    event.error_name = ErrorName("States.HeartbeatTimeout")
    return event


def failure(env: Any, error: str, cause: str, kind: Any = HistoryEventType.TaskFailed, **details: str) -> Any:
    """The exception with which a state fails."""
    return FailureEventException(failure_event=failure_event(env, error, cause, kind, **details))
