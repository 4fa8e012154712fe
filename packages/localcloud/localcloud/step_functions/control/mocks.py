"""What TestState checks of a mock, of the stateConfiguration that goes with it, and of the two together."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from localcloud.plugin import AwsError, refusals
from localcloud.step_functions.control import mock_contexts, mock_results
from localcloud.step_functions.control.requests import (
    Request,
    check_enum,
    check_failure,
    check_minimum,
    check_size,
)
from localcloud.step_functions.definition.structure import places
from localcloud.step_functions.states.trials.given import Mock, MockedError

Json = dict[str, Any]
_MODES = ("STRICT", "PRESENT", "NONE")
_MOCKABLE = ("Task", "Map", "Parallel")
_WITHOUT = "TestState does not support {} when a mock is not specified."
_CONFIGURED = ("mapIterationFailureCount", "retrierRetryCount", "errorCausedByState", "mapItemReaderData")


def check_members(request: Request) -> None:
    """What the API's model says of the members. Raises ValidationException."""
    mock, configured = request.get("mock") or {}, request.get("stateConfiguration") or {}
    check_enum(mock.get("fieldValidationMode"), "mock.fieldValidationMode", _MODES)
    check_failure(mock.get("errorOutput") or {}, "mock.errorOutput.")
    check_size(mock.get("result") or "", "mock.result")
    check_size(request.get("context") or "", "context")
    check_size(configured.get("mapItemReaderData") or "", "stateConfiguration.mapItemReaderData")
    for name in ("retrierRetryCount", "mapIterationFailureCount"):
        check_minimum(configured.get(name), f"stateConfiguration.{name}", 0)


def mock_of(request: Request, state: Json) -> Mock | None:
    """What the request gives in place of the state's work, if it has a mock. Raises ValidationException."""
    mock = request.get("mock")
    configured = _present(request.get("stateConfiguration"))
    if mock is None:
        _refuse_alone(configured, request)
        return None
    if state["Type"] not in _MOCKABLE:
        _refuse(f"State type '{state['Type']}' is not supported when a mock is specified")
    _check_answers(_present(mock), request)
    _check_configuration(configured, "errorOutput" in _present(mock), state)
    context = mock_contexts.given(request.get("context"), state)
    return Mock(
        result=mock_results.read(_present(mock), state),
        error=_error(_present(mock)),
        context=context,
        retries=_retries(configured, context),
        failed_iterations=configured.get("mapIterationFailureCount"),
        reader_data=configured.get("mapItemReaderData"),
    )


def _present(members: Json | None) -> Json:
    return {name: value for name, value in (members or {}).items() if value is not None}


def _refuse(message: str) -> NoReturn:
    raise AwsError("ValidationException", message)


def _refuse_alone(configured: Json, request: Request) -> None:
    for name in _CONFIGURED:
        if name in configured:
            _refuse(_WITHOUT.format(f"{name[0].upper()}{name[1:]}"))
    if request.get("context") is not None:
        _refuse(_WITHOUT.format("Context"))


def _check_answers(mock: Json, request: Request) -> None:
    if ("result" in mock) == ("errorOutput" in mock):
        _refuse("A test mock should have only one of the following fields: [result, errorOutput].")
    if request.get("revealSecrets"):
        _refuse("TestState does not support RevealSecrets when a mock is specified.")


def _error(mock: Json) -> MockedError | None:
    if "errorOutput" not in mock:
        return None
    told = _present(mock["errorOutput"])
    if "error" not in told:
        _refuse("A mocked errorOutput must have an error.")
    return MockedError(told["error"], told.get("cause"))


def _check_configuration(configured: Json, is_failing: bool, state: Json) -> None:
    """What a member of stateConfiguration is for: AWS's reference says it, its answers are not recorded."""
    kind = state["Type"]
    if "mapIterationFailureCount" in configured and kind != "Map":
        _refuse(refusals.not_supported("mapIterationFailureCount of a state that is no Map"))
    if "mapItemReaderData" in configured and "ItemReader" not in state:
        _refuse("TestState does not support MapItemReaderData when the state has no ItemReader.")
    _check_cause(configured.get("errorCausedByState"), is_failing and kind in ("Map", "Parallel"), state)


def _check_cause(named: str | None, is_wanted: bool, state: Json) -> None:
    if named is None:
        return
    if not is_wanted:
        _refuse("TestState does not support ErrorCausedByState when no error of a Map or Parallel is mocked.")
    if named not in {place.name for place in places({"States": {"": state}}) if place.state is not state}:
        _refuse(f"ErrorCausedByState names no state of the tested state: {json.dumps(named)}")


def _retries(configured: Json, context: Json | None) -> int:
    """The attempts that there were; AWS's guide counts those of a given context object too."""
    counted = ((context or {}).get("State") or {}).get("RetryCount") or 0
    return int(configured.get("retrierRetryCount", counted))
