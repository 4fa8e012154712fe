"""Which account and region an environment is for."""

from __future__ import annotations

from covidlake import aws
from covidlake.base import project
from covidlake.base.errors import WrongTargetError
from covidlake.environment import tags
from covidlake.environment.environment_file import Environment

ACCOUNT_TAG, REGION_TAG = tags.ACCOUNT, tags.REGION


def check_target(environment: Environment) -> None:
    """Compare the caller's account and region with the ones that the environment file pins, if any.

    The pins are its tags `covidlake:account` and `covidlake:region`; several values are parted by spaces.
    Raises `WrongTargetError`; nothing is called for a file without pins.
    """
    where = project.relative(environment.path)
    for tag, actual, hint in (
        (REGION_TAG, aws.region, "set AWS_DEFAULT_REGION"),
        (ACCOUNT_TAG, aws.account, "sign in to that account"),
    ):
        pinned = environment.tags.get(tag, "").split()
        if pinned and actual() not in pinned:
            noun = tag.partition(":")[2]
            raise WrongTargetError(
                f"{where} is for {noun} {' or '.join(pinned)}, but the credentials and settings in use are "
                f"for {noun} {actual()}: {hint}, or correct its tag {tag}"
            )
