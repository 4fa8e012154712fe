"""A given context object is all that a state sees of one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rigs.trials import returned, thrown, tried

TASK = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke",
    "Parameters": {"FunctionName": "f", "Payload.$": "$$"},
    "ResultSelector": {"seen.$": "$$"},
    "End": True,
}
RESULT = returned({"StatusCode": 200})


@pytest.mark.parametrize(
    "context",
    [
        {},
        {"Execution": {}, "State": {}, "StateMachine": {}},
        {"State": {"Name": "Own", "RetryCount": 3}},
        {"Execution": {"Input": [1], "Id": "e"}},
    ],
)
def test_every_part_of_the_state_sees_the_context_as_it_was_given(context: dict[str, Any]) -> None:
    answer = tried(TASK, mock=RESULT, context=json.dumps(context))
    assert answer["inspectionData"]["afterParameters"]["Payload"] == context
    assert answer["output"] == {"seen": context}


def test_a_path_into_the_context_can_be_the_input() -> None:
    state = {**TASK, "InputPath": "$$.Execution", "Parameters": {"FunctionName.$": "$.Name"}}
    answer = tried(state, mock=RESULT, context=json.dumps({"Execution": {"Name": "n"}}))
    assert answer["inspectionData"]["afterInputPath"] == {"Name": "n"}
    assert answer["inspectionData"]["afterParameters"] == {"FunctionName": "n"}


def test_what_is_not_given_is_not_there() -> None:
    state = {**TASK, "Parameters": {"FunctionName.$": "$$.StateMachine.Name"}}
    failed = tried(state, mock=RESULT, context="{}")
    assert (failed["status"], failed["error"]) == ("FAILED", "States.Runtime")


def test_expressions_see_it_too_also_when_an_error_is_caught() -> None:
    state = {
        "Type": "Task",
        "QueryLanguage": "JSONata",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": "{% $states.context.State.Name %}"},
        "Output": "{% $states.context %}",
        "Catch": [{"ErrorEquals": ["States.ALL"], "Output": "{% $states %}", "Next": "N"}],
        "End": True,
    }
    context = {"State": {"Name": "Own"}}
    done = tried(state, mock=RESULT, context=json.dumps(context))
    assert done["inspectionData"]["afterArguments"] == {"FunctionName": "Own"}
    assert done["output"] == context
    caught = tried(state, {"i": 1}, mock=thrown("E"), context=json.dumps(context))
    error = {"Error": "E", "Cause": "why"}
    assert caught["output"] == {"input": {"i": 1}, "context": context, "errorOutput": error}


def test_the_parameters_of_a_parallel_see_it() -> None:
    branch = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
    state = {
        "Type": "Parallel",
        "Branches": [branch],
        "Parameters": {"n.$": "$$.State.RetryCount"},
        "End": True,
    }
    context = json.dumps({"State": {"RetryCount": 3}})
    assert tried(state, mock=returned([1]), context=context)["status"] == "SUCCEEDED"
    assert tried(state, mock=returned([1]), context="{}")["error"] == "States.Runtime"


def test_the_iterations_of_a_map_see_it_with_their_items() -> None:
    state = {
        "Type": "Map",
        "ItemsPath": "$$.Execution.Input",
        "ItemSelector": {"run.$": "$$.Execution.Name", "item.$": "$$.Map.Item.Value"},
        "ItemProcessor": {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}},
        "End": True,
    }
    context = {"Execution": {"Input": [4, 5], "Name": "n"}}
    answer = tried(state, mock=returned([0, 0]), context=json.dumps(context))
    assert answer["inspectionData"]["afterItemSelector"] == [{"run": "n", "item": 4}, {"run": "n", "item": 5}]
