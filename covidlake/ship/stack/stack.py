"""A stack as the verbs see it: its status, its outputs, its first failure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from covidlake import aws
from covidlake.base import project
from covidlake.base.errors import CloudError, StackNotFoundError
from covidlake.environment import environment_file

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef


class Outputs(dict[str, str]):
    """Outputs by name; one that a pipeline's template does not have is an error in plain words."""

    def __missing__(self, name: str) -> str:
        raise CloudError(f"the stack has no output {name}: its pipeline is not made for this command")


@dataclass(frozen=True)
class Stack:
    name: str
    status: str
    outputs: dict[str, str]


def describe(name: str) -> StackTypeDef | None:
    """The stack as CloudFormation describes it; None when there is none."""
    try:
        return aws.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in aws.message(error):
            return None
        raise


def find(environment: str) -> Stack:
    """The deployed stack of an environment.

    Raises `StackNotFoundError` when it is absent or was only reviewed, never deployed, and
    `EnvironmentFileError` when no file has the environment's name either.
    """
    name = project.stack_name(environment)
    found = describe(name)
    if found is None or found["StackStatus"] == "REVIEW_IN_PROGRESS":
        environment_file.load(environment)  # an unknown name is what is wrong then, not the stack
        raise StackNotFoundError(
            f"stack {name} does not exist in region {aws.region()}: "
            f"deploy it with: covidlake deploy {environment}"
        )
    outputs = Outputs((item["OutputKey"], item["OutputValue"]) for item in found.get("Outputs", []))
    return Stack(name, found["StackStatus"], outputs)
