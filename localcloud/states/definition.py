"""What Step Functions refuses when a state machine is created or updated."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from localcloud.states import integrations, loading
from localcloud.states.integrations import UnsupportedIntegrationError
from localcloud.states.shapes import UnsupportedFieldError, check_fields

MAXIMUM_BYTES = 1024 * 1024
# statelint 3.1 knows neither this field of a Map state nor variables in JSONPath states, and takes whole
# numbers for wrong. What is really wrong with an expression, moto's parser finds.
_FALSE_ALARM = re.compile(
    r'^Field "Label" not allowed in |is \d+ but should be a Float$|is not a JSONPath or intrinsic function'
    r'|is "\{%.*%\}" but should be an Integer$'
)


class InvalidDefinitionError(ValueError):
    """A definition that Step Functions does not accept: the message says where and why."""


def check(definition: str) -> None:
    """Raises `InvalidDefinitionError` for bad JSON or ASL, unknown integrations and unknown fields."""
    machine = _load(definition)
    _lint(machine)
    for path, state, language in tasks(machine):
        _check_task(path, state, language)
    _parse(definition)


def tasks(machine: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Every Task of the machine, its branches and its iterations, with its path and query language."""
    language = machine.get("QueryLanguage", "JSONPath")
    yield from _tasks(machine, "", language)


def _tasks(machine: dict[str, Any], path: str, language: str) -> Iterator[tuple[str, dict[str, Any], str]]:
    for name, state in machine.get("States", {}).items():
        here = f"{path}/States/{name}"
        spoken = state.get("QueryLanguage", language)
        if state.get("Type") == "Task":
            yield here, state, spoken
        for index, branch in enumerate(state.get("Branches", [])):
            yield from _tasks(branch, f"{here}/Branches[{index}]", language)
        for field in ("ItemProcessor", "Iterator"):
            if field in state:
                yield from _tasks(state[field], f"{here}/{field}", language)


def _load(definition: str) -> dict[str, Any]:
    if len(definition.encode()) > MAXIMUM_BYTES:
        raise InvalidDefinitionError(
            f"INVALID_JSON_DESCRIPTION: the definition is over {MAXIMUM_BYTES} bytes"
        )
    try:
        machine = json.loads(definition)
    except ValueError as error:
        raise InvalidDefinitionError(f"INVALID_JSON_DESCRIPTION: {error}") from error
    if not isinstance(machine, dict):
        raise InvalidDefinitionError("INVALID_JSON_DESCRIPTION: the definition is not an object")
    return machine


def _lint(machine: dict[str, Any]) -> None:
    problems = [problem for problem in loading.linter().validate(machine) if not _FALSE_ALARM.search(problem)]
    if problems:
        raise InvalidDefinitionError("SCHEMA_VALIDATION_FAILED: " + "; ".join(problems))


def _check_task(path: str, state: dict[str, Any], language: str) -> None:
    resource = state["Resource"]
    field = "Arguments" if language == "JSONata" else "Parameters"
    if resource.split(":")[2] == "lambda":
        return
    try:
        integration = integrations.find(resource)
        if isinstance(parameters := state.get(field, {}), dict):
            check_fields(integration.operation, parameters)
    except UnsupportedIntegrationError as error:
        raise InvalidDefinitionError(f"SCHEMA_VALIDATION_FAILED: {error} at {path}/Resource") from error
    except UnsupportedFieldError as error:
        raise InvalidDefinitionError(f"SCHEMA_VALIDATION_FAILED: {error} at {path}/{field}") from error


def _parse(definition: str) -> None:
    try:
        loading.interpreter().parse(definition)
    except Exception as error:
        raise InvalidDefinitionError(f"SCHEMA_VALIDATION_FAILED: {error}") from error
