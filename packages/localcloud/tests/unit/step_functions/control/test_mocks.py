"""TestState with a mock: which states take one, and what may be said beside it."""

from __future__ import annotations

from typing import Any

import pytest

from rigs.trials import refused, returned, thrown, tried

METER = {"StartAt": "Read", "States": {"Read": {"Type": "Succeed"}}}
MAP = {"Type": "Map", "ItemsPath": "$.meters", "ItemProcessor": METER, "End": True}
PARALLEL = {"Type": "Parallel", "Branches": [METER], "End": True}
TASK = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke",
    "Parameters": {"FunctionName": "read"},
    "End": True,
}
READER = {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key": "k"}}
READING = {
    "Type": "Map",
    "ItemReader": READER,
    "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}, **METER},
    "End": True,
}
METERS = {"meters": [7, 8]}


@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Pass", "End": True},
        {"Type": "Succeed"},
        {"Type": "Fail"},
        {"Type": "Wait", "Seconds": 1, "End": True},
        {"Type": "Choice", "Choices": [{"Variable": "$.b", "IsNull": True, "Next": "A"}]},
    ],
    ids=lambda state: state["Type"],
)
@pytest.mark.parametrize("mock", [returned({}), thrown("E")], ids=["result", "error"])
def test_a_state_without_work_takes_no_mock(state: dict[str, Any], mock: dict[str, Any]) -> None:
    message = f"State type '{state['Type']}' is not supported when a mock is specified"
    assert refused(state, mock=mock) == message


@pytest.mark.parametrize("mock", [{**returned({}), **thrown("E")}, {}, {"fieldValidationMode": "NONE"}])
def test_a_mock_is_a_result_or_an_error(mock: dict[str, Any]) -> None:
    assert refused(TASK, mock=mock) == (
        "A test mock should have only one of the following fields: [result, errorOutput]."
    )


def test_a_mocked_error_has_a_name() -> None:
    assert refused(TASK, mock={"errorOutput": {"cause": "c"}}) == "A mocked errorOutput must have an error."


def test_a_mock_has_no_secrets_to_reveal() -> None:
    message = refused(TASK, mock=returned({}), revealSecrets=True)
    assert message == "TestState does not support RevealSecrets when a mock is specified."


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mapIterationFailureCount", 0),
        ("retrierRetryCount", 1),
        ("errorCausedByState", "Read"),
        ("mapItemReaderData", "[]"),
    ],
)
def test_the_configuration_of_a_state_needs_a_mock(name: str, value: Any) -> None:
    message = refused(MAP, METERS, stateConfiguration={name: value})
    assert message == f"TestState does not support {name[0].upper()}{name[1:]} when a mock is not specified."


def test_a_context_needs_a_mock() -> None:
    message = refused({"Type": "Succeed"}, context="{}")
    assert message == "TestState does not support Context when a mock is not specified."


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {"mock": {"fieldValidationMode": "LAX"}},
            "Value 'LAX' at 'mock.fieldValidationMode' failed to satisfy constraint: Member must satisfy "
            "enum value set: [STRICT, PRESENT, NONE]",
        ),
        (
            {"stateConfiguration": {"retrierRetryCount": -1}},
            "Value '-1' at 'stateConfiguration.retrierRetryCount' failed to satisfy constraint: Member must "
            "have value greater than or equal to 0",
        ),
        ({"mock": thrown("e" * 257)}, "Value at 'mock.errorOutput.error' failed to satisfy"),
        ({"mock": thrown("e", "c" * 32769)}, "Value at 'mock.errorOutput.cause' failed to satisfy"),
        ({"mock": returned("r" * 262143)}, "Value at 'mock.result' failed to satisfy"),
        ({"context": " " * 262145}, "Value at 'context' failed to satisfy"),
        (
            {"stateConfiguration": {"mapItemReaderData": " " * 262145}},
            "Value at 'stateConfiguration.mapItemReaderData' failed to satisfy",
        ),
    ],
    ids=["mode", "count", "error", "cause", "result", "context", "data"],
)
def test_members_keep_the_bounds_of_the_api(fields: dict[str, Any], words: str) -> None:
    assert words in refused(TASK, **fields)


@pytest.mark.parametrize("state", [MAP, PARALLEL], ids=["Map", "Parallel"])
def test_an_error_of_a_map_or_parallel_comes_from_a_state_in_it(state: dict[str, Any]) -> None:
    mock = thrown("Leak")
    failed = tried(state, METERS, mock=mock, stateConfiguration={"errorCausedByState": "Read"})
    assert (failed["status"], failed["error"], failed["cause"]) == ("FAILED", "Leak", "why")
    assert tried(state, METERS, mock=mock)["error"] == "Leak"  # it need not be told which
    assert refused(state, METERS, mock=mock, stateConfiguration={"errorCausedByState": "Write"}) == (
        'ErrorCausedByState names no state of the tested state: "Write"'
    )


@pytest.mark.parametrize(
    ("state", "mock"), [(TASK, thrown("E")), (MAP, returned([]))], ids=["task", "result"]
)
def test_nothing_else_is_caused_by_a_state(state: dict[str, Any], mock: dict[str, Any]) -> None:
    message = refused(state, METERS, mock=mock, stateConfiguration={"errorCausedByState": "Read"})
    assert message == (
        "TestState does not support ErrorCausedByState when no error of a Map or Parallel is mocked."
    )


@pytest.mark.claim(
    "Step Functions", "refused", "mapIterationFailureCount of TestState for a state that is no Map"
)
def test_iterations_fail_in_a_map_only() -> None:
    message = refused(TASK, mock=returned({}), stateConfiguration={"mapIterationFailureCount": 1})
    assert message.startswith(
        "localcloud does not support mapIterationFailureCount of a state that is no Map"
    )


def test_data_is_read_by_an_item_reader_only() -> None:
    read = {"mapItemReaderData": "[1]"}
    assert tried(READING, mock=returned([2]), stateConfiguration=read)["output"] == [2]
    message = refused(MAP, METERS, mock=returned([2]), stateConfiguration=read)
    assert message == "TestState does not support MapItemReaderData when the state has no ItemReader."
