"""Error names and causes of Tasks, as AWS writes them."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from localcloud.step_functions.states import integrations, tokens
from localcloud.step_functions.states.shapes import UnsupportedFieldError
from localcloud.step_functions.states.tasks import errors, s3_objects, sdk_metadata

RAISED = '{"errorMessage": "m", "errorType": "E", "stackTrace": ["x"], "requestId": "r"}'


def test_a_function_s_error_has_aws_s_order_and_spacing() -> None:
    invoked, called = (errors.function_failure(RAISED, spaced=spaced) for spaced in (False, True))
    assert invoked.error == called.error == "E"
    assert invoked.cause == '{"errorMessage":"m","errorType":"E","requestId":"r","stackTrace":["x"]}'
    assert called.cause == '{"errorMessage": "m", "errorType": "E", "requestId": "r", "stackTrace": ["x"]}'
    assert errors.function_failure("no json", spaced=True).error == "Lambda.Unknown"


@pytest.mark.parametrize(
    ("resource", "name", "error", "cause"),
    [
        (
            "sqs:sendMessage",
            "MessageBody",
            "SQS.AmazonSQSException",
            "The request must contain the parameter MessageBody. (Service: AmazonSQS; Status Code: 400; ",
        ),
        (
            "dynamodb:putItem",
            "Item",
            "DynamoDB.AmazonDynamoDBException",
            "1 validation error detected: Value null at 'item' failed to satisfy constraint: Member must not "
            "be null (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ValidationException; ",
        ),
        (
            "aws-sdk:dynamodb:putItem",
            "Item",
            "DynamoDb.DynamoDbException",
            "1 validation error detected: Value null at 'item' failed to satisfy constraint: Member must not "
            "be null (Service: DynamoDb, Status Code: 400, ",
        ),
    ],
)
def test_a_parameter_that_is_null_at_run_time_is_the_service_s_error(
    resource: str, name: str, error: str, cause: str
) -> None:
    raised = ParamValidationError(report=f'Missing required parameter in input: "{name}"')
    failed = errors.parameters_failure(integrations.find(f"arn:aws:states:::{resource}"), raised, {})
    assert failed.error == error
    assert str(failed.cause).startswith(cause)


def test_a_field_that_no_service_has_is_a_runtime_error() -> None:
    raised = UnsupportedFieldError("The field 'x' is not supported by Step Functions")
    failed = errors.parameters_failure(
        integrations.find("arn:aws:states:::sqs:sendMessage"), raised, {"x": 1}
    )
    assert failed.error == "States.Runtime"
    assert "The Parameters '{\"x\":1}' could not be used to start the Task: [The field 'x'" in str(
        failed.cause
    )


def test_an_answer_s_headers_are_those_of_aws_s_endpoint() -> None:
    given = {
        "ResponseMetadata": {
            "HTTPHeaders": {"content-length": "5", "date": "d", "server": "ours", "x-own": "1"},
            "HTTPStatusCode": 200,
            "RequestId": "r",
        }
    }
    shown = sdk_metadata.of("sqs", given, 0)
    headers = shown["SdkHttpMetadata"]["HttpHeaders"]
    assert headers == {
        "connection": "keep-alive",
        "x-amzn-RequestId": "r",
        "Content-Length": "5",
        "Date": "d",
        "Content-Type": "application/x-amz-json-1.0",
    }
    assert shown["SdkHttpMetadata"]["AllHttpHeaders"] == {name: [value] for name, value in headers.items()}
    assert sdk_metadata.of("sns", given, 0)["SdkHttpMetadata"]["HttpHeaders"]["Content-Type"] == "text/xml"
    assert sdk_metadata.of("lambda", given, 7)["SdkHttpMetadata"]["HttpHeaders"]["X-Amz-Executed-Version"]


def test_an_object_is_encrypted_and_shows_checksums_to_who_asks() -> None:
    output = {"Body": "b", "ChecksumCrc32": "c", "ChecksumType": "t"}
    assert s3_objects.shown("GetObject", output, {}) == {"Body": "b", "ServerSideEncryption": "AES256"}
    written = s3_objects.shown("PutObject", {"ETag": "e"}, {"Body": "text data"})
    assert (written["ChecksumCRC32"], written["ChecksumType"]) == ("KUmHvQ==", "FULL_OBJECT")
    assert "ChecksumCrc32" in s3_objects.shown("GetObject", output, {"ChecksumMode": "ENABLED"})
    assert s3_objects.shown("ListObjectsV2", {"Name": "n"}, {}) == {"Name": "n"}


def test_a_token_is_known_by_its_form() -> None:
    assert tokens.is_token(tokens.new_token("arn:aws:states:us-east-2:000000000000:stateMachine:m"))
    assert not any(tokens.is_token(text) for text in ("", "no token", "ééé", "AAAA", json.dumps({})))


def _client_error(code: str, message: str) -> ClientError:
    metadata = {"HTTPStatusCode": 404, "RequestId": "r", "HTTPHeaders": {"x-amz-id-2": "host"}}
    answer = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata}
    return ClientError(answer, "Any")  # type: ignore[arg-type]


def test_an_absent_function_is_named_with_the_version_that_was_asked_for() -> None:
    found = "Function not found: arn:aws:lambda:us-east-2:000000000000:function:f"
    invoke = integrations.find("arn:aws:states:::lambda:invoke")
    for message, shown in ((found, f"{found}:$LATEST"), (f"{found}:3", f"{found}:3")):
        failed = errors.api_failure(invoke, _client_error("ResourceNotFoundException", message))
        assert str(failed.cause).startswith(f"{shown} (Service: AWSLambda; ")


def test_a_cause_of_s3_has_the_id_of_its_host() -> None:
    get = integrations.find("arn:aws:states:::aws-sdk:s3:getObject")
    failed = errors.api_failure(get, _client_error("NoSuchKey", "gone"))
    assert str(failed.cause).endswith("Request ID: r, Extended Request ID: host)")
