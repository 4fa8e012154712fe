"""A value that a field cannot take fails the state under AWS's name, and as a failure of the state."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud.step_functions.states.execution import Run
from localcloud.step_functions.states.field_values import absence
from rigs.executions import new_record

_GIVEN = {"text": "t", "n": 2, "seconds": 0.5}
_TASK = {
    "Type": "Task",
    "Resource": "arn:aws:states:::sns:publish",
    "Parameters": {"Message": "x", "TopicArn": "t"},
    "End": True,
}
_JSONATA = {"QueryLanguage": "JSONata"}


def run(state: dict[str, Any]) -> dict[str, Any]:
    """The record of an execution of one state."""
    record = new_record(_GIVEN)
    machine = {"StartAt": "A", "States": {"A": state, "B": {"Type": "Succeed"}}}
    Run(record, {"name": "m", "roleArn": "r", "definition": json.dumps(machine)}).run()
    return record


_WRONG_TYPE = "returned an unexpected result type. Expected '{}', but was '{}' for value: {}"


@pytest.mark.parametrize(
    ("state", "error", "words"),
    [
        (
            {"Type": "Wait", "Seconds": "{% 'a' %}", "End": True, **_JSONATA},
            "States.QueryEvaluationError",
            "The JSONata expression ''a'' specified for the field 'Seconds' "
            + _WRONG_TYPE.format("number", "string", '"a"'),
        ),
        (
            {"Type": "Wait", "Seconds": "{% -1 %}", "End": True, **_JSONATA},
            "States.QueryEvaluationError",
            "The Seconds field cannot be parsed as an integer: -1",
        ),
        (
            {
                "Type": "Choice",
                "Choices": [{"Condition": "{% 1 %}", "Next": "B"}],
                "Default": "B",
                **_JSONATA,
            },
            "States.QueryEvaluationError",
            _WRONG_TYPE.format("boolean", "number", 1),
        ),
        (
            {"Type": "Fail", "Error": "{% [1, 2] %}", **_JSONATA},
            "States.QueryEvaluationError",
            _WRONG_TYPE.format("string", "array", "[1, 2]"),
        ),
        (
            {"Type": "Fail", "CausePath": "$.n"},
            "States.Runtime",
            "The CausePath parameter does not reference a string: 2",
        ),
        (
            {**_TASK, "TimeoutSecondsPath": "$.text"},
            "States.Runtime",
            'The TimeoutSecondsPath parameter cannot be parsed as a long value: "t"',
        ),
        (
            {**_TASK, "TimeoutSecondsPath": "$.seconds"},
            "States.Runtime",
            "The TimeoutSecondsPath parameter cannot be parsed as a long value: 0.5",
        ),
        (
            {"Type": "Pass", "Result": 1, "ResultPath": "$.text.x", "End": True},
            "States.ResultPathMatchFailure",
            'Unable to apply ReferencePath $.text.x to input {"text":"t","n":2,"seconds":0.5}',
        ),
    ],
)
def test_what_a_field_cannot_take_fails_the_state(state: dict[str, Any], error: str, words: str) -> None:
    record = run(state)
    assert (record["status"], record["error"]) == ("FAILED", error)
    assert words in record["cause"]


def test_what_a_field_can_take_is_taken() -> None:
    assert run({"Type": "Wait", "Seconds": "{% 0 %}", "End": True, **_JSONATA})["status"] == "SUCCEEDED"
    made = run({"Type": "Pass", "Result": 1, "ResultPath": "$.x.y", "End": True})
    assert json.loads(made["output"]) == {**_GIVEN, "x": {"y": 1}}


def test_a_fail_state_may_take_the_name_of_an_error_of_aws() -> None:
    record = run({"Type": "Fail", "Error": "States.TaskFailed", "Cause": "c"})
    assert (record["error"], record["cause"]) == ("States.TaskFailed", "c")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("$.x", "No results for path: $['x']"),
        ("$.a.x", "No results for path: $['a']['x']"),
        ("$.x.y.z", "Missing property in path $['x']"),
        ("$.a.x.y", "Missing property in path $['a']['x']"),
        ("$['two words'].x", "Missing property in path $['two words']"),
        ("$.list[0].x", "No results for path: $['list'][0]['x']"),
        ("$.list[7]", "No results for path: $['list'][7]"),
        ("$.list[7].x", "Missing property in path $['list'][7]"),
        ('$["x"]', 'No results for path: $["x"]'),
    ],
)
def test_a_path_that_selects_nothing_says_where_it_ends(path: str, words: str) -> None:
    given = {"a": {"b": 1}, "list": [{"c": 1}]}
    assert absence(path, given) == words
    for field in ("InputPath", "OutputPath"):
        record = new_record(given)
        states = {"A": {"Type": "Pass", field: path, "End": True}}
        machine = {"StartAt": "A", "States": states}
        Run(record, {"name": "m", "roleArn": "r", "definition": json.dumps(machine)}).run()
        assert (record["status"], record["error"]) == ("FAILED", "States.Runtime")
        assert record["cause"].endswith(f"Invalid path '{path}' : {words}")
