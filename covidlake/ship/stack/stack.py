"""A stack as CloudFormation describes it: its status, outputs, parameters, tags and resources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from covidlake import aws
from covidlake.base import project
from covidlake.base.errors import CloudError, StackNotFoundError
from covidlake.environment import environment_file

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackResourceSummaryTypeDef, StackTypeDef


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
    return Stack(name, found["StackStatus"], outputs_of(found))


def resources(name: str) -> list[StackResourceSummaryTypeDef]:
    """The resources of a stack, all pages; those that are gone and those that were kept as well."""
    pages = aws.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=name)
    return [resource for page in pages for resource in page["StackResourceSummaries"]]


def outputs_of(found: StackTypeDef | None) -> Outputs:
    given = found.get("Outputs", []) if found else []
    return Outputs((item["OutputKey"], item["OutputValue"]) for item in given)


def parameters_of(found: StackTypeDef | None) -> dict[str, str]:
    given = found.get("Parameters", []) if found else []
    return {item["ParameterKey"]: item.get("ParameterValue", "") for item in given}


def tags_of(found: StackTypeDef | None) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in found.get("Tags", [])} if found else {}
