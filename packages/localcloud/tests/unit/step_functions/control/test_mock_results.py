"""A mocked result is compared with the API's model of what the work returns."""

from __future__ import annotations

from typing import Any

import pytest

from rigs.trials import refused, returned, tried


def task(resource: str, **parameters: Any) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": f"arn:aws:states:::{resource}",
        "Parameters": parameters,
        "End": True,
    }


QUEUES = task("aws-sdk:sqs:listQueues")
START = task("states:startExecution", StateMachineArn="m")
STREAM = task("aws-sdk:kinesis:describeStream", StreamName="s")
ITEM = task("dynamodb:getItem", TableName="t", Key={"id": {"S": "1"}})
FUNCTION = task("aws-sdk:lambda:getFunctionConfiguration", FunctionName="f")
MAPPING = task("aws-sdk:lambda:getEventSourceMapping", Uuid="u")
CIPHER = task("aws-sdk:kms:decrypt", CiphertextBlob="c")
BRANCH = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}


def broken(state: dict[str, Any], result: Any, mode: str | None = None) -> str:
    """What the result breaks of the model."""
    message = refused(state, mock=returned(result, mode))
    words = "Mock result schema validation error: "
    assert message.startswith(words)
    return message.removeprefix(words)


@pytest.mark.parametrize(
    ("state", "result", "what"),
    [
        (QUEUES, {"QueueUrls": "one"}, "Field 'QueueUrls' must be an array"),
        (QUEUES, {"QueueUrls": ["one", 2]}, "Field 'QueueUrls' must be a string"),
        (ITEM, {"Item": []}, "Field 'Item' must be an object"),
        (ITEM, {"Item": {"level": "high"}}, "Field 'level' must be an object"),
        (ITEM, {"Item": {"level": {"N": 3}}}, "Field 'N' must be a string"),
        (FUNCTION, {"Timeout": "3"}, "Field 'Timeout' must be a number"),
        (FUNCTION, {"Timeout": True}, "Field 'Timeout' must be a number"),
        (FUNCTION, {"Timeout": 0}, "Field 'Timeout' is less than the minimum value"),
        (MAPPING, {"MaximumRetryAttempts": 10001}, "Field 'MaximumRetryAttempts' exceeds the maximum value"),
        (FUNCTION, {"PackageType": "Tape"}, "Field 'PackageType' is not an expected value"),
        (CIPHER, {"Plaintext": ""}, "Field 'Plaintext' is smaller than the minimum length"),
        (CIPHER, {"Plaintext": "p" * 4097}, "Field 'Plaintext' exceeds the maximum length"),
        (CIPHER, {"Plaintext": 1}, "Field 'Plaintext' must be a string"),
        (START, {"ExecutionArn": "e", "StartDate": 1764103483}, "Field 'StartDate' must be a string"),
    ],
)
@pytest.mark.parametrize("mode", [None, "STRICT", "PRESENT"])
def test_a_field_has_the_type_and_the_bounds_of_the_model(
    state: dict[str, Any], result: Any, what: str, mode: str | None
) -> None:
    assert broken(state, result, mode) == what


def test_a_boolean_is_neither_a_number_nor_a_text() -> None:
    whole = {"StreamName": "s", "StreamARN": "a", "StreamStatus": "ACTIVE", "Shards": []}
    assert broken(STREAM, {"StreamDescription": {**whole, "HasMoreShards": "no"}}, "PRESENT") == (
        "Field 'HasMoreShards' must be a boolean"
    )


def test_only_a_strict_mock_has_every_required_field() -> None:
    assert broken(START, {"StartDate": "d"}) == "Required field 'ExecutionArn' is missing"
    assert (
        broken(START, {"executionArn": "e", "startDate": "d"}) == "Required field 'ExecutionArn' is missing"
    )
    assert tried(START, mock=returned({"executionArn": "e"}, "PRESENT"))["output"] == {"executionArn": "e"}


def test_a_mock_that_is_not_compared_may_be_anything() -> None:
    assert tried(START, mock=returned({"StartDate": 1}, "NONE"))["output"] == {"StartDate": 1}
    assert tried(START, mock=returned([1], "NONE"))["output"] == [1]


def test_fields_that_the_model_has_not_are_not_looked_at() -> None:
    assert tried(QUEUES, mock=returned({"Level": 3}))["output"] == {"Level": 3}


@pytest.mark.parametrize(
    ("resource", "parameters", "result"),
    [
        (
            "states:startExecution.sync:2",
            {"StateMachineArn": "m"},
            "Required field 'StateMachineArn' is missing",
        ),
        (
            "states:startExecution.sync",
            {"StateMachineArn": "m"},
            "Required field 'StateMachineArn' is missing",
        ),
        ("glue:startJobRun.sync", {"JobName": "j"}, None),
        ("athena:startQueryExecution.sync", {"QueryString": "select 1"}, None),
    ],
)
def test_a_task_that_waits_for_work_returns_what_it_polls(
    resource: str, parameters: dict[str, Any], result: str | None
) -> None:
    state = task(resource, **parameters)
    if result:
        assert broken(state, {"ExecutionArn": "e", "StartDate": "d"}) == result
    elif "glue" in resource:
        for unknown in ({"JobRun": {"JobRunState": "LOST"}}, {"JobRunState": "LOST"}):
            assert tried(state, mock=returned(unknown))["status"] == "SUCCEEDED"
    else:
        assert broken(state, {"QueryExecution": {"Query": 1}}) == "Field 'Query' must be a string"


@pytest.mark.parametrize(
    "state",
    [
        task("sqs:sendMessage.waitForTaskToken", QueueUrl="q", MessageBody="b"),
        {"Type": "Task", "Resource": "arn:aws:lambda:us-east-2:000000000000:function:f", "End": True},
        {"Type": "Task", "Resource": "arn:aws:states:us-east-2:000000000000:activity:a", "End": True},
    ],
    ids=["token", "function", "activity"],
)
def test_whoever_answers_a_token_or_a_call_returns_what_it_likes(state: dict[str, Any]) -> None:
    assert tried(state, mock=returned(["any", 1]))["output"] == ["any", 1]


def test_a_result_is_json_in_every_mode() -> None:
    message = refused(START, mock={"result": "three", "fieldValidationMode": "NONE"})
    assert message == "Mocked result must be valid JSON"
    assert refused(START, mock=returned([1])) == "Mocked result must be a JSON object."


def test_a_map_returns_an_array_or_the_place_of_its_results() -> None:
    state = {"Type": "Map", "ItemProcessor": BRANCH, "End": True}
    assert refused(state, [1], mock=returned({})) == "Mocked result must be an array."
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b", "Prefix": "p"}}
    config = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
    written = state | {"ItemProcessor": {**config, **BRANCH}, "ResultWriter": writer}
    assert refused(written, [1], mock=returned([1])) == "Mocked result must be a JSON object."
    assert tried(written, [1], mock=returned({"MapRunArn": "m"}))["output"] == {"MapRunArn": "m"}


def test_a_parallel_returns_an_item_for_each_branch() -> None:
    state = {
        "Type": "Parallel",
        "Branches": [BRANCH, BRANCH | {"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}],
    }
    state["End"] = True
    assert refused(state, mock=returned({})) == "Mocked result must be an array."
    assert refused(state, mock=returned([1])) == (
        "Mocked result must contain the same number of items as number of Parallel branches."
    )
    assert tried(state, mock=returned([1, 2]))["output"] == [1, 2]
