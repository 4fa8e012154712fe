"""The resources that IAM judges requests by."""

from __future__ import annotations

from typing import Any

import pytest

from localcloud.step_functions.control.authorization import resource
from localcloud.step_functions.states.tokens import new_token

PREFIX = "arn:aws:states:us-east-2:000000000000"
MACHINE = f"{PREFIX}:stateMachine:m"
VERSION = f"{MACHINE}:3"


@pytest.mark.parametrize("action", ["SendTaskSuccess", "SendTaskFailure", "SendTaskHeartbeat"])
@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        (f"{PREFIX}:stateMachine:m", "stateMachine:m"),
        (f"{PREFIX}:stateMachine:m/Map", "stateMachine:m"),
        (f"{PREFIX}:activity:a", "activity:a"),
    ],
)
def test_a_callback_is_about_what_its_token_was_made_for(action: str, arn: str, expected: str) -> None:
    assert resource(action, {"taskToken": new_token(arn)}) == expected


@pytest.mark.parametrize("token", ["", "nonsense", "AAAA"])
def test_what_is_no_token_is_about_nothing(token: str) -> None:
    assert resource("SendTaskSuccess", {"taskToken": token}) is None


@pytest.mark.parametrize(
    ("action", "request_body", "expected"),
    [
        ("CreateActivity", {"name": "a"}, "activity:a"),
        ("DescribeMapRun", {"mapRunArn": f"{PREFIX}:mapRun:m/Map:1"}, "mapRun:m/Map:1"),
        ("TagResource", {"resourceArn": f"{PREFIX}:activity:a", "tags": []}, "activity:a"),
        (
            "DeleteStateMachineVersion",
            {"stateMachineVersionArn": f"{PREFIX}:stateMachine:m:3"},
            "stateMachine:m",
        ),
        (
            "UpdateStateMachineAlias",
            {"stateMachineAliasArn": f"{PREFIX}:stateMachine:m:live"},
            "stateMachine:m",
        ),
        (
            "CreateStateMachineAlias",
            {
                "name": "live",
                "routingConfiguration": [
                    {"stateMachineVersionArn": f"{PREFIX}:stateMachine:m:1", "weight": 100}
                ],
            },
            "stateMachine:m",
        ),
        ("CreateStateMachineAlias", {"name": "live"}, None),
        ("StartExecution", {"stateMachineArn": MACHINE}, "stateMachine:m"),
        ("StartExecution", {"stateMachineArn": f"{MACHINE}:live"}, "stateMachine:m"),
        ("DescribeStateMachine", {"stateMachineArn": VERSION}, "stateMachine:m"),
        ("DescribeExecution", {"executionArn": f"{PREFIX}:execution:m:e"}, None),
        ("DeleteStateMachineVersion", {"stateMachineVersionArn": "nonsense"}, None),
    ],
)
def test_a_request_is_about_the_resource_that_it_names(
    action: str, request_body: dict[str, Any], expected: str | None
) -> None:
    assert resource(action, request_body) == expected
