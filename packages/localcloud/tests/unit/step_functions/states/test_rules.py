"""The rules of Step Functions that need no cloud: names, shapes, matching, definitions, JSONata."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest

from localcloud.step_functions.states import integrations, jsonata_engine, naming, shapes
from localcloud.step_functions.states.error_matching import matches


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("QueueUrl", "QueueUrl"),
        ("stateMachineArn", "StateMachineArn"),
        ("DBInstanceARN", "DbInstanceARN".replace("ARN", "Arn")),
        ("SSEKMSKeyId", "SsekmsKeyId"),
        ("ETag", "ETag"),
        ("ChecksumCRC32", "ChecksumCRC32"),
        ("DynamoDB", "DynamoDb"),
        ("CloudWatch Logs", "CloudWatchLogs"),
        ("SFN", "Sfn"),
        ("S3", "S3"),
    ],
)
def test_members_are_named_as_in_the_java_sdk(name: str, expected: str) -> None:
    assert naming.java_name(name) == expected


@pytest.mark.parametrize(
    ("resource", "code", "expected"),
    [
        ("aws-sdk:s3:getObject", "NoSuchKey", "S3.NoSuchKeyException"),
        ("aws-sdk:s3:getObject", "AccessDenied", "S3.S3Exception"),
        ("aws-sdk:glue:getCrawler", "EntityNotFoundException", "Glue.EntityNotFoundException"),
        ("aws-sdk:sfn:startExecution", "ExecutionAlreadyExists", "Sfn.ExecutionAlreadyExistsException"),
        ("aws-sdk:dynamodb:getItem", "ResourceNotFoundException", "DynamoDb.ResourceNotFoundException"),
        ("glue:startJobRun.sync", "ConcurrentRunsExceededException", "Glue.ConcurrentRunsExceededException"),
        ("glue:startJobRun", "AccessDeniedException", "Glue.AccessDeniedException"),
        ("glue:startJobRun", "Unheard", "Glue.AWSGlueException"),
        ("lambda:invoke", "TooManyRequestsException", "Lambda.TooManyRequestsException"),
        ("lambda:invoke", "AccessDeniedException", "Lambda.AWSLambdaException"),
        ("athena:startQueryExecution.sync", "ThrottlingException", "Athena.AmazonAthenaException"),
        ("sns:publish", "AuthorizationError", "SNS.AuthorizationErrorException"),
        (
            "states:startExecution",
            "StateMachineDoesNotExist",
            "StepFunctions.StateMachineDoesNotExistException",
        ),
    ],
)
def test_errors_have_the_names_of_aws(resource: str, code: str, expected: str) -> None:
    assert integrations.find(f"arn:aws:states:::{resource}").error_name(code) == expected


@pytest.mark.parametrize(
    "resource",
    [
        "ecs:runTask.sync",
        "glue:startCrawler",
        "lambda:invoke.sync",
        "athena:getQueryResults.sync",
        "aws-sdk:glue:getCrawlr",
        "aws-sdk:nosuch:getThing",
        "aws-sdk:logs:createLogGroup",
        "aws-sdk:glue:startJobRun.sync",
    ],
)
def test_an_unknown_integration_is_refused_by_name(resource: str) -> None:
    with pytest.raises(integrations.UnsupportedIntegrationError, match=f"arn:aws:states:::{resource} is not"):
        integrations.find(f"arn:aws:states:::{resource}")


def _operation(resource: str) -> Any:
    return integrations.find(f"arn:aws:states:::{resource}").operation


def test_a_request_takes_java_names_and_turns_objects_into_text_and_bytes() -> None:
    put = shapes.to_request(
        _operation("aws-sdk:s3:putObject"), {"Bucket": "b", "Key": "k", "Body": {"ü": 1}, "SsekmsKeyId": "id"}
    )
    assert put == {"Bucket": "b", "Key": "k", "Body": '{"ü":1}'.encode(), "SSEKMSKeyId": "id"}
    assert shapes.to_request(_operation("aws-sdk:s3:putObject"), {"Body": "text"}) == {"Body": b'"text"'}
    start = shapes.to_request(
        _operation("aws-sdk:sfn:startExecution"), {"StateMachineArn": "a", "Input": {"x": 1}}
    )
    assert start == {"stateMachineArn": "a", "input": '{"x":1}'}
    assert shapes.to_request(_operation("sqs:sendMessage"), {"DelaySeconds": 5.0}) == {"DelaySeconds": 5}


def test_a_request_with_an_unknown_nested_field_is_refused() -> None:
    with pytest.raises(shapes.UnsupportedFieldError, match="'outputLocation' is not supported"):
        shapes.to_request(
            _operation("athena:startQueryExecution"), {"ResultConfiguration": {"outputLocation": "s3://b/"}}
        )


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [(shapes.iso_stamp, "2026-01-02T03:04:05.678Z"), (shapes.epoch_stamp, 1767323045678)],
)
def test_a_result_has_java_names_text_and_timestamps(stamp: shapes.Stamp, expected: Any) -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, 678000, UTC)
    response = {
        "Body": io.BytesIO(b'{"a": 1}'),
        "LastModified": moment,
        "SSEKMSKeyId": "id",
        "ResponseMetadata": {},
    }
    result = shapes.to_result(_operation("aws-sdk:s3:getObject"), response, stamp)
    assert result == {"Body": '{"a": 1}', "LastModified": expected, "SsekmsKeyId": "id"}


def test_a_time_without_milliseconds_has_no_fraction() -> None:
    assert shapes.iso_stamp(datetime(2026, 1, 2, tzinfo=UTC)) == "2026-01-02T00:00:00Z"


@pytest.mark.parametrize(
    ("error_equals", "error", "expected"),
    [
        (["Busy"], "Busy", True),
        (["Busy"], "Idle", False),
        (["States.ALL"], "Busy", True),
        (["States.ALL"], "States.Timeout", True),
        (["States.ALL"], "States.Runtime", False),
        (["States.Runtime"], "States.Runtime", False),
        (["States.ALL"], "States.DataLimitExceeded", True),
        (["States.TaskFailed"], "States.DataLimitExceeded", False),
        (["States.DataLimitExceeded"], "States.DataLimitExceeded", True),
        (["States.TaskFailed"], "Busy", True),
        (["States.TaskFailed"], "States.TaskFailed", True),
        (["States.TaskFailed"], "States.Timeout", False),
        (["States.TaskFailed"], "States.HeartbeatTimeout", False),
        (["States.Timeout"], "States.HeartbeatTimeout", True),
        (["States.HeartbeatTimeout"], "States.Timeout", False),
    ],
)
def test_retry_and_catch_match_by_the_rules_of_aws(
    error_equals: list[str], error: str, expected: bool
) -> None:
    assert matches(error_equals, error) is expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("$states.input.a + 1", 6),
        ("{'quote': $text, 'none': $states.input.none}", {"quote": 'say "hi"', "none": None}),
        ("$nothing", None),
        ("[1..3]", [1, 2, 3]),
        ("$partition([1,2,3], 2)", [[1, 2], [3]]),
        ("$parse('{\"x\": 1}').x", 1),
        ("10 / 4", 2.5),
        ("$sum([0.5, 0.5])", 1),
        ("$hash('x', 'MD5')", "9dd4e461268c8034f5c8564e155c67a6"),
    ],
)
def test_jsonata_yields_json(expression: str, expected: Any) -> None:
    variables = {"states": {"input": {"a": 5, "none": None}}, "text": 'say "hi"', "nothing": None}
    result = jsonata_engine.evaluate(expression, variables)
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("$states.input.missing", "returned nothing"),
        ("1 + 'a'", "T2002"),
        ("function($x) { $x }", "JSONata"),
    ],
)
def test_jsonata_that_yields_no_json_fails(expression: str, reason: str) -> None:
    with pytest.raises(jsonata_engine.JsonataError, match=reason):
        jsonata_engine.evaluate(expression, {"states": {"input": {}}})
