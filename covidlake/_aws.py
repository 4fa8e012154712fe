"""boto3 clients of the caller's own account: credentials, region and endpoint come from the environment."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from botocore.config import Config

if TYPE_CHECKING:
    from boto3.session import Session

CONFIG = Config(
    retries={"mode": "standard", "max_attempts": 5}, user_agent_extra="covidlake", max_pool_connections=16
)


@functools.cache
def session() -> Session:
    """The caller's session, made once: a new one re-reads the AWS configuration files."""
    import boto3

    return boto3.session.Session()


@functools.cache
def account() -> str:
    return session().client("sts", config=CONFIG).get_caller_identity()["Account"]


def region() -> str:
    """The caller's region.

    Raises `botocore.exceptions.NoRegionError` when none is configured.
    """
    from botocore.exceptions import NoRegionError

    name = session().region_name
    if not name:
        raise NoRegionError
    return name


def poll_interval(elapsed: float) -> float:
    """Seconds until the next look at something that has been going on for `elapsed` seconds.

    Short at first, so that a short wait ends promptly; two percent of the elapsed time later, at
    most 5 s, so that an hour on AWS stays far below its request limits.
    """
    return min(5.0, max(0.1, 0.02 * elapsed))
