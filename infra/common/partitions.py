"""What differs between AWS's partitions: the public regions, China, and GovCloud in the United States.

A stack in another one fails at once, for want of an entry in the mapping.
"""

from __future__ import annotations

from typing import Any

from troposphere import FindInMap, Partition, Sub, Template

ARN, OWN_ARN = "arn:aws:", "arn:${AWS::Partition}:"
MAPPING = "Partitions"
CONSOLES = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}


def add_partitions(template: Template) -> None:
    template.add_mapping(MAPPING, {name: {"Console": host} for name, host in CONSOLES.items()})


def console() -> FindInMap:
    """The host of the AWS console, which follows the region in an address."""
    return FindInMap(MAPPING, Partition, "Console")


def own_arns(definition: Any) -> Any:
    """A state machine whose tasks are those of the stack's partition: one of another does not run there."""
    if isinstance(definition, dict):
        return {key: own_arns(value) for key, value in definition.items()}
    if isinstance(definition, list):
        return [own_arns(value) for value in definition]
    if isinstance(definition, str) and definition.startswith(ARN):
        return Sub(OWN_ARN + definition.removeprefix(ARN))
    return definition


def public_arns(definition: Any) -> Any:
    """A template's state machine as it is in AWS's public regions: what tools read that know no function."""
    if isinstance(definition, dict):
        text = definition.get("Fn::Sub")
        if isinstance(text, str) and text.startswith(OWN_ARN):
            return ARN + text.removeprefix(OWN_ARN)
        return {key: public_arns(value) for key, value in definition.items()}
    return [public_arns(value) for value in definition] if isinstance(definition, list) else definition
