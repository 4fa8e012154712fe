"""The role that bootstrap made for CloudFormation to work with."""

from __future__ import annotations

from botocore.exceptions import ClientError

from covidlake import aws
from covidlake.base import project


def find(environment_name: str) -> str | None:
    """The ARN of an environment's service role; None where there is none, or where the caller may not look.

    A change set without a role keeps the one that the stack already has.
    """
    name = f"{project.stack_name(project.bootstrap_of(environment_name))}-cloudformation"
    try:
        return aws.client("iam").get_role(RoleName=name)["Role"]["Arn"]
    except ClientError as error:
        if aws.is_denied(error) or error.response["Error"]["Code"] == "NoSuchEntity":
            return None
        raise
