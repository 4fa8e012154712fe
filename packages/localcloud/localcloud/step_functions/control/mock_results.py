"""The mocked result of a state, compared with what its work can return: AWS's API models say it of a Task."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from localcloud.plugin import AwsError
from localcloud.step_functions.definition import json_text
from localcloud.step_functions.states import integrations
from localcloud.step_functions.states.naming import java_name
from localcloud.step_functions.states.tasks.jobs import polled_operation

Json = dict[str, Any]
_NUMBERS = ("integer", "long", "float", "double")
_TEXTS = ("string", "timestamp", "blob", "character")
_JOB_RUN = ":glue:startJobRun.sync"


def read(mock: Json, state: Json) -> Any:
    """The result; None where the mock has none. Raises ValidationException for one that cannot be."""
    text = mock.get("result")
    if text is None:
        return None
    if json_text.reason(text):
        _refuse("Mocked result must be valid JSON")
    result = json.loads(text)
    checks = {"Task": _check_task, "Map": _check_map, "Parallel": _check_parallel}
    checks[state["Type"]](result, state, mock.get("fieldValidationMode", "STRICT"))
    return result


def _refuse(message: str) -> NoReturn:
    raise AwsError("ValidationException", message)


def _check_map(result: Any, state: Json, _mode: str) -> None:
    """A ResultWriter with a Resource leaves the place of the results, any other Map the results."""
    if "Resource" in (state.get("ResultWriter") or {}):
        if not isinstance(result, dict):
            _refuse("Mocked result must be a JSON object.")
    elif not isinstance(result, list):
        _refuse("Mocked result must be an array.")


def _check_parallel(result: Any, state: Json, _mode: str) -> None:
    if not isinstance(result, list):
        _refuse("Mocked result must be an array.")
    if len(result) != len(state["Branches"]):
        _refuse("Mocked result must contain the same number of items as number of Parallel branches.")


def _check_task(result: Any, state: Json, mode: str) -> None:
    operation = _returned_by(state["Resource"])
    if mode == "NONE" or operation is None:
        return
    if not isinstance(result, dict):
        _refuse("Mocked result must be a JSON object.")
    if isinstance(operation.output_shape, StructureShape):
        _Schema(mode == "STRICT").check_structure(operation.output_shape, result)


def _returned_by(resource: str) -> OperationModel | None:
    """The operation whose answer the Task's result is.

    A `.sync` integration returns what it polls; but Glue's returns the `JobRun` of it, and which of both AWS
    compares with a mock is not known: it is not judged. Functions, activities and whoever has a task token
    return what they like.
    """
    if ":states:::" not in resource:
        return None
    integration = integrations.find(resource)
    if integration.pattern == integrations.TASK_TOKEN or integration.resource.endswith(_JOB_RUN):
        return None
    return polled_operation(integration) if integration.pattern else integration.operation


class _Schema:
    """The types and bounds of an API's model; fields that it has not are not looked at."""

    def __init__(self, is_strict: bool) -> None:
        self.is_strict = is_strict

    def check_structure(self, shape: StructureShape, value: Json) -> None:
        for name, member in shape.members.items():
            field = java_name(name)
            if field in value:
                self._check(field, member, value[field])
            elif self.is_strict and name in shape.required_members:
                _break(f"Required field '{field}' is missing")

    def _check(self, field: str, shape: Shape, value: Any) -> None:
        if isinstance(shape, StructureShape):
            self._check_object(field, shape, value)
        elif isinstance(shape, ListShape):
            _expect(field, isinstance(value, list), "an array")
            for item in value:
                self._check(field, shape.member, item)
        elif isinstance(shape, MapShape):
            _expect(field, isinstance(value, dict), "an object")
            for key, item in value.items():
                self._check(key, shape.value, item)
        else:
            _check_scalar(field, shape, value)
        _check_bounds(field, shape, value)

    def _check_object(self, field: str, shape: StructureShape, value: Any) -> None:
        if not getattr(shape, "is_document_type", False):
            _expect(field, isinstance(value, dict), "an object")
            self.check_structure(shape, value)


def _check_scalar(field: str, shape: Shape, value: Any) -> None:
    if shape.type_name in _NUMBERS:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        _expect(field, is_number, "a number")
    elif shape.type_name == "boolean":
        _expect(field, isinstance(value, bool), "a boolean")
    elif shape.type_name in _TEXTS:
        _expect(field, isinstance(value, str), "a string")
        known = shape.metadata.get("enum")
        if known and value not in known:
            _break(f"Field '{field}' is not an expected value")


def _check_bounds(field: str, shape: Shape, value: Any) -> None:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    is_number = shape.type_name in _NUMBERS
    size = value if is_number else len(value) if isinstance(value, str | list | dict) else None
    if size is None:
        return
    if least is not None and size < least:
        words = "less than the minimum value" if is_number else "smaller than the minimum length"
        _break(f"Field '{field}' is {words}")
    if most is not None and size > most:
        _break(f"Field '{field}' exceeds the maximum {'value' if is_number else 'length'}")


def _expect(field: str, holds: bool, kind: str) -> None:
    if not holds:
        _break(f"Field '{field}' must be {kind}")


def _break(what: str) -> NoReturn:
    _refuse(f"Mock result schema validation error: {what}")
