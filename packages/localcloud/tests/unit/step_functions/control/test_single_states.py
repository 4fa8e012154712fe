"""TestState: what a state makes of its input, step by step."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud.plugin import AwsError
from localcloud.step_functions.control import single_states
from localcloud.step_functions.states import loading
from localcloud.step_functions.states.tasks.task import ServiceTask
from rigs.trials import GIVEN, refused, returned, tried

ROLE = "arn:aws:iam::000000000000:role/r"


@pytest.mark.claim("Step Functions", "supported", "TestState, also by stateName, with mocks and contexts")
def test_a_pass_state_tells_each_step() -> None:
    state = {
        "Type": "Pass",
        "InputPath": "$.a",
        "Parameters": {"y.$": "$.x"},
        "ResultPath": "$.made",
        "OutputPath": "$.made",
        "Next": "B",
    }
    assert tried(state) == {
        "status": "SUCCEEDED",
        "output": {"y": 1},
        "nextState": "B",
        "inspectionData": {
            "input": GIVEN,
            "afterInputPath": {"x": 1},
            "afterParameters": {"y": 1},
            "afterResultSelector": {"y": 1},
            "afterResultPath": {**GIVEN, "made": {"y": 1}},
        },
    }


def test_a_pass_state_with_a_result_tells_only_what_comes_of_it() -> None:
    answer = tried({"Type": "Pass", "Result": {"r": 1}, "End": True})
    assert answer["inspectionData"] == {
        "input": GIVEN,
        "result": {"r": 1},
        "afterResultSelector": {"r": 1},
        "afterResultPath": {"r": 1},
    }


def test_the_level_info_inspects_nothing() -> None:
    answer = tried({"Type": "Succeed"}, level="INFO")
    assert answer == {"status": "SUCCEEDED", "output": GIVEN}


def test_a_choice_names_the_state_that_it_leads_to() -> None:
    rule = {"Variable": "$.b", "NumericEquals": 2, "Next": "Two"}
    answer = tried({"Type": "Choice", "Choices": [rule], "Default": "Other"})
    assert (answer["nextState"], answer["output"]) == ("Two", GIVEN)
    assert answer["inspectionData"] == {"input": GIVEN, "afterInputPath": GIVEN}
    assert tried({"Type": "Choice", "Choices": [rule], "Default": "Other"}, {"b": 3})["nextState"] == "Other"


def test_a_fail_state_tells_its_error() -> None:
    answer = tried({"Type": "Fail", "Error": "E", "Cause": "c"})
    assert answer == {
        "status": "FAILED",
        "error": "E",
        "cause": "c",
        "inspectionData": {"input": GIVEN, "afterInputPath": GIVEN},
    }


def test_a_path_that_selects_nothing_fails_the_state() -> None:
    answer = tried({"Type": "Pass", "Parameters": {"y.$": "$.missing"}, "End": True})
    assert (answer["status"], answer["error"]) == ("FAILED", "States.Runtime")
    assert "'$.missing'" in answer["cause"]


def test_variables_are_given_and_told_as_the_state_leaves_them() -> None:
    state = {
        "Type": "Pass",
        "QueryLanguage": "JSONata",
        "Assign": {"n": "{% $n + 1 %}"},
        "Output": "{% $n * 10 %}",
        "End": True,
    }
    answer = tried(state, variables=json.dumps({"n": 1}))
    assert (answer["output"], answer["inspectionData"]["variables"]) == (10, {"n": 2})
    assert "variables" not in tried({"Type": "Succeed"})["inspectionData"]
    with pytest.raises(AwsError, match="Variables must be a JSON object"):
        tried(state, variables="[1]")


def test_a_state_of_a_machine_is_found_by_its_name() -> None:
    machine = {
        "QueryLanguage": "JSONata",
        "StartAt": "A",
        "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Succeed", "Output": "{% 1 + 1 %}"}},
    }
    assert tried(machine, stateName="B", level="INFO") == {"status": "SUCCEEDED", "output": 2}
    with pytest.raises(AwsError, match="State not found in definition"):
        tried(machine, stateName="C")


_TASK = {
    "Type": "Task",
    "QueryLanguage": "JSONata",
    "Resource": "arn:aws:states:::sns:publish",
    "Arguments": {"Message": "{% $states.input.missing %}", "TopicArn": "t"},
    "End": True,
}


def test_a_task_that_would_be_tried_again_or_caught_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(single_states.plugin, "role_trusts", lambda *_: True)
    error = "States.QueryEvaluationError"
    failed = tried(_TASK, roleArn=ROLE)
    assert (failed["status"], failed["error"], "output" in failed) == ("FAILED", error, False)
    retry = [{"ErrorEquals": ["E"]}, {"ErrorEquals": [error], "IntervalSeconds": 7}]
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "C", "Output": "{% $states.errorOutput.Error %}"}]
    retried = tried({**_TASK, "Retry": retry, "Catch": catch}, roleArn=ROLE)
    details = {"retryIndex": 1, "retryBackoffIntervalSeconds": 7}
    assert (retried["status"], retried["inspectionData"]["errorDetails"]) == ("RETRIABLE", details)
    caught = tried({**_TASK, "Retry": retry[:1], "Catch": catch}, roleArn=ROLE)
    assert (caught["status"], caught["error"], caught["nextState"]) == ("CAUGHT_ERROR", error, "C")
    assert (caught["output"], caught["inspectionData"]["errorDetails"]) == (error, {"catchIndex": 0})


def test_a_fault_of_ours_is_no_failure_of_the_state(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_arguments: Any) -> Any:
        raise KeyError("ours")

    monkeypatch.setattr(loading.trial().Notes, "tell", broken)
    with pytest.raises(KeyError, match="ours"):
        tried({"Type": "Pass", "End": True})
    monkeypatch.undo()
    monkeypatch.setattr(single_states.plugin, "role_trusts", lambda *_: True)
    monkeypatch.setenv("GATEWAY_PORT", "1")
    monkeypatch.setattr(ServiceTask, "_prepare", broken)
    state = {**_TASK, "Arguments": {"Message": "m", "TopicArn": "t"}}
    with pytest.raises(KeyError, match="ours"):
        tried({**state, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "C"}]}, roleArn=ROLE)
    assert "the state StateName could not be tried" in caplog.text


def test_variables_that_a_choice_assigns_are_told() -> None:
    rule = {"Variable": "$.b", "NumericEquals": 2, "Next": "Two", "Assign": {"w": 1}}
    state = {"Type": "Choice", "Choices": [rule], "Default": "Two", "Assign": {"w": 2}}
    assert tried(state)["inspectionData"]["variables"] == {"w": 1}
    assert tried(state, {"b": 3})["inspectionData"]["variables"] == {"w": 2}


@pytest.mark.claim("Step Functions", "refused", "secrets that TestState would reveal")
def test_secrets_are_not_revealed_but_refused_by_name() -> None:
    message = refused({"Type": "Succeed"}, revealSecrets=True)
    assert message.startswith("localcloud does not support TestState with revealSecrets")


def test_every_state_is_called_the_same_by_its_context() -> None:
    state = {"Type": "Pass", "Parameters": {"name.$": "$$.State.Name"}, "End": True}
    assert tried(state)["output"] == {"name": "StateName"}
    machine = {"StartAt": "Own", "States": {"Own": state}}
    assert tried(machine, stateName="Own")["output"] == {"name": "StateName"}


def test_a_mock_needs_no_role_but_a_role_must_be_one() -> None:
    state = {**_TASK, "Arguments": {"Message": "m", "TopicArn": "t"}}
    assert tried(state, mock=returned({"MessageId": "m"}))["output"] == {"MessageId": "m"}
    refused(state, code="AccessDeniedException", mock=returned({"MessageId": "m"}), roleArn=ROLE)


@pytest.mark.parametrize("name", ["input", "variables"])
def test_what_is_no_json_is_refused(name: str) -> None:
    message = refused({"Type": "Succeed"}, code="InvalidExecutionInput", **{name: "{"})
    assert "Unexpected end-of-input" in message


@pytest.mark.parametrize(
    ("state", "code", "words"),
    [
        (
            {
                "Type": "Map",
                "ItemProcessor": {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}},
                "End": True,
            },
            "InvalidDefinition",
            "TestState API does not support Map or Parallel states. "
            "Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]",
        ),
        (_TASK, "ValidationException", "RoleArn must be specified when testing a Task state"),
        ({"Type": "Nothing"}, "InvalidDefinition", "/States/StateName/Type"),
    ],
)
def test_what_aws_refuses_is_refused(state: dict[str, Any], code: str, words: str) -> None:
    with pytest.raises(AwsError) as error:
        tried(state)
    assert error.value.code == code
    assert words in error.value.message
