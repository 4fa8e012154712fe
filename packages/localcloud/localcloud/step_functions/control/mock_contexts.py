"""The context object that TestState is given: the members that AWS takes, and their types."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from localcloud.plugin import AwsError
from localcloud.step_functions.definition import json_text

_ANY, _TEXT, _NUMBER = "anything", "a string", "a number"
_MEMBERS: dict[str, dict[str, str]] = {
    "Execution": {
        **dict.fromkeys(("Id", "Name", "RoleArn", "StartTime", "RedriveTime"), _TEXT),
        "Input": _ANY,
        "RedriveCount": _NUMBER,
    },
    "State": {"EnteredTime": _TEXT, "Name": _TEXT, "RetryCount": _NUMBER},
    "StateMachine": {"Id": _TEXT, "Name": _TEXT},
    "Task": {"Token": _TEXT},
}
_WAITING = (".sync", ".sync:2", ".waitForTaskToken")


def given(text: str | None, state: dict[str, Any]) -> dict[str, Any] | None:
    """The context object for the state; None where there is none. Raises ValidationException."""
    if text is None:
        return None
    if json_text.reason(text):
        _refuse("it must be valid JSON")
    context = json.loads(text)
    if not isinstance(context, dict):
        _refuse("it must be a JSON object")
    for name, value in context.items():
        _check_member(name, value)
    if "Task" in context and not str(state.get("Resource", "")).endswith(_WAITING):
        _refuse(
            "Context object contains 'Task' when state is not a Task state with a '.sync' or "
            "'.waitForTaskToken' service integration pattern"
        )
    return context


def _refuse(why: str) -> NoReturn:
    raise AwsError("ValidationException", f"Invalid Context object provided: {why}")


def _check_member(name: str, value: Any) -> None:
    if name == "Map":
        _refuse("'Map' field is not supported when mocking a Context object")
    if name not in _MEMBERS:
        _refuse(f"Field '{name}' is not allowed")
    if not isinstance(value, dict):
        _refuse(f"{name} must be an object")
    for inner, item in value.items():
        if inner not in _MEMBERS[name]:
            _refuse(f"Field '{inner}' is not allowed")
        expected = _MEMBERS[name][inner]
        if not _is(expected, item):
            _refuse(f"{name}.{inner} must be {expected}")


def _is(expected: str, value: Any) -> bool:
    if expected == _NUMBER:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return expected == _ANY or isinstance(value, str)
