"""Values that a field cannot take: the state fails as on AWS, where moto raises whatever comes of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException
from moto.stepfunctions.parser.asl.component.common.path.input_path import InputPath
from moto.stepfunctions.parser.asl.component.common.path.output_path import OutputPath
from moto.stepfunctions.parser.asl.component.common.path.result_path import ResultPath
from moto.stepfunctions.parser.asl.component.common.string.string_expression import StringJSONata
from moto.stepfunctions.parser.asl.component.common.timeouts.heartbeat import HeartbeatSecondsPath
from moto.stepfunctions.parser.asl.component.common.timeouts.timeout import TimeoutSecondsPath
from moto.stepfunctions.parser.asl.component.state.fail.cause_decl import CausePath
from moto.stepfunctions.parser.asl.component.state.fail.error_decl import ErrorPath
from moto.stepfunctions.parser.asl.utils.json_path import NoSuchJsonPathError

from localcloud.step_functions.states.expressions import evaluation_failure, extract_json, to_json_str
from localcloud.step_functions.states.failures import failure

_MOST_SECONDS = 99_999_999
_TYPES = {bool: "boolean", int: "number", float: "number", str: "string", list: "array", dict: "object"}
_STEP = re.compile(r"\.([\w-]+)|\['([^']*)'\]|\[(\d+)\]")
_moto_result_path = ResultPath._eval_body


def absence(path: str, data: Any) -> str:
    """Why a path that must select something selects nothing, in the words of Jayway's JsonPath.

    A path of more than names and indexes is only named.
    """
    seen = "$"
    steps = list(_STEP.finditer(path))
    if "$" + "".join(step[0] for step in steps) != path:
        return f"No results for path: {path}"
    for step in steps:
        name, index = step[1] or step[2], step[3]
        seen += f"[{index}]" if name is None else f"['{name}']"
        held: Any = {}
        if name is not None and isinstance(data, dict):
            held = data
        elif name is None and isinstance(data, list):
            held = dict(enumerate(data))
        key = int(index) if name is None else name
        if key not in held:
            word = "No results for path:" if step is steps[-1] else "Missing property in path"
            return f"{word} {seen}"
        data = held[key]
    return f"No results for path: {seen}"


def _telling(evaluate: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """moto's, but that it tells of a path that selects nothing as AWS does."""

    def evaluated(self: Any, env: Any) -> Any:
        try:
            return evaluate(self, env)
        except FailureEventException as failed:
            missing = failed.__context__
            if not isinstance(missing, NoSuchJsonPathError):
                raise
            why = absence(missing.json_path, missing.data)
            cause = f"Invalid path '{missing.json_path}' : {why}"
            raise failure(env, "States.Runtime", cause) from missing

    return evaluated


input_path, output_path = _telling(InputPath._eval_body), _telling(OutputPath._eval_body)
_timeout, _heartbeat = (
    _telling(TimeoutSecondsPath._eval_seconds),
    _telling(HeartbeatSecondsPath._eval_seconds),
)


def _evaluated(expression: Any, env: Any, expected: str) -> Any:
    """The value of a JSONata expression, which must have the type."""
    expression.eval(env=env)
    value = env.stack.pop()
    found = _TYPES.get(type(value), "null")
    if found != expected:
        cause = (
            f"The JSONata expression '{expression.expression}' specified for the field "
            f"'{expression.location}' returned an unexpected result type. Expected '{expected}', but was "
            f"'{found}' for value: {to_json_str(value)}"
        )
        raise evaluation_failure(env, expression.location, cause)
    return value


def seconds(self: Any, env: Any) -> int:
    """For moto's fields of seconds in JSONata."""
    value = _evaluated(self.string_jsonata, env, "number")
    if not isinstance(value, int) or not 0 <= value <= _MOST_SECONDS:
        field = self.string_jsonata.location
        raise evaluation_failure(env, field, f"The {field} field cannot be parsed as an integer: {value}")
    return value


def condition(self: Any, env: Any) -> None:
    """For moto's ConditionStringJSONata."""
    env.stack.append(_evaluated(self.string_jsonata, env, "boolean"))


def _positive(seconds: Any, env: Any, field: str) -> int:
    if type(seconds) is not int or seconds <= 0:
        cause = f"The {field} parameter cannot be parsed as a long value: {to_json_str(seconds)}"
        raise failure(env, "States.Runtime", cause)
    return seconds


def timeout(self: Any, env: Any) -> int:
    """For moto's TimeoutSecondsPath."""
    return _positive(_sampled(_timeout, self, env), env, "TimeoutSecondsPath")


def heartbeat(self: Any, env: Any) -> int:
    """For moto's HeartbeatSecondsPath."""
    return _positive(_sampled(_heartbeat, self, env), env, "HeartbeatSecondsPath")


def _sampled(evaluate: Any, path: Any, env: Any) -> Any:
    try:
        return evaluate(path, env)
    except (TypeError, ValueError):  # moto compares whatever the path selects with 0
        path.string_sampler.eval(env=env)
        return env.stack.pop()


def text(self: Any, env: Any) -> None:
    """For moto's Error and Cause of a Fail state."""
    if isinstance(self.string_expression, StringJSONata):
        env.stack.append(_evaluated(self.string_expression, env, "string"))
        return
    self.string_expression.eval(env=env)
    if not isinstance(env.stack[-1], str):
        field = {ErrorPath: "ErrorPath", CausePath: "CausePath"}.get(type(self), type(self).__name__)
        cause = f"The {field} parameter does not reference a string: {to_json_str(env.stack[-1])}"
        raise failure(env, "States.Runtime", cause)


def result_path(self: Any, env: Any) -> None:
    """For moto's ResultPath, which passes over what it cannot put into the input."""
    path, given = self.result_path_src, env.states.get_input()
    made = json.dumps(env.stack[-1], default=str)
    try:
        _moto_result_path(self, env)
        fits = path is None or json.dumps(extract_json(path, env.stack[-1]), default=str) == made
    except (AttributeError, IndexError, KeyError, TypeError, NoSuchJsonPathError):
        fits = False
    if not fits:
        cause = f"Unable to apply ReferencePath {path} to input {to_json_str(given, (',', ':'))}"
        raise failure(env, "States.ResultPathMatchFailure", cause)
