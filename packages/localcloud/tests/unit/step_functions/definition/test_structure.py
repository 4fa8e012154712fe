"""What AWS takes of a definition's shape, and what it refuses, in its words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud.step_functions.definition.check import problems
from localcloud.step_functions.definition.json_text import reason
from localcloud.step_functions.definition.references import variable_references

Json = dict[str, Any]
PASS = {"Type": "Pass", "End": True}
INNER = {"StartAt": "B", "States": {"B": PASS}}
DISTRIBUTED = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **INNER}
READER = {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key": "k"}}


def machine(state: Json, **fields: Any) -> Json:
    return {"StartAt": "A", "States": {"A": state}, **fields}


def mapped(**fields: Any) -> Json:
    return machine({"Type": "Map", "ItemProcessor": DISTRIBUTED, "End": True, **fields})


def chosen(**rule: Any) -> Json:
    states = {"A": {"Type": "Choice", "Choices": [{**rule, "Next": "B"}], "Default": "B"}, "B": PASS}
    return {"StartAt": "A", "States": states}


TAKEN = [
    machine({**PASS, "Assign": {"v": 1, "w.$": "$.a"}}),
    machine({**PASS, "Result": {"a.$": "no path", "b": {"c.$": 1}}}),
    mapped(ItemReader={**READER, "ReaderConfig": {"InputType": "JSON"}}),
    mapped(ItemReader={**READER, "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}}),
    mapped(
        ItemReader={
            **READER,
            "ReaderConfig": {
                "InputType": "CSV",
                "CSVHeaderLocation": "GIVEN",
                "CSVHeaders": ["a"],
                "CSVDelimiter": "PIPE",
                "MaxItems": 5,
            },
        }
    ),
    mapped(ItemReader={**READER, "ReaderConfig": {"InputType": "JSONL"}}),
    mapped(ItemBatcher={"MaxItemsPerBatch": 2, "BatchInput": {"a.$": "$.a"}}),
    mapped(ToleratedFailurePercentage=0.5),
    mapped(ToleratedFailurePercentage=10),
    mapped(ItemsPath="$.sub-values"),
    mapped(
        ResultWriter={
            "Resource": "arn:aws:states:::s3:putObject",
            "Parameters": {"Bucket": "b", "Prefix": "p"},
        }
    ),
    machine({"Type": "Map", "Iterator": {"ProcessorConfig": {"Mode": "INLINE"}, **INNER}, "End": True}),
    machine({"Type": "Fail", "ErrorPath": "$$.State.Name", "CausePath": "States.Format('{}', $.a)"}),
    machine({"Type": "Wait", "SecondsPath": "$seconds", "End": True}),
    {**chosen(Condition=True), "QueryLanguage": "JSONata"},
    chosen(Variable="$.a", IsPresent=True),
    machine({**PASS, "Parameters": {"k": "🚨"}}),
    machine(
        {
            "Type": "Map",
            "QueryLanguage": "JSONata",
            "ItemProcessor": {**INNER, "States": {"B": {"QueryLanguage": "JSONPath", **PASS}}},
            "End": True,
        }
    ),
]


@pytest.mark.parametrize("definition", TAKEN, ids=range(len(TAKEN)))
def test_what_aws_takes_is_taken(definition: Json) -> None:
    assert problems(json.dumps(definition)) == []


REFUSED = [
    ({}, "SCHEMA_VALIDATION_FAILED: These fields are required: [States, StartAt] at /"),
    ({"StartAt": "A"}, "SCHEMA_VALIDATION_FAILED: These fields are required: [States] at /"),
    (
        machine({**PASS, "QueryLanguage": "JSONPath"}, QueryLanguage="JSONata"),
        "SCHEMA_VALIDATION_FAILED: 'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state "
        "machine at /States/A",
    ),
    (
        machine({**PASS, "Parameters": {"a.$": "States.Format('say \\\"{}\\\"', $.a)"}}),
        "SCHEMA_VALIDATION_FAILED: The value for the field 'a.$' must be a valid JSONPath or a valid "
        "intrinsic function call at /States/A/Parameters",
    ),
    (
        machine({"Type": "Pass", "Next": "X"}),
        "MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /States/A/Next",
    ),
    (
        {"StartAt": "A", "States": {"A": PASS, "B": PASS}},
        'MISSING_TRANSITION_TARGET: State "B" is not reachable. at /States/B',
    ),
    (
        machine(
            {
                "Type": "Task",
                "Resource": "arn:aws:states:::sns:publish",
                "Parameters": {"Message": "m"},
                "Credentials": {},
                "End": True,
            }
        ),
        "SCHEMA_VALIDATION_FAILED: The field 'RoleArn' is required but was missing at /States/A/Credentials",
    ),
    (
        machine({"Type": "Map", "ItemProcessor": {"StartAt": "A", "States": {"A": PASS}}, "End": True}),
        "DUPLICATE_STATE_NAME: Duplicate State name: A at /States/A/ItemProcessor/States/A",
    ),
    (
        machine({"Type": "Sleep", "End": True}),
        "SCHEMA_VALIDATION_FAILED: The field 'Type' should have one of these values: [Task, Wait, Pass, "
        "Succeed, Fail, Choice, Parallel, Map] at /States/A/Type",
    ),
    (
        machine({"Type": "Parallel", "Branches": [], "End": True}),
        "SCHEMA_VALIDATION_FAILED: Value cannot be empty at /States/A/Branches",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("definition", "words"), REFUSED, ids=range(len(REFUSED)))
def test_what_aws_refuses_is_refused_in_its_words(definition: Json, words: str) -> None:
    assert [str(problem) for problem in problems(json.dumps(definition))] == [words]


@pytest.mark.parametrize(
    ("resource", "words"),
    [
        (
            "arn:aws:states:us-east-1:000000000000:activity:a",
            "does not support Activity ARN at /States/A/Resource",
        ),
        (
            "arn:aws:states:::sns:publish.waitForTaskToken",
            "'.waitForTaskToken' service integration  at /States",
        ),
        ("arn:aws:states:::states:startExecution.sync", "'.sync' service integration at /States/A/Resource"),
    ],
)
def test_an_express_machine_waits_for_nobody(resource: str, words: str) -> None:
    state = {"Type": "Task", "Resource": resource, "Parameters": {}, "End": True}
    assert words in str(problems(json.dumps(machine(state)), "EXPRESS")[0])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("not json", "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token"),
        ("{'a': 1}", "Unexpected character (''' (code 39)): was expecting double-quote to start field name"),
        ('{"a" 1}', "Unexpected character ('1' (code 49)): was expecting a colon"),
        ('{"a": NaN}', "Unrecognized token 'NaN'"),
        ('{"a"', "Unexpected end-of-input"),
    ],
)
def test_what_is_no_json_is_said_as_aws_says_it(text: str, words: str) -> None:
    assert words in str(reason(text))
    assert reason('{"a": [1, null]}') is None


def test_references_are_those_of_expressions_by_state() -> None:
    states = {
        "A": {**PASS, "Parameters": {"plain": "$no", "a.$": "$yes.b", "f.$": "States.Format('{}', $also)"}},
        "C": {"Type": "Choice", "Choices": [{"Variable": "$guess", "StringEqualsPath": "$answer"}]},
        "J": {"QueryLanguage": "JSONata", **PASS, "Output": "{% $states.input.a + $b + $sum([$c, '$d']) %}"},
    }  # fmt: skip
    assert variable_references({"StartAt": "C", "States": states}) == {
        "A": ["also", "yes"],
        "C": ["answer", "guess"],
        "J": ["b", "c"],
    }
