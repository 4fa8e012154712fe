"""boto3 clients of the caller's own account: credentials, region and endpoint come from the environment."""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING

from botocore.config import Config

from covidlake import _retries
from covidlake._errors import WrongTargetError

if TYPE_CHECKING:
    from boto3.session import Session
    from botocore.exceptions import ClientError

    from covidlake.environment_file import Environment

ACCOUNT_TAG, REGION_TAG = "covidlake:account", "covidlake:region"

# Lost connections and server errors end after four attempts, so that a cloud that is down is told soon;
# throttling is retried longer, by `_retries`.
CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 4},
    user_agent_extra="covidlake",
    max_pool_connections=16,
)


@functools.cache
def session() -> Session:
    """The caller's session, made once: a new one re-reads the AWS configuration files."""
    import boto3

    # AWS's other SDKs and its CLI read AWS_REGION, which boto3 does not.
    made = boto3.session.Session(region_name=os.environ.get("AWS_REGION") or None)
    _retries.install(made)
    return made


@functools.cache
def _identity() -> tuple[str, str]:
    # The region by name: without one, the call would go to the global endpoint.
    found = session().client("sts", region_name=region(), config=CONFIG).get_caller_identity()
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
    """What the names of AWS's hosts end in where the caller's region is: `amazonaws.com.cn` in China."""
    from botocore.loaders import create_loader

    partition = session().get_partition_for_region(region())
    known = create_loader().load_data("partitions")["partitions"]
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


def check_target(environment: Environment) -> None:
    """Compare the caller's account and region with the ones that the environment file pins, if any.

    The pins are its tags `covidlake:account` and `covidlake:region`; several values are parted by spaces.
    Raises `WrongTargetError`; nothing is called for a file without pins.
    """
    from covidlake import _project

    where = _project.relative(environment.path)
    for tag, actual, cure in (
        (REGION_TAG, region, "set AWS_DEFAULT_REGION"),
        (ACCOUNT_TAG, account, "sign in to that account"),
    ):
        pinned = environment.tags.get(tag, "").split()
        if pinned and actual() not in pinned:
            noun = tag.partition(":")[2]
            raise WrongTargetError(
                f"{where} is for {noun} {' or '.join(pinned)}, but the credentials and settings in use are "
                f"for {noun} {actual()}: {cure}, or correct its tag {tag}"
            )


def message(error: ClientError) -> str:
    """What AWS said, in one line; empty when it said nothing."""
    return " ".join((error.response["Error"].get("Message") or "").split())


def poll_interval(elapsed: float) -> float:
    """Seconds until the next look at something that has been going on for `elapsed` seconds.

    Short at first, so that a short wait ends promptly; two percent of the elapsed time later, at
    most 5 s, so that an hour on AWS stays far below its request limits.
    """
    return min(5.0, max(0.1, 0.02 * elapsed))
