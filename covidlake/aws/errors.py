"""What botocore and boto3 raise, as one line each: what happened, to whom, and a hint."""

from __future__ import annotations

import re
from collections.abc import Callable

from boto3.exceptions import Boto3Error
from botocore import exceptions as aws
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from covidlake.aws import retries
from covidlake.aws.clients import DENIED_CODES
from covidlake.base.errors import CloudError, CovidLakeError, CredentialsError, WrongTargetError

LAPTOP_HINT = 'for the laptop: make up && eval "$(.venv/bin/covidlake local env)"'
SIGN_IN = "sign in again (aws sso login, aws login, or fresh credentials of the role)"
SKEW = "set this machine's clock: AWS takes a difference of 5 minutes at most"

EXPIRED_CODES = {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
UNKNOWN_CODES = {
    "AuthFailure",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidToken",
    "MissingAuthenticationToken",
    "UnrecognizedClientException",
}
SKEW_CODES = {"RequestInTheFuture", "RequestTimeTooSkewed"}
SIGNATURE_CODES = {"IncompleteSignature", "InvalidSignatureException", "SignatureDoesNotMatch"}
REGION_CODES = {
    "301",
    "AuthorizationHeaderMalformed",
    "IllegalLocationConstraintException",
    "OptInRequired",
    "PermanentRedirect",
}
DENIED = re.compile(
    r"(?:User: )?(?P<principal>arn:\S+) is not authorized to perform: (?P<action>[\w:*-]+)"
    r"(?: on resource: (?P<resource>\S+))?(?P<reason> because .*| with an explicit deny.*)?"
)
INVALID_ENDPOINT = "Invalid endpoint: "  # how botocore's ValueError begins


def from_aws(error: BaseException) -> CovidLakeError | None:
    """Translate an exception of botocore or boto3 into ours; None for any other."""
    if isinstance(error, ClientError):
        return _from_answer(error)
    if isinstance(error, BotoCoreError):
        return next(make(error) for kind, make in TRANSLATIONS if isinstance(error, kind))
    if isinstance(error, Boto3Error):  # a transfer wraps what really happened
        cause = error.__cause__ or error.__context__
        return (from_aws(cause) if cause else None) or CloudError(_line(error))
    if isinstance(error, ResponseParserError):
        return CloudError(
            f"this is not an answer of AWS: check AWS_ENDPOINT_URL; {LAPTOP_HINT}; {_line(error)[:200]}"
        )
    if isinstance(error, ValueError) and str(error).startswith(INVALID_ENDPOINT):
        return CloudError(
            f"{_line(error)} is not an address: correct AWS_ENDPOINT_URL, or unset it; {LAPTOP_HINT}"
        )
    return None


def _line(error: BaseException | str) -> str:
    return " ".join(str(error).split()).rstrip(". ")


def _from_answer(error: ClientError) -> CovidLakeError:
    """What AWS answered."""
    details = error.response.get("Error", {})
    code, message = str(details.get("Code", "")), _line(details.get("Message") or "no message")
    text = f"{error.operation_name}: {code}: {message}"
    if code in EXPIRED_CODES:
        return CredentialsError(f"the AWS credentials have expired: {SIGN_IN}; {text}")
    if code in SKEW_CODES or (code in SIGNATURE_CODES and _is_about_time(message)):
        return CredentialsError(f"the request's time is wrong: {SKEW}; {text}")
    if code in SIGNATURE_CODES:
        return CredentialsError(
            f"the secret access key does not fit its access key: correct it, or {SIGN_IN}; {text}"
        )
    if code in UNKNOWN_CODES:
        return CredentialsError(f"AWS does not know these credentials: {SIGN_IN}, or {LAPTOP_HINT}; {text}")
    if code in DENIED_CODES:
        return CredentialsError(_denied(error.operation_name, code, message))
    if retries.is_throttling(details):
        return CloudError(
            f"AWS is still throttling after {_attempts(error)}: wait a minute, then again; {text}"
        )
    if code in REGION_CODES:
        return WrongTargetError(f"wrong region: set AWS_DEFAULT_REGION to the right one; {text}")
    if _status(error) >= 500:
        return CloudError(f"AWS itself failed, also after {_attempts(error)}: try again later; {text}")
    return CloudError(text)


def _is_about_time(message: str) -> bool:
    return "expired" in message.lower() or "not yet current" in message.lower()


def _denied(operation: str, code: str, message: str) -> str:
    found = DENIED.search(message)
    if not found:
        return f"{operation}: {code}: {message}: give the caller the permission, or {SIGN_IN} as another"
    resource = f" on {found['resource'].rstrip('.,')}" if found["resource"] else ""
    reason = (found["reason"] or "").rstrip(". ")
    return (
        f"{operation}: {code}: {found['principal']} may not {found['action']}{resource}{reason}: "
        f"give it that permission, or sign in as another"
    )


def _attempts(error: ClientError) -> str:
    count = error.response.get("ResponseMetadata", {}).get("RetryAttempts", 0) + 1
    return f"{count} attempts" if count > 1 else "1 attempt"


def _status(error: ClientError) -> int:
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)


