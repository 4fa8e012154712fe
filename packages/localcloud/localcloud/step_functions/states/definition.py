"""What Step Functions refuses when a state machine is created or updated."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from localcloud.step_functions.states import integrations, jsonata_engine, loading
from localcloud.step_functions.states.integrations import UnsupportedIntegrationError
from localcloud.step_functions.states.shapes import UnsupportedFieldError, check_fields

MAXIMUM_BYTES = 1024 * 1024
_NESTED = ("Branches", "ItemProcessor", "Iterator")
# statelint 3.1 knows neither a Map state's Label, nor variables in JSONPath states, nor JSONata in fields of
# numbers or times, and takes whole numbers for wrong. What is really wrong there, moto's parser finds.
_FALSE_ALARM = re.compile(
    r'^Field "Label" not allowed in |is \d+ but should be a Float$|is "\{%.*%\}" but should be '
    r"|is not a JSONPath or intrinsic function"
)


class InvalidDefinitionError(ValueError):
    """A definition that Step Functions does not accept: the message says where and why."""


def check(definition: str, kind: str = "STANDARD") -> None:
    """Raises `InvalidDefinitionError` for bad JSON or ASL, unknown integrations and unknown fields.

    `kind` is the type of the state machine: an EXPRESS one has no integration pattern that waits.
    """
    machine = _load(definition)
    _lint(machine)
    for path, state, language in _states(machine, "", machine.get("QueryLanguage", "JSONPath")):
        own = {field: value for field, value in state.items() if field not in _NESTED}
        check_expressions = _check_jsonata if language == "JSONata" else _check_paths
        check_expressions(path, own)
        if state["Type"] == "Task":
            _check_task(path, state, language, kind)
    _parse(definition)


def _states(machine: dict[str, Any], path: str, language: str) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Every state of the machine, its branches and its iterations, with its path and query language."""
    for name, state in machine.get("States", {}).items():
        here = f"{path}/States/{name}"
        spoken = state.get("QueryLanguage", language)
        yield here, state, spoken
        for index, branch in enumerate(state.get("Branches", [])):
            yield from _states(branch, f"{here}/Branches[{index}]", language)
        for field in _NESTED[1:]:
            if field in state:
                yield from _states(state[field], f"{here}/{field}", language)


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


def _check_jsonata(path: str, value: Any) -> None:
    """Refuse expressions that cannot be parsed, wherever they are in the fields of a state."""
    if isinstance(value, str) and value.startswith("{%") and value.endswith("%}"):
        try:
            jsonata_engine.check(value[2:-2].strip())
        except jsonata_engine.JsonataError as error:
            raise InvalidDefinitionError(f"SCHEMA_VALIDATION_FAILED: {error} at {path}") from error
    for key, item in _items(value):
        _check_jsonata(f"{path}{key}", item)


def _check_paths(path: str, value: Any) -> None:
    """Refuse `key.$` whose value is neither a path nor an intrinsic function."""
    for key, item in _items(value):
        if key.endswith(".$") and not (isinstance(item, str) and item.startswith(("$", "States."))):
            message = f"the value of '{key[1:]}' is neither a JSONPath nor an intrinsic function"
            raise InvalidDefinitionError(f"SCHEMA_VALIDATION_FAILED: {message} at {path}")
        _check_paths(f"{path}{key}", item)


def _items(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from ((f"/{key}", item) for key, item in value.items())
    if isinstance(value, list):
        yield from ((f"[{index}]", item) for index, item in enumerate(value))


def _check_task(path: str, state: dict[str, Any], language: str, kind: str) -> None:
    resource = state["Resource"]
    field = "Arguments" if language == "JSONata" else "Parameters"
    if resource.split(":")[2] == "lambda":
        return
    try:
        integration = integrations.find(resource)
        if integration.pattern and kind == "EXPRESS":
            raise UnsupportedIntegrationError(
                f"Express state machine does not support '.{integration.pattern}' service integration"
            )
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
