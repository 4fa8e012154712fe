"""How states fail in moto's interpreter."""

from __future__ import annotations

import inspect
from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map import state_map

from localcloud.plugin import UnsupportedMinistackError, require
from localcloud.step_functions.states.shapes import compact_json

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


def failure(
    env: Any, error: str, cause: str | None, kind: Any = HistoryEventType.TaskFailed, **details: str
) -> Any:
    """The exception with which a state fails."""
    return FailureEventException(failure_event=failure_event(env, error, cause, kind, **details))


def plainly(failed: Any) -> Any:
    """The failure, of whose cause is to be told no more than its own words; TestState asks for that."""
    failed.failure_event.is_plain = True
    return failed


class Reported(dict[str, Any]):
    """The details of a failed evaluation that the history has already."""


_moto_init = FailureEvent.__init__
_moto_details = FailureEventException.get_evaluation_failed_event_details


def _located(self: Any, env: Any, *given: Any, **named: Any) -> None:
    """moto's, but that the id in "entered at the event id" is that of the state's entry, as it says."""
    _moto_init(self, env, *given, **named)
    entry = getattr(env.event_manager, "entry_of", lambda *_: None)(self.state_name, self.source_event_id)
    if entry is not None:
        self.source_event_id = entry["id"]


def _details(self: Any) -> dict[str, Any] | None:
    """moto's, for the history: its Map state asks again for what the expression itself has reported."""
    details: dict[str, Any] | None = _moto_details(self)
    if details is None or not vars(self).setdefault("is_reported", False):
        self.is_reported = True
        return details
    return Reported(details)


def plug_in() -> None:
    """Have moto's failures tell where and of what they are as AWS does, once."""
    require(FailureEventException, "get_evaluation_failed_event_details", ["self"])
    FailureEventException.get_evaluation_failed_event_details = _details
    require(FailureEvent, "__init__", ["self", "env", "error_name", "event_type", "event_details"])
    FailureEvent.__init__ = _located
    if "was: {type(input_items)}" not in inspect.getsource(state_map):
        raise UnsupportedMinistackError("moto's Map state names what is no array in another way")
    state_map.type = compact_json  # it names the Python class of what is no array; AWS names the value