def _credentials(hint: str) -> Callable[[BotoCoreError], CovidLakeError]:
    return lambda error: CredentialsError(f"{_line(error)}: {hint}")


def _cloud(hint: str) -> Callable[[BotoCoreError], CovidLakeError]:
    return lambda error: CloudError(f"{_line(error)}: {hint}")


SSO_HINT = "sign in with: aws sso login (with --profile when you use one)"
REACH_HINT = f"check the network and AWS_ENDPOINT_URL; {LAPTOP_HINT}"
REGION_HINT = "set AWS_DEFAULT_REGION to a region such as us-east-2"

# The first that fits counts: a class comes before those it inherits from.
TRANSLATIONS: tuple[
    tuple[type[BotoCoreError] | tuple[type[BotoCoreError], ...], Callable[[BotoCoreError], CovidLakeError]],
    ...,
] = (
    (aws.NoRegionError, lambda _: CredentialsError(f"no AWS region: set AWS_DEFAULT_REGION; {LAPTOP_HINT}")),
    (
        (aws.NoCredentialsError, aws.NoAuthTokenError),
        lambda _: CredentialsError(f"no AWS credentials: sign in to AWS, or {LAPTOP_HINT}"),
    ),
    (aws.PartialCredentialsError, _credentials(f"set both halves of the key, or {LAPTOP_HINT}")),
    ((aws.SSOError, aws.TokenRetrievalError), _credentials(SSO_HINT)),
    (aws.LoginError, _credentials("sign in with: aws login")),
    (aws.ProfileNotFound, _credentials("correct AWS_PROFILE, or add the profile with: aws configure sso")),
    ((aws.ConfigParseError, aws.ConfigNotFound), _credentials("correct the file, or unset AWS_CONFIG_FILE")),
    (aws.InvalidConfigError, _credentials("correct the profile in the AWS configuration file")),
    (
        (aws.CredentialRetrievalError, aws.MetadataRetrievalError, aws.RefreshWithMFAUnsupportedError),
        _credentials(SIGN_IN),
    ),
    ((aws.InvalidRegionError, aws.UnknownRegionError), _credentials(REGION_HINT)),
    (
        (aws.UnknownEndpointError, aws.EndpointProviderError, aws.EndpointVariantError),
        _cloud(f"{REGION_HINT}, and check AWS_ENDPOINT_URL"),
    ),
    (
        aws.SSLError,
        _cloud("check the certificates (AWS_CA_BUNDLE) and whether AWS_ENDPOINT_URL is http or https"),
    ),
    (
        (aws.ProxyConnectionError, aws.InvalidProxiesConfigError),
        _cloud("check HTTPS_PROXY, HTTP_PROXY and NO_PROXY"),
    ),
    (aws.ReadTimeoutError, _cloud("the cloud answers too slowly; try again")),
    (
        (aws.ConnectionError, aws.HTTPClientError),
        lambda error: CloudError(f"cannot reach the cloud: {_line(error)}: {REACH_HINT}"),
    ),
    (BotoCoreError, lambda error: CloudError(_line(error))),
)
