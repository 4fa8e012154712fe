"""TestState: what a state makes of its input, step by step."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud.plugin import AwsError
from localcloud.step_functions.control import single_states
from localcloud.step_functions.states import loading
from localcloud.step_functions.states.tasks.task import ServiceTask

ROLE = "arn:aws:iam::000000000000:role/r"
_GIVEN = {"a": {"x": 1}, "b": 2}


def tried(state: dict[str, Any], given: Any = _GIVEN, level: str = "DEBUG", **fields: Any) -> dict[str, Any]:
    """The answer, with every JSON text in it read."""
    answer = single_states.test_state(
        {"definition": json.dumps(state), "input": json.dumps(given), "inspectionLevel": level, **fields}
    )
    for holder in (answer, answer.get("inspectionData", {})):
        for name, text in list(holder.items()):
            if name.startswith("after") or name in ("input", "output", "result", "variables"):
                holder[name] = json.loads(text)
    return answer


@pytest.mark.claim("Step Functions", "supported", "TestState, also by stateName")
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
            "input": _GIVEN,
            "afterInputPath": {"x": 1},
            "afterParameters": {"y": 1},
            "afterResultSelector": {"y": 1},
            "afterResultPath": {**_GIVEN, "made": {"y": 1}},
        },
    }


def test_a_pass_state_with_a_result_tells_only_what_comes_of_it() -> None:
    answer = tried({"Type": "Pass", "Result": {"r": 1}, "End": True})
    assert answer["inspectionData"] == {
        "input": _GIVEN,
        "result": {"r": 1},
        "afterResultSelector": {"r": 1},
        "afterResultPath": {"r": 1},
    }


def test_the_level_info_inspects_nothing() -> None:
    answer = tried({"Type": "Succeed"}, level="INFO")
    assert answer == {"status": "SUCCEEDED", "output": _GIVEN}


def test_a_choice_names_the_state_that_it_leads_to() -> None:
    rule = {"Variable": "$.b", "NumericEquals": 2, "Next": "Two"}
    answer = tried({"Type": "Choice", "Choices": [rule], "Default": "Other"})
    assert (answer["nextState"], answer["output"]) == ("Two", _GIVEN)
    assert answer["inspectionData"] == {"input": _GIVEN, "afterInputPath": _GIVEN}
    assert tried({"Type": "Choice", "Choices": [rule], "Default": "Other"}, {"b": 3})["nextState"] == "Other"


def test_a_fail_state_tells_its_error() -> None:
    answer = tried({"Type": "Fail", "Error": "E", "Cause": "c"})
    assert answer == {
        "status": "FAILED",
        "error": "E",
        "cause": "c",
        "inspectionData": {"input": _GIVEN, "afterInputPath": _GIVEN},
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

    monkeypatch.setattr(loading.one_state(), "compact_json", broken)
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


@pytest.mark.claim("Step Functions", "refused", "mocks, contexts and state configurations of TestState")
@pytest.mark.parametrize("name", ["mock", "context", "stateConfiguration", "revealSecrets"])
def test_what_testing_a_state_does_not_do_is_refused_by_name(name: str) -> None:
    with pytest.raises(AwsError, match=f"localcloud does not support TestState with {name}"):
        tried({"Type": "Succeed"}, **{name: {"x": 1}})


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
