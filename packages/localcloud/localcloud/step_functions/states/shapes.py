"""Between a Task's JSON and an API call: member names, types and timestamps as Step Functions has them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from localcloud.step_functions.states.naming import java_name

Stamp = Callable[[datetime], Any]


class UnsupportedFieldError(ValueError):
    """A parameter that the API of a Task has not, or a required one that it misses."""


def iso_stamp(moment: datetime) -> str:
    """As Java's Instant prints it: milliseconds only where there are any, `Z` at the end."""
    moment = moment.astimezone(UTC)
    form = "milliseconds" if moment.microsecond // 1000 else "seconds"
    return moment.isoformat(timespec=form).replace("+00:00", "Z")


def epoch_stamp(moment: datetime) -> int:
    """Milliseconds since the epoch, as the optimised integrations give timestamps."""
    return round(moment.timestamp() * 1000)


def compact_json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def check_fields(operation: OperationModel, parameters: dict[str, Any]) -> None:
    """Refuse what Step Functions refuses when a state machine is created: unknown or missing members.

    Keys that end in `.$` count as the member that they set. Raises `UnsupportedFieldError`.
    """
    shape = operation.input_shape
    members = _members(shape) if isinstance(shape, StructureShape) else {}
    given = {key.removesuffix(".$") for key in parameters}
    for key in given:
        if key not in members:
            known = ", ".join(sorted(members)) or "none"
            raise UnsupportedFieldError(
                f"The field '{key}' is not supported by Step Functions; {operation.name} has {known}"
            )
    required = shape.required_members if isinstance(shape, StructureShape) else []
    for name in required:
        # Step Functions fills in idempotency tokens itself.
        token = shape is not None and shape.members[name].metadata.get("idempotencyToken")
        if java_name(name) not in given and not token:
            raise UnsupportedFieldError(f"The field '{java_name(name)}' is required but was missing")


def to_request(operation: OperationModel, parameters: dict[str, Any]) -> dict[str, Any]:
    """The keyword arguments of the boto3 call. Raises `UnsupportedFieldError`."""
    if operation.input_shape is None:
        return {}
    request = _request_value(operation.input_shape, parameters)
    if not isinstance(request, dict):
        raise UnsupportedFieldError(f"The parameters of {operation.name} must be an object")
    return request


def to_result(operation: OperationModel, response: dict[str, Any], stamp: Stamp) -> dict[str, Any]:
    """The output of the Task: no response metadata, Java member names, streams as text."""
    if operation.output_shape is None:
        return {}
    result: dict[str, Any] = _result_value(operation.output_shape, response, stamp)
    return result


def _members(shape: StructureShape) -> dict[str, str]:
    return {java_name(name): name for name in shape.members}


def _request_value(shape: Shape, value: Any) -> Any:
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        return _request_structure(shape, value)
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [_request_value(shape.member, item) for item in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {key: _request_value(shape.value, item) for key, item in value.items()}
    if shape.type_name == "blob":
        return value if isinstance(value, bytes) else compact_json(value).encode()
    if shape.type_name == "string" and not isinstance(value, str):
        return compact_json(value)
    if shape.type_name in ("integer", "long") and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _request_structure(shape: StructureShape, value: dict[str, Any]) -> dict[str, Any]:
    members = _members(shape)
    request = {}
    for key, item in value.items():
        name = members.get(key)
        if name is None:
            raise UnsupportedFieldError(f"The field '{key}' is not supported by Step Functions")
        if item is not None:
            request[name] = _request_value(shape.members[name], item)
    return request


def _result_value(shape: Shape, value: Any, stamp: Stamp) -> Any:
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        return {
            java_name(name): _result_value(member, value[name], stamp)
            for name, member in shape.members.items()
            if value.get(name) is not None
        }
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [_result_value(shape.member, item, stamp) for item in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {key: _result_value(shape.value, item, stamp) for key, item in value.items()}
    if isinstance(value, datetime):
        return stamp(value)
    if hasattr(value, "read"):
        return _text(value.read())
    return _text(value) if isinstance(value, bytes) else value


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return base64.b64encode(content).decode()
