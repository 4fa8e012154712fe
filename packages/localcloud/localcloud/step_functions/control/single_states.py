"""TestState: one state of a definition, run without a machine."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

from localcloud import plugin
from localcloud.plugin import AwsError, refusals
from localcloud.step_functions.control import mocks, tested_states
from localcloud.step_functions.control.machines import NOT_ASSUMABLE
from localcloud.step_functions.control.requests import Body, Request, check_enum, check_size, without_nothing
from localcloud.step_functions.control.tested_states import Tested
from localcloud.step_functions.definition import json_text
from localcloud.step_functions.definition.check import check
from localcloud.step_functions.definition.problems import InvalidDefinitionError
from localcloud.step_functions.definition.structure import places
from localcloud.step_functions.states import loading
from localcloud.step_functions.states.trials import contexts

_NAME = "StateName"  # of every state that is tested, whatever its machine calls it
_LEVELS = ("INFO", "DEBUG", "TRACE")
_KINDS = ("Task", "Wait", "Pass", "Succeed", "Fail", "Choice")
_SERVICE = "states.amazonaws.com"


def test_state(request: Request) -> Body:
    """Answers what the state makes of its input, and what it would do next."""
    _check_members(request)
    tested = _tested(request)
    mock = mocks.mock_of(request, tested.state)
    if mock is None:
        _check_kind(tested.state)
    _check_secrets(request)
    _check_role(request, tested.state, mock is not None)
    outcome = (
        loading.trial()
        .Trial(
            _NAME,
            {"StartAt": _NAME, "States": {**_ends(tested.state), _NAME: tested.state}},
            _context(request, tested),
            plugin.current_region(),
            plugin.current_account(),
            _variables(request.get("variables") or "{}"),
            mock,
            tuple(_documents(request)),
        )
        .run()
    )
    tested.check_propagation(outcome.status, outcome.error)
    body = {
        "status": outcome.status,
        "output": outcome.output,
        "nextState": outcome.next_state,
        "error": outcome.error,
        "cause": outcome.cause,
    }
    if request.get("inspectionLevel", "INFO") != "INFO":
        body["inspectionData"] = outcome.inspected
    return without_nothing(body)


def _documents(request: Request) -> Iterator[str]:
    """The JSON texts that the state is tried with; each was found to be JSON."""
    found = (request.get("input"), request.get("variables"), request.get("context"))
    yield from (text for text in (*found, (request.get("mock") or {}).get("result")) if text)


def _check_members(request: Request) -> None:
    check_enum(request.get("inspectionLevel"), "inspectionLevel", _LEVELS)
    for name in ("input", "variables"):
        check_size(request.get(name) or "{}", name)
    mocks.check_members(request)


def _check_secrets(request: Request) -> None:
    if request.get("revealSecrets"):
        raise AwsError("ValidationException", refusals.not_supported("TestState with revealSecrets"))


def _tested(request: Request) -> Tested:
    """The state that the request means. Raises InvalidDefinition, or ValidationException without one."""
    wanted = request.get("stateName")
    if wanted is None:
        return Tested(_definition(request, _NAME)["States"][_NAME], ())
    found = [place for place in places(_definition(request, None)) if place.name == wanted]
    if not found:
        raise AwsError("ValidationException", "State not found in definition")
    around = tested_states.around(json.loads(request["definition"]), found[0])
    return Tested({**found[0].state, "QueryLanguage": found[0].language}, around)


def _definition(request: Request, name: str | None) -> dict[str, Any]:
    """The definition as a machine. Raises InvalidDefinition."""
    text = request.get("definition", "")
    if name is not None and text.strip() and not json_text.reason(text):
        state = json.loads(text)
        if isinstance(state, dict):
            text = json.dumps({"StartAt": name, "States": {**_ends(state), name: state}})
    try:
        check(text)
    except InvalidDefinitionError as error:
        raise AwsError("InvalidDefinition", f"Invalid State Machine Definition: '{error}'") from error
    machine: dict[str, Any] = json.loads(text)
    return machine


def _ends(state: dict[str, Any]) -> dict[str, Any]:
    """A state for each name that this one leads to: they are not run."""
    parts = [state, *state.get("Catch", ()), *state.get("Choices", ())]
    named = [part.get(key) for part in parts if isinstance(part, dict) for key in ("Next", "Default")]
    return {name: {"Type": "Succeed"} for name in named if isinstance(name, str)}


def _check_kind(state: dict[str, Any]) -> None:
    """A Map, a Parallel and a task that waits for others need a mock."""
    if state["Type"] not in _KINDS:
        raise AwsError(
            "InvalidDefinition",
            "TestState API does not support Map or Parallel states. "
            f"Supported state types include: [{', '.join(_KINDS)}]",
        )
    resource = state.get("Resource", "")
    if ":activity:" in resource or resource.endswith((".sync", ".sync:2", ".waitForTaskToken")):
        raise AwsError("InvalidDefinition", f"TestState API does not support {resource} without a mock")


def _check_role(request: Request, state: dict[str, Any], is_mocked: bool) -> None:
    role = request.get("roleArn")
    if role is None and not is_mocked and state["Type"] == "Task":
        raise AwsError("ValidationException", "RoleArn must be specified when testing a Task state")
    if role is not None and not plugin.role_trusts(role, _SERVICE):
        raise AwsError("AccessDeniedException", NOT_ASSUMABLE.format(role))


def _context(request: Request, tested: Tested) -> dict[str, Any]:
    name, machine = str(uuid.uuid4()), str(uuid.uuid4())
    scope = f"arn:aws:states:{plugin.current_region()}:{plugin.current_account()}"
    given = _json(request.get("input") or "{}")
    execution = {
        "Id": f"{scope}:express:{machine}:{name}",
        "Input": given,
        "Name": name,
        "RoleArn": request.get("roleArn"),
    }
    described = contexts.entered(execution, {"Id": f"{scope}:stateMachine:{machine}", "Name": machine})
    if tested.is_in_map():
        described["Map"] = {"Item": {"Index": 0, "Value": given}}
    return described


def _variables(text: str) -> dict[str, Any]:
    known = _json(text)
    if not isinstance(known, dict):
        raise AwsError("ValidationException", "Variables must be a JSON object")
    return known


def _json(text: str) -> Any:
    if reason := json_text.reason(text):
        raise AwsError("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{reason}'")
    return json.loads(text)
