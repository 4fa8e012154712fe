"""boto3 clients of the caller's own account: credentials, region and endpoint come from the environment."""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING, Any, Literal, overload

from botocore.config import Config

from covidlake.aws import retries

if TYPE_CHECKING:
    from boto3.session import Session
    from botocore.exceptions import ClientError
    from botocore.loaders import Loader
    from mypy_boto3_athena import AthenaClient
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient
    from mypy_boto3_sts import STSClient


# Four attempts for lost connections and server errors, so that a cloud that is down is reported soon.
# Throttling is retried longer: see `retries`.
CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 4},
    user_agent_extra="covidlake",
    max_pool_connections=16,
)

DENIED_CODES = {"403", "AccessDenied", "AccessDeniedException", "Forbidden", "UnauthorizedOperation"}


@functools.cache
def session() -> Session:
    """The caller's session, made once: a new one re-reads the AWS configuration files."""
    import boto3
    import botocore.session

    core = botocore.session.get_session()
    core.register_component("data_loader", _loader(core.get_config_variable("data_path")))
    # AWS's other SDKs and its CLI read AWS_REGION, which boto3 does not.
    made = boto3.session.Session(region_name=os.environ.get("AWS_REGION") or None, botocore_session=core)
    retries.install(made)
    return made


@functools.cache
def _loader(data_path: str | None) -> Loader:
    """Reads the models of AWS's services, megabytes of JSON, once for all sessions of this process."""
    from botocore.loaders import create_loader

    return create_loader(data_path)


@overload
def client(service: Literal["athena"]) -> AthenaClient: ...
@overload
def client(service: Literal["cloudformation"]) -> CloudFormationClient: ...
@overload
def client(service: Literal["glue"]) -> GlueClient: ...
@overload
def client(service: Literal["iam"]) -> IAMClient: ...
@overload
def client(service: Literal["ec2", "kms", "rds", "secretsmanager"]) -> Any: ...
@overload
def client(service: Literal["logs"]) -> CloudWatchLogsClient: ...
@overload
def client(service: Literal["s3"]) -> S3Client: ...
@overload
def client(service: Literal["sns"]) -> SNSClient: ...
@overload
def client(service: Literal["sqs"]) -> SQSClient: ...
@overload
def client(service: Literal["stepfunctions"]) -> SFNClient: ...
@overload
def client(service: Literal["sts"]) -> STSClient: ...
def client(service: str) -> Any:
    """The one client of a service that this process uses, made at its first use."""
    return _client(service)


@functools.cache
def _client(service: str) -> Any:
    untyped: Any = session()
    return untyped.client(service, config=CONFIG)


def forget() -> None:
    """Drop the session, its clients and the caller's identity, so that another account can be used."""
    for cached in (session, _client, _identity, account):
        cached.cache_clear()


@functools.cache
def _identity() -> tuple[str, str]:
    # Without a region, the call would go to the global endpoint.
    region()
    found = client("sts").get_caller_identity()
    return found["Account"], found["Arn"]


@functools.cache
def account() -> str:
    return _identity()[0]


def caller() -> str:
    """The ARN of who calls: a user, or a role with the name of its session."""
    return _identity()[1]


def partition() -> str:
    """`aws`, `aws-cn` or `aws-us-gov`: the part of every ARN that depends on where the account is."""
    return caller().split(":")[1]


def dns_suffix() -> str:
    """The end of AWS's host names in the caller's partition: `amazonaws.com.cn` in China."""
    partition = session().get_partition_for_region(region())
    known = _loader(None).load_data("partitions")["partitions"]
    return next(str(one["outputs"]["dnsSuffix"]) for one in known if one["id"] == partition)


def region() -> str:
    """The caller's region.

    Raises `botocore.exceptions.NoRegionError` when none is configured.
    """
    from botocore.exceptions import NoRegionError

    name = session().region_name
    if not name:
        raise NoRegionError
    return name


def message(error: ClientError) -> str:
    """What AWS said, in one line; empty when it said nothing."""
    return " ".join((error.response["Error"].get("Message") or "").split())


def is_denied(error: ClientError) -> bool:
    """Whether the caller has no permission, under any of the codes that AWS has for it."""
    return error.response["Error"].get("Code", "") in DENIED_CODES


def poll_interval(elapsed: float) -> float:
    """Seconds until the next poll of an operation that has run for `elapsed` seconds.

    Short at first, so that a short wait ends promptly; two percent of the elapsed time later, at
    most 5 s, so that an hour on AWS stays far below its request limits.
    """
    return min(5.0, max(0.1, 0.02 * elapsed))
