"""A Choice whose Variable is not there ends the execution; only IsPresent may ask for one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud.step_functions.states.execution import Run
from rigs.executions import new_record

ABSENT = {"Variable": "$.b", "NumericGreaterThan": 1}


def run(rule: dict[str, Any], given: Any) -> dict[str, Any]:
    """The record of an execution whose Choice has one rule, to `Yes`, and the Default `No`."""
    choice = {"Type": "Choice", "Choices": [{**rule, "Next": "Yes"}], "Default": "No"}
    states = {"A": choice, "Yes": {"Type": "Succeed"}, "No": {"Type": "Pass", "Result": "no", "End": True}}
    record = new_record(given)
    definition = json.dumps({"StartAt": "A", "States": states})
    role = "arn:aws:iam::000000000000:role/r"
    Run(record, {"name": "m", "roleArn": role, "definition": definition}).run()
    return record


@pytest.mark.parametrize(
    "rule",
    [
        ABSENT,
        {"Variable": "$.b", "StringEquals": "x"},
        {"Variable": "$.b", "IsNull": True},
        {"Variable": "$.b", "IsString": False},
        {"Variable": "$.a.b", "BooleanEquals": True},
        {"Variable": "$.b", "NumericEqualsPath": "$.a"},
        {"Not": ABSENT},
        {"Or": [ABSENT, {"Variable": "$.a", "NumericEquals": 1}]},
        {"And": [{"Variable": "$.a", "NumericEquals": 1}, ABSENT]},
    ],
)
def test_a_variable_that_is_not_there_is_an_invalid_path(rule: dict[str, Any]) -> None:
    record = run(rule, {"a": 1})
    assert (record["status"], record["error"]) == ("FAILED", "States.Runtime")
    assert "The choice state's condition path references an invalid value." in record["cause"]
    assert "Invalid path '$." in record["cause"]


@pytest.mark.parametrize(
    ("rule", "output"),
    [
        ({"Variable": "$.b", "IsPresent": True}, "no"),
        ({"Variable": "$.b", "IsPresent": False}, {"a": None}),
        ({"And": [{"Variable": "$.b", "IsPresent": True}, ABSENT]}, "no"),
        ({"Or": [{"Variable": "$.a", "IsPresent": True}, ABSENT]}, {"a": None}),
        ({"Variable": "$.a", "IsNull": True}, {"a": None}),
    ],
)
def test_what_is_asked_for_first_keeps_the_rest_from_being_looked_at(
    rule: dict[str, Any], output: Any
) -> None:
    record = run(rule, {"a": None})
    assert record["status"] == "SUCCEEDED", record
    assert json.loads(record["output"]) == output
