"""The permissions boundary that `covidlake bootstrap` made for an environment, if it did.

A parameter file leaves PermissionsBoundary empty, so that it fits a laptop without a bootstrap and an account
with one: deploy and plan fill it in by looking.
"""

from __future__ import annotations

from botocore.exceptions import ClientError

from covidlake import aws
from covidlake.base import project
from covidlake.environment.environment_file import Environment

PARAMETER = "PermissionsBoundary"


def policy_name(environment: str) -> str:
    return f"{project.stack_name(project.bootstrap_of(environment))}-boundary"


def policy_arn(environment: str) -> str:
    return f"arn:{aws.partition()}:iam::{aws.account()}:policy/{policy_name(environment)}"


def find(environment: str) -> str:
    """The name of the environment's boundary; empty when there is none."""
    iam = aws.client("iam")
    try:
        iam.get_policy(PolicyArn=policy_arn(environment))
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchEntity":
            return ""
        raise
    return policy_name(environment)


def parameters(environment: Environment) -> dict[str, str]:
    """The environment's parameters, with its boundary where the file leaves that open."""
    if environment.parameters.get(PARAMETER) != "":
        return dict(environment.parameters)
    return {**environment.parameters, PARAMETER: find(environment.name)}
