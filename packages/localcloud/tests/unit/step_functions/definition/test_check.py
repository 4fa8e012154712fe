"""What CreateStateMachine and ValidateStateMachineDefinition find in a definition."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud.step_functions.definition.check import check
from localcloud.step_functions.definition.problems import InvalidDefinitionError


def _machine(state: dict[str, Any], **fields: Any) -> str:
    return json.dumps({"StartAt": "A", "States": {"A": state}, **fields})


def _task(resource: str, **fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "End": True, **fields}


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ("{", "INVALID_JSON_DESCRIPTION"),
        ("[]", "must be a valid JSON object"),
        (_machine({"Type": "Pass", "Next": "B"}), "Missing 'Next' target: B at /States/A/Next"),
        (
            json.dumps({"StartAt": "B", "States": {"A": {"Type": "Pass", "End": True}}}),
            "Missing 'StartAt' target: B at /StartAt",
        ),
        (_machine(_task("aws-sdk:glue:getCrawlr")), "no API action getCrawlr at /States/A/Resource"),
        (
            _machine(_task("glue:startJobRun")),
            "'JobName' is required but was missing at /States/A/Parameters",
        ),
        (
            _machine(_task("aws-sdk:glue:startCrawler", Parameters={"name.$": "$.n"})),
            "'name' is not supported by Step Functions",
        ),
        (
            _machine(_task("glue:startJobRun", Arguments={"Name": "j"}), QueryLanguage="JSONata"),
            "'Name' is not supported by Step Functions; StartJobRun has",
        ),
        (
            _machine(
                {
                    "Type": "Map",
                    "End": True,
                    "ItemProcessor": {"StartAt": "B", "States": {"B": _task("ecs:runTask")}},
                }
            ),
            "at /States/A/ItemProcessor/States/B/Resource",
        ),
        (
            _machine(
                {"Type": "Task", "Resource": "arn:aws:nosuch:us-east-2:000000000000:thing:a", "End": True}
            ),
            "Value is not a valid resource ARN at /States/A/Resource",
        ),
        (
            _machine({"Type": "Pass", "Parameters": {"a.$": "States.Nothing($)"}, "End": True}),
            "SCHEMA_VALIDATION",
        ),
        (_machine({"Type": "Pass", "Parameters": {"a.$": "plain text"}, "End": True}), "SCHEMA_VALIDATION"),
        (
            _machine({"Type": "Pass", "Output": "{% $sum( %}", "End": True}, QueryLanguage="JSONata"),
            "/States/A/Output",
        ),
        (
            _machine({"Type": "Pass", "Output": "{% $eval('1') %}", "End": True}, QueryLanguage="JSONata"),
            r"\$eval is not supported",
        ),
    ],
)
def test_a_bad_definition_is_refused_where_it_is_bad(definition: str, expected: str) -> None:
    with pytest.raises(InvalidDefinitionError, match=expected):
        check(definition)


@pytest.mark.parametrize(
    "definition",
    [
        _machine(_task("lambda:invoke", Parameters={"FunctionName": "f", "Payload.$": "$"})),
        _machine(
            {"Type": "Task", "Resource": "arn:aws:lambda:us-east-2:000000000000:function:f", "End": True}
        ),
        _machine(
            _task(
                "lambda:invoke",
                Parameters={"FunctionName": "f"},
                Retry=[{"ErrorEquals": ["States.ALL"], "BackoffRate": 2, "JitterStrategy": "FULL"}],
            )
        ),
        _machine({"Type": "Pass", "Parameters": {"a.$": "$variable.b"}, "End": True}),
        _machine({"Type": "Wait", "Seconds": "{% $seconds %}", "End": True}, QueryLanguage="JSONata"),
        _machine(
            _task("states:startExecution.sync:2", Parameters={"StateMachineArn": "a", "Input": {"x": 1}})
        ),
        _machine(_task("aws-sdk:sfn:startExecution", Parameters={"StateMachineArn": "a"})),
        _machine(
            {
                "Type": "Map",
                "Label": "All",
                "ToleratedFailurePercentage": 10,
                "End": True,
                "ItemProcessor": {
                    "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                    "StartAt": "B",
                    "States": {"B": {"Type": "Pass", "End": True}},
                },
            }
        ),
    ],
)
def test_a_good_definition_is_accepted(definition: str) -> None:
    check(definition)


def _wait(moment: str, **fields: Any) -> str:
    return _machine({"Type": "Wait", "Timestamp": moment, "End": True}, **fields)


def _choice(rule: dict[str, Any]) -> str:
    choice = {"Type": "Choice", "Choices": [{**rule, "Next": "B"}], "Default": "B"}
    return json.dumps({"StartAt": "A", "States": {"A": choice, "B": {"Type": "Succeed"}}})


@pytest.mark.parametrize(
    ("definition", "where"),
    [
        (_wait("2016-12-05 21:29:29Z"), "/States/A/Timestamp"),
        (_wait("{% 'date' %}"), "/States/A/Timestamp"),
        (_wait("soon", QueryLanguage="JSONata"), "/States/A/Timestamp"),
        (_choice({"Variable": "$.a", "TimestampEquals": "now"}), "/States/A/Choices[0]/TimestampEquals"),
        (
            _choice({"And": [{"Not": {"Variable": "$.a", "TimestampLessThan": "2016-12-05"}}]}),
            "/States/A/Choices[0]/And[0]/Not/TimestampLessThan",
        ),
    ],
)
def test_a_literal_timestamp_that_is_none_is_refused_where_it_is(definition: str, where: str) -> None:
    with pytest.raises(InvalidDefinitionError) as refused:
        check(definition)
    assert f"String does not match RFC3339 timestamp at {where}" in str(refused.value)


@pytest.mark.parametrize(
    "definition",
    [
        _wait("2016-12-05T21:29:29.5+01:00"),
        _wait("{% $now() %}", QueryLanguage="JSONata"),
        _choice({"Variable": "$.a", "TimestampEquals": "2016-12-05T21:29:29Z"}),
        _choice({"Variable": "$.a", "TimestampEqualsPath": "$.b"}),
    ],
)
def test_a_timestamp_that_is_one_or_is_known_at_run_time_is_taken(definition: str) -> None:
    check(definition)
