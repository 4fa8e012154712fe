"""The context object that TestState is given: which members it may have."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud.step_functions.control import mock_contexts
from rigs.trials import refused, returned, tried

TASK = {
    "Type": "Task",
    "Resource": "arn:aws:states:::sqs:sendMessage",
    "Parameters": {"QueueUrl": "q", "MessageBody": "level"},
    "End": True,
}
WAITING = TASK | {
    "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
    "Parameters": {"QueueUrl": "q", "MessageBody": {"token.$": "$$.Task.Token"}},
}
WHOLE = {
    "Execution": {"Id": "e", "Input": [1], "Name": "n", "RoleArn": "r", "StartTime": "s"}
    | {"RedriveCount": 1, "RedriveTime": "t"},
    "State": {"EnteredTime": "t", "Name": "Own", "RetryCount": 2},
    "StateMachine": {"Id": "m", "Name": "n"},
}


def test_a_context_with_every_member_is_taken() -> None:
    assert mock_contexts.given(json.dumps(WHOLE), TASK) == WHOLE
    assert mock_contexts.given("{}", TASK) == {}
    assert mock_contexts.given(None, TASK) is None


@pytest.mark.parametrize(
    ("context", "why"),
    [
        ({"Machine": {}}, "Field 'Machine' is not allowed"),
        ({"Execution": {"Owner": "o"}}, "Field 'Owner' is not allowed"),
        ({"Execution": {"Id": 1}}, "Execution.Id must be a string"),
        ({"State": {"RetryCount": "1"}}, "State.RetryCount must be a number"),
        ({"State": {"RetryCount": True}}, "State.RetryCount must be a number"),
        ({"StateMachine": "m"}, "StateMachine must be an object"),
        ({"Map": {}}, "'Map' field is not supported when mocking a Context object"),
        ({"Task": {"Token": 1}}, "Task.Token must be a string"),
        (
            {"Task": {"Token": "t"}},
            "Context object contains 'Task' when state is not a Task state with a '.sync' or "
            "'.waitForTaskToken' service integration pattern",
        ),
        ([], "it must be a JSON object"),
    ],
)
def test_any_other_member_is_refused(context: Any, why: str) -> None:
    message = refused(TASK, mock=returned({}), context=json.dumps(context))
    assert message == f"Invalid Context object provided: {why}"


def test_a_context_is_json() -> None:
    message = refused(TASK, mock=returned({}), context="{")
    assert message == "Invalid Context object provided: it must be valid JSON"


def test_a_task_that_waits_for_its_token_is_given_one() -> None:
    answer = tried(WAITING, mock=returned({"done": 1}), context=json.dumps({"Task": {"Token": "own"}}))
    assert answer["inspectionData"]["afterParameters"]["MessageBody"] == {"token": "own"}
    made = tried(WAITING, mock=returned({"done": 1}))
    assert made["inspectionData"]["afterParameters"]["MessageBody"]["token"]
