"""What Step Functions refuses when a state machine is created or updated."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from localcloud.step_functions.definition import json_text, structure
from localcloud.step_functions.definition.problems import (
    EXPRESSION,
    SCHEMA,
    InvalidDefinitionError,
    Problem,
)
from localcloud.step_functions.definition.structure import JSONATA, Place
from localcloud.step_functions.states import integrations, jsonata_engine, loading, timestamps
from localcloud.step_functions.states.integrations import UnsupportedIntegrationError
from localcloud.step_functions.states.shapes import UnsupportedFieldError, check_fields

MAXIMUM_BYTES = 1024 * 1024
_NESTED = ("Branches", "ItemProcessor", "Iterator", "Result", "Comment")
_FIRST = 10  # of the findings AWS names in one answer


def check(definition: str, kind: str = "STANDARD") -> None:
    """Raises `InvalidDefinitionError` for bad JSON or ASL, unknown integrations and unknown fields.

    `kind` is the type of the state machine: an EXPRESS one has no integration pattern that waits.
    """
    if found := problems(definition, kind):
        raise InvalidDefinitionError(found[:_FIRST])


def problems(definition: str, kind: str = "STANDARD") -> list[Problem]:
    """Every finding, in the order of the definition; an empty list is a good one."""
    if len(definition.encode("utf-8", "surrogatepass")) > MAXIMUM_BYTES:
        return [Problem(SCHEMA, f"Definition exceeds the maximum length of {MAXIMUM_BYTES} bytes")]
    if definition.strip() and (broken := json_text.problem(definition)):
        return [broken]
    machine = json.loads(definition) if definition.strip() else None
    if not isinstance(machine, dict):
        return [Problem(SCHEMA, "Definition must be a valid JSON object")]
    return [*structure.problems(machine)] or [*_contents(machine, kind)] or [*_parse(definition)]


def _contents(machine: dict[str, Any], kind: str) -> Iterator[Problem]:
    for place in structure.places(machine):
        for field, value in place.state.items():
            if field not in _NESTED:
                look = _jsonata if place.language == JSONATA else _paths
                yield from look(f"{place.path}/{field}", value)
        if place.kind == "Task":
            yield from _task(place, kind)
        yield from _timestamps(place)


def _jsonata(path: str, value: Any) -> Iterator[Problem]:
    """Expressions that cannot be parsed, wherever they are in the fields of a state."""
    if isinstance(value, str) and value.startswith("{%") and value.endswith("%}"):
        try:
            jsonata_engine.check(value[2:-2].strip())
        except jsonata_engine.JsonataError as error:
            yield Problem(EXPRESSION, str(error), path)
    yield from _inside(path, value, _jsonata)


def _paths(path: str, value: Any) -> Iterator[Problem]:
    """`key.$` whose value is neither a path nor an intrinsic function."""
    for key, item in value.items() if isinstance(value, dict) else ():
        if key.endswith(".$") and not _is_expression(item):
            message = (
                f"The value for the field '{key}' must be a valid JSONPath or a valid intrinsic function call"
            )
            yield Problem(SCHEMA, message, path)
    yield from _inside(path, value, _paths)


def _inside(path: str, value: Any, look: Callable[[str, Any], Iterator[Problem]]) -> Iterator[Problem]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from look(f"{path}/{key}", item)
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from look(f"{path}[{index}]", item)


def _timestamps(place: Place) -> Iterator[Problem]:
    """The literal timestamps of a Wait and of a Choice's rules that are none."""
    found = {"Timestamp": place.state["Timestamp"]} if "Timestamp" in place.state else {}
    choices = place.state.get("Choices")
    for index, rule in enumerate(choices if isinstance(choices, list) else ()):
        found.update(_compared_timestamps(f"Choices[{index}]", rule))
    for path, value in found.items():
        is_jsonata = place.language == JSONATA and isinstance(value, str) and value.startswith("{%")
        if not is_jsonata and timestamps.read(value) is None:
            yield Problem(SCHEMA, "String does not match RFC3339 timestamp", f"{place.path}/{path}")


def _compared_timestamps(path: str, rule: Any) -> Iterator[tuple[str, Any]]:
    for name, value in rule.items() if isinstance(rule, dict) else ():
        if name in timestamps.COMPARISONS:
            yield f"{path}/{name}", value
        elif name == "Not":
            yield from _compared_timestamps(f"{path}/{name}", value)
        elif name in ("And", "Or"):
            for index, inner in enumerate(value if isinstance(value, list) else ()):
                yield from _compared_timestamps(f"{path}/{name}[{index}]", inner)


def _is_expression(value: Any) -> bool:
    if not isinstance(value, str) or not value.startswith(("$", "States.")):
        return False
    return value.startswith("$") or bool(loading.interpreter().is_intrinsic(value))


def _task(place: Place, kind: str) -> Iterator[Problem]:
    state = place.state
    resource = state["Resource"]
    if not isinstance(resource, str) or not re.fullmatch(r"arn:[^:]+:(states|lambda):.*", resource):
        yield Problem(SCHEMA, "Value is not a valid resource ARN", f"{place.path}/Resource")
        return
    if "RoleArn" not in {name.removesuffix(".$") for name in state.get("Credentials", {"RoleArn": ""})}:
        yield Problem(SCHEMA, "The field 'RoleArn' is required but was missing", f"{place.path}/Credentials")
    if ":activity:" in resource:
        if kind == "EXPRESS":
            yield Problem(
                SCHEMA, "Express state machine does not support Activity ARN", f"{place.path}/Resource"
            )
    elif resource.split(":")[2] == "states":
        yield from _integration(place, resource, kind)


def _integration(place: Place, resource: str, kind: str) -> Iterator[Problem]:
    field = "Arguments" if place.language == JSONATA else "Parameters"
    try:
        integration = integrations.find(resource)
        if integration.pattern and kind == "EXPRESS":
            blank = " " if integration.pattern == integrations.TASK_TOKEN else ""
            message = (
                f"Express state machine does not support '.{integration.pattern}' service integration{blank}"
            )
            yield Problem(SCHEMA, message, f"{place.path}/Resource")
        elif isinstance(parameters := place.state.get(field, {}), dict):
            check_fields(integration.operation, parameters)
    except UnsupportedIntegrationError as error:
        yield Problem(SCHEMA, str(error), f"{place.path}/Resource")
    except UnsupportedFieldError as error:
        yield Problem(SCHEMA, str(error), f"{place.path}/{field}")


def _parse(definition: str) -> Iterator[Problem]:
    try:
        loading.interpreter().parse(definition)
    except Exception as error:
        yield Problem(SCHEMA, str(error))
