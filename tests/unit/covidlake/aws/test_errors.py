"""What botocore raises and AWS answers becomes one line with a hint."""

from __future__ import annotations

import pytest
from boto3.exceptions import S3UploadFailedError
from botocore import exceptions as aws
from botocore.exceptions import ClientError

from covidlake.aws.errors import from_aws
from covidlake.base.errors import (
    CloudError,
    CovidLakeError,
    CredentialsError,
    WrongTargetError,
)

ROLE = "arn:aws:sts::111122223333:assumed-role/covid-lake-dev-plan/run"


def answered(code: str, message: str = "not\nthis  way", status: int = 400, retries: int = 0) -> ClientError:
    """What a client raises for an error answer of AWS."""
    return ClientError(
        {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {"HTTPStatusCode": status, "RetryAttempts": retries},
        },
        "DescribeStacks",
    )


def transfer_error(cause: Exception) -> Exception:
    """What boto3's transfers make of an error."""
    try:
        try:
            raise cause
        except ClientError as error:
            raise S3UploadFailedError("Failed to upload x") from error
    except S3UploadFailedError as error:
        return error


NOT_AUTHORIZED = f"User: {ROLE} is not authorized to perform: cloudformation:DescribeStacks"


STACK_ARN = "arn:aws:cloudformation:us-east-2:111122223333:stack/covid-lake-dev/*"


ANSWERS: list[tuple[ClientError, type[CovidLakeError], list[str]]] = [
    (answered("ValidationError"), CloudError, ["DescribeStacks: ValidationError: not this way"]),
    (answered("ExpiredToken"), CredentialsError, ["have expired: sign in again", "ExpiredToken"]),
    (answered("ExpiredTokenException"), CredentialsError, ["have expired: sign in again"]),
    (answered("RequestExpired"), CredentialsError, ["have expired"]),
    (answered("InvalidClientTokenId", status=403), CredentialsError, ["does not know these credentials"]),
    (answered("UnrecognizedClientException"), CredentialsError, ["does not know these", "make up"]),
    (answered("InvalidAccessKeyId"), CredentialsError, ["does not know these credentials"]),
    (
        answered("SignatureDoesNotMatch", "The request signature we calculated does not match"),
        CredentialsError,
        ["secret access key does not fit"],
    ),
    (
        answered("SignatureDoesNotMatch", "Signature expired: 20260101T000000Z is now earlier than ..."),
        CredentialsError,
        ["set this machine's clock"],
    ),
    (
        answered("InvalidSignatureException", "Signature not yet current: 20260101T000000Z is still later"),
        CredentialsError,
        ["set this machine's clock"],
    ),
    (answered("RequestTimeTooSkewed", status=403), CredentialsError, ["set this machine's clock"]),
    (
        answered(
            "AccessDenied",
            f"{NOT_AUTHORIZED} on resource: {STACK_ARN} because no identity-based policy "
            "allows the cloudformation:DescribeStacks action",
            403,
        ),
        CredentialsError,
        [
            f"{ROLE} may not cloudformation:DescribeStacks on {STACK_ARN} because no identity-based policy",
            "give it that permission",
        ],
    ),
    (
        answered(
            "AccessDeniedException", f"{NOT_AUTHORIZED} with an explicit deny in a permissions boundary"
        ),
        CredentialsError,
        [f"{ROLE} may not cloudformation:DescribeStacks with an explicit deny in a permissions boundary"],
    ),
    (
        answered("AccessDenied", NOT_AUTHORIZED),
        CredentialsError,
        [f"{ROLE} may not cloudformation:DescribeStacks: give it that permission"],
    ),
    (
        answered("403", "Forbidden", 403),
        CredentialsError,
        ["DescribeStacks: 403: Forbidden: give the caller"],
    ),
    (
        answered("Throttling", "Rate exceeded", retries=9),
        CloudError,
        ["still throttling after 10 attempts: wait a minute", "Rate exceeded"],
    ),
    (answered("ValidationError", "Rate exceeded"), CloudError, ["still throttling after 1 attempt:"]),
    (answered("PermanentRedirect", status=301), WrongTargetError, ["wrong region: set AWS_DEFAULT_REGION"]),
    (answered("AuthorizationHeaderMalformed"), WrongTargetError, ["wrong region"]),
    (answered("IllegalLocationConstraintException"), WrongTargetError, ["wrong region"]),
    (answered("OptInRequired", status=403), WrongTargetError, ["wrong region"]),
    (
        answered("InternalFailure", status=500, retries=3),
        CloudError,
        ["AWS itself failed, also after 4 attempts"],
    ),
    (answered("503", "Service Unavailable", 503), CloudError, ["try again later"]),
]


@pytest.mark.parametrize(("error", "expected", "said"), ANSWERS)
def test_what_aws_answers_becomes_one_line(
    error: ClientError, expected: type[CovidLakeError], said: list[str]
) -> None:
    check(error, expected, said)


