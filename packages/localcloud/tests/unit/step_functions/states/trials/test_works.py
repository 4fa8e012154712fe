"""The work of a mocked Task or Parallel: what goes into it is evaluated, and nothing is called."""

from __future__ import annotations

from typing import Any

import pytest

from rigs.trials import GIVEN, returned, thrown, tried

BRANCH = {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:lambda:x:1:function:f"}}}
BRANCH["States"]["A"]["End"] = True  # type: ignore[index]
PARALLEL = {"Type": "Parallel", "Branches": [BRANCH], "Next": "N"}
SENT = {
    "Type": "Task",
    "Resource": "arn:aws:states:::sqs:sendMessage",
    "InputPath": "$.a",
    "Parameters": {"QueueUrl": "q", "MessageBody.$": "$.x"},
    "ResultSelector": {"id.$": "$.MessageId"},
    "ResultPath": "$.sent",
    "OutputPath": "$.sent",
    "Next": "N",
}


def test_a_mocked_task_tells_each_step() -> None:
    assert tried(SENT, mock=returned({"MessageId": "m"})) == {
        "status": "SUCCEEDED",
        "output": {"id": "m"},
        "nextState": "N",
        "inspectionData": {
            "input": GIVEN,
            "afterInputPath": {"x": 1},
            "afterParameters": {"QueueUrl": "q", "MessageBody": 1},
            "result": {"MessageId": "m"},
            "afterResultSelector": {"id": "m"},
            "afterResultPath": {**GIVEN, "sent": {"id": "m"}},
        },
    }


def test_a_task_whose_parameters_cannot_be_made_fails_before_the_mock() -> None:
    broken = {**SENT, "Parameters": {"QueueUrl": "q", "MessageBody.$": "$.missing"}}
    assert tried(broken, mock=returned({"MessageId": "m"}))["error"] == "States.Runtime"
    beat = {**SENT, "HeartbeatSecondsPath": "$.missing"}
    assert "$.missing" in tried(beat, mock=returned({"MessageId": "m"}))["cause"]


@pytest.mark.parametrize(
    ("error", "cause"),
    [("Own", "why"), ("States.Timeout", None), ("States.Runtime", "as it is"), ("Lambda.Unknown", "")],
)
def test_a_mocked_error_is_told_as_it_was_given(error: str, cause: str | None) -> None:
    answer = tried(SENT, mock=thrown(error, cause))
    assert (answer["status"], answer["error"], answer.get("cause")) == ("FAILED", error, cause or None)
    assert "output" not in answer
    assert "result" not in answer["inspectionData"]


@pytest.mark.parametrize(
    "resource",
    [
        "arn:aws:states:::glue:startJobRun.sync",
        "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "arn:aws:states:us-east-2:000000000000:activity:read",
        "arn:aws:lambda:us-east-2:000000000000:function:read",
    ],
)
def test_what_waits_for_others_is_tried_with_a_mock(resource: str) -> None:
    names = {"glue": {"JobName": "j"}, "lambda:invoke": {"FunctionName": "f"}}
    parameters = next((value for name, value in names.items() if f":{name}" in resource), {"meter": 1})
    state = {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True}
    answer = tried(state, mock=returned({"done": True}))
    assert (answer["status"], answer["output"]) == ("SUCCEEDED", {"done": True})
    assert answer["inspectionData"]["afterParameters"] == parameters


def test_a_parallel_tells_only_what_comes_of_its_branches() -> None:
    state = {**PARALLEL, "InputPath": "$.a", "Parameters": {"y.$": "$.x"}, "ResultPath": "$.both"}
    answer = tried(state, mock=returned([3]))
    assert answer["inspectionData"] == {
        "input": GIVEN,
        "afterResultSelector": [3],
        "afterResultPath": {**GIVEN, "both": [3]},
    }
    assert (answer["output"], answer["nextState"]) == ({**GIVEN, "both": [3]}, "N")


def test_a_parallel_in_jsonata_tells_its_input_alone() -> None:
    state: dict[str, Any] = {
        "Type": "Parallel",
        "QueryLanguage": "JSONata",
        "Branches": [BRANCH],
        "Next": "N",
    }
    state |= {"Arguments": "{% $states.input.a %}", "Output": "{% $sum($states.result) %}"}
    answer = tried(state, mock=returned([3]))
    assert (answer["output"], answer["inspectionData"]) == (3, {"input": GIVEN})


def test_a_parallel_catches_the_error_of_a_branch() -> None:
    catch = [{"ErrorEquals": ["Flood"], "Next": "F"}, {"ErrorEquals": ["States.TaskFailed"], "Next": "T"}]
    answer = tried(
        {**PARALLEL, "Catch": catch}, mock=thrown("Leak"), stateConfiguration={"errorCausedByState": "A"}
    )
    assert (answer["status"], answer["nextState"]) == ("CAUGHT_ERROR", "T")
    assert answer["output"] == {"Error": "Leak", "Cause": "why"}


def test_variables_are_assigned_from_a_mocked_result() -> None:
    state = {**SENT, "Assign": {"last.$": "$.MessageId"}}
    assert tried(state, mock=returned({"MessageId": "m"}))["inspectionData"]["variables"] == {"last": "m"}
