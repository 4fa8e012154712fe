"""The templates in China and in GovCloud: no ARN and no address of AWS's public regions is left in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from infra.bootstrap.template import build_template as build_bootstrap
from infra.common import partitions
from infra.common.pipeline import template_json
from infra.ingestion.states import definition
from tests.unit.infra.intrinsics import resolve

PSEUDO = {
    "aws-cn": {"AWS::Region": "cn-north-1", "AWS::URLSuffix": "amazonaws.com.cn"},
    "aws-us-gov": {"AWS::Region": "us-gov-west-1", "AWS::URLSuffix": "amazonaws.com"},
}
# These services have one principal in all partitions, as AWS's CDK knows them
# (aws-cdk-lib/region-info); logs has the only one here that ends in the partition's own suffix.
UNIVERSAL = {
    f"{service}.amazonaws.com"
    for service in (
        *("cloudformation", "cloudwatch", "delivery.logs", "events", "glue", "lambda", "rds", "sns"),
        "states",
    )
}
# GitHub's token is made for this audience unless a workflow asks for another one.
AUDIENCE = {"sts.amazonaws.com"}


def names(template: dict[str, Any]) -> dict[str, str]:
    """A value for whatever a template refers to, that names no partition."""
    text = json.dumps(template)
    attributes = [".".join(pair) for pair in re.findall(r'"Fn::GetAtt": \["(\w+)", "(\w+)"\]', text)]
    substituted = re.findall(r"\$\{([\w.:]+)\}", text)
    own = [*template.get("Parameters", {}), *template["Resources"], *attributes, *substituted]
    return {name: f"<{name}>" for name in [*own, "AWS::StackName", "AWS::StackId"]}


def rendered(template: dict[str, Any], partition: str) -> dict[str, Any]:
    """What CloudFormation makes of a template, with each of its conditions true."""
    values = {**names(template), "AWS::Partition": partition, **PSEUDO[partition]}
    parts = {name: template.get(name, {}) for name in ("Resources", "Outputs")}
    conditions = dict.fromkeys(template.get("Conditions", {}), True)
    result: dict[str, Any] = resolve(_without_conditions(parts), values, conditions)
    return result


def _without_conditions(parts: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {title: {**one, "Condition": None} for title, one in part.items()}
        for name, part in parts.items()
    }


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, str):
        yield value


def foreign(template: dict[str, Any], partition: str) -> set[str]:
    """The texts that belong to the public regions."""
    suffix = PSEUDO[partition]["AWS::URLSuffix"]
    found = set()
    for text in texts(rendered(template, partition)):
        if text in UNIVERSAL | AUDIENCE or "role/aws-service-role/" in text:
            continue
        address = re.search(r"amazonaws\.com(?!\.cn)", text) and suffix != "amazonaws.com"
        if "arn:aws:" in text or "console.aws.amazon" in text or address:
            found.add(text)
    return found


@pytest.mark.parametrize("partition", sorted(PSEUDO))
def test_nothing_of_the_public_regions_is_in_the_stack(template: dict[str, Any], partition: str) -> None:
    assert foreign(template, partition) == set()


@pytest.mark.parametrize("partition", sorted(PSEUDO))
def test_nothing_of_the_public_regions_is_in_the_bootstrap(partition: str) -> None:
    assert foreign(json.loads(template_json(build_bootstrap())), partition) == set()


def test_links_and_tasks_are_those_of_the_partition(template: dict[str, Any]) -> None:
    china = rendered(template, "aws-cn")
    link = china["Outputs"]["ExecutionsLink"]["Value"]
    assert link.startswith("https://cn-north-1.console.amazonaws.cn/states/home?region=cn-north-1#/")
    machine = china["Resources"]["StateMachine"]["Properties"]
    assert machine["DefinitionSubstitutions"]["Console"] == "console.amazonaws.cn"
    resources = set(re.findall(r'"(arn:[^"]*:states:::[^"]*)"', json.dumps(machine["Definition"])))
    assert len(resources) > 4
    assert all(arn.startswith("arn:aws-cn:states:::") for arn in resources)


def test_tools_read_the_machine_as_it_was_written() -> None:
    made = json.loads(json.dumps(partitions.own_arns(definition()), default=lambda one: one.to_dict()))
    assert made != definition()
    assert partitions.public_arns(made) == definition()