URL = "http://127.0.0.1:1"


RAISED: list[tuple[Exception, type[CovidLakeError], list[str]]] = [
    (aws.NoRegionError(), CredentialsError, ["set AWS_DEFAULT_REGION"]),
    (aws.NoCredentialsError(), CredentialsError, ["sign in to AWS", "make up"]),
    (aws.NoAuthTokenError(), CredentialsError, ["sign in to AWS"]),
    (
        aws.PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"),
        CredentialsError,
        ["missing: AWS_SECRET_ACCESS_KEY", "both halves"],
    ),
    (
        aws.TokenRetrievalError(provider="sso", error_msg="Token has expired and refresh failed"),
        CredentialsError,
        ["Token has expired", "aws sso login"],
    ),
    (
        aws.SSOTokenLoadError(error_msg="no token for x"),
        CredentialsError,
        ["no token for x", "aws sso login"],
    ),
    (aws.UnauthorizedSSOTokenError(), CredentialsError, ["aws sso login"]),
    (aws.LoginRefreshRequired(), CredentialsError, ["aws login"]),
    (aws.ProfileNotFound(profile="nobody"), CredentialsError, ["(nobody)", "correct AWS_PROFILE"]),
    (aws.ConfigParseError(path="a/config"), CredentialsError, ["a/config", "correct the file"]),
    (aws.ConfigNotFound(path="a/config"), CredentialsError, ["a/config", "AWS_CONFIG_FILE"]),
    (
        aws.InvalidConfigError(error_msg="The source profile x must have credentials"),
        CredentialsError,
        ["source profile x", "correct the profile"],
    ),
    (
        aws.CredentialRetrievalError(provider="custom-process", error_msg="exit code 1"),
        CredentialsError,
        ["custom-process: exit code 1", "sign in again"],
    ),
    (aws.RefreshWithMFAUnsupportedError(), CredentialsError, ["sign in again"]),
    (aws.InvalidRegionError(region_name="us east 2"), CredentialsError, ["us east 2", "AWS_DEFAULT_REGION"]),
    (
        aws.UnknownEndpointError(service_name="athena", region_name="x"),
        CloudError,
        ["athena", "AWS_DEFAULT_REGION"],
    ),
    (aws.SSLError(endpoint_url=URL, error="CERTIFICATE_VERIFY_FAILED"), CloudError, ["AWS_CA_BUNDLE", URL]),
    (aws.ProxyConnectionError(proxy_url="http://proxy:3128"), CloudError, ["proxy:3128", "HTTPS_PROXY"]),
    (aws.ReadTimeoutError(endpoint_url=URL), CloudError, ["too slowly", URL]),
    (aws.ConnectTimeoutError(endpoint_url=URL), CloudError, ["cannot reach the cloud", URL]),
    (aws.EndpointConnectionError(endpoint_url=URL), CloudError, ["cannot reach the cloud", URL, "make up"]),
    (aws.ConnectionClosedError(endpoint_url=URL), CloudError, ["cannot reach the cloud", URL]),
    (aws.HTTPClientError(error="reset"), CloudError, ["cannot reach the cloud", "reset"]),
    (
        ValueError("Invalid endpoint: localhost"),
        CloudError,
        ["localhost is not an address", "AWS_ENDPOINT_URL"],
    ),
    (aws.BotoCoreError(), CloudError, ["unspecified error"]),
    (transfer_error(answered("ExpiredToken")), CredentialsError, ["have expired"]),
    (S3UploadFailedError("Failed to upload x"), CloudError, ["Failed to upload x"]),
]


@pytest.mark.parametrize(("error", "expected", "said"), RAISED)
def test_what_botocore_raises_becomes_one_line(
    error: Exception, expected: type[CovidLakeError], said: list[str]
) -> None:
    check(error, expected, said)


def check(error: Exception, expected: type[CovidLakeError], said: list[str]) -> None:
    translated = from_aws(error)
    assert type(translated) is expected
    for words in said:
        assert words in str(translated)
    assert "\n" not in str(translated)
    assert "  " not in str(translated)


def all_of_botocore(kind: type[BaseException] = aws.BotoCoreError) -> list[type[BaseException]]:
    return [kind, *(one for child in kind.__subclasses__() for one in all_of_botocore(child))]


@pytest.mark.parametrize("kind", all_of_botocore())
def test_each_exception_of_botocore_has_a_translation(kind: type[BaseException]) -> None:
    raised = kind.__new__(kind)
    raised.args = ("what\nhappened",)
    assert isinstance(raised, Exception)
    assert str(from_aws(raised)).count("what happened") <= 1
    assert isinstance(from_aws(raised), CloudError)


def test_a_bug_is_not_translated() -> None:
    assert from_aws(ValueError("x")) is None
