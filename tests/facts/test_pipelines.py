"""What the roles of an environment may do with the stacks of its other pipelines, and with nobody else's."""

from __future__ import annotations

import pytest

from tests.facts import templates
from tests.facts.evaluator import Request, allows
from tests.facts.templates import Case

DEV = Case()
OWN = ["covid-lake-dev", "covid-lake-dev-tiny", "covid-lake-dev-tiny-two"]
OTHERS = [
    "covid-lake-developer",
    "covid-lake-prod",
    "covid-lake-prod-tiny",
    "covid-lake-pr-8",
    "some-dev-tiny",
]
STACKS = [*((stack, True) for stack in OWN), *((stack, False) for stack in OTHERS)]
EACH = pytest.mark.parametrize(("stack", "expected"), STACKS)


def may(role: str, action: str, arn: str, **context: object) -> bool:
    return allows(templates.role_statements(DEV, role), Request(action, arn, dict(context)))


def change_set(kind: str, stack: str, key: str) -> dict[str, str]:
    return {
        "cloudformation:ChangeSetName": f"{kind}-{stack}-1",
        "cloudformation:TemplateUrl": f"https://s3.{DEV.region}.amazonaws.com/{DEV.artifact_bucket}/{key}",
        "cloudformation:RoleArn": DEV.role_arn("cloudformation"),
    }


def arn_of(stack: str) -> str:
    return DEV.arn("cloudformation", f"stack/{stack}/1a2b")


@EACH
def test_a_deployment_is_made_executed_and_undone(stack: str, expected: bool) -> None:
    made = change_set("deploy", stack, f"{stack}/templates/0.json")
    for action in (
        "cloudformation:CreateChangeSet",
        "cloudformation:ExecuteChangeSet",
        "cloudformation:DescribeStacks",
        "cloudformation:RollbackStack",
        "cloudformation:DeleteStack",
    ):
        assert may("deploy", action, arn_of(stack), **made) is expected, action
    events = DEV.arn("cloudformation", f"changeSet/deploy-{stack}-1/1a2b")
    assert may("deploy", "cloudformation:DescribeEvents", events) is expected


@EACH
def test_a_pull_request_plans_and_changes_nothing(stack: str, expected: bool) -> None:
    planned = change_set("plan", stack, f"plans/{stack}/0.json")
    assert may("plan", "cloudformation:CreateChangeSet", arn_of(stack), **planned) is expected
    deployed = change_set("deploy", stack, f"{stack}/templates/0.json")
    for action in ("cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"):
        assert not may("plan", action, arn_of(stack), **deployed)
        assert not may("deploy", action, arn_of(stack), **planned) or action.endswith("ExecuteChangeSet")


@EACH
def test_drift_is_looked_for(stack: str, expected: bool) -> None:
    assert may("drift", "cloudformation:DetectStackDrift", arn_of(stack)) is expected
    assert not may("drift", "cloudformation:DeleteStack", arn_of(stack))


@EACH
def test_each_stack_has_its_part_of_the_artifact_bucket(stack: str, expected: bool) -> None:
    def key(name: str) -> str:
        return DEV.arn("s3", f"{DEV.artifact_bucket}/{name}")

    assert may("deploy", "s3:PutObject", key(f"{stack}/artifacts/0/x.zip")) is expected
    assert may("plan", "s3:PutObject", key(f"plans/{stack}/0.json")) is expected
    assert not may("plan", "s3:PutObject", key(f"{stack}/templates/0.json"))
    assert not may("deploy", "s3:PutObject", key(f"plans/{stack}/0.json"))
    assert may("cloudformation", "s3:GetObject", key(f"{stack}/artifacts/0/x.zip")) is expected
    assert not may("cloudformation", "s3:GetObject", key(f"{stack}/bundles/0/manifest.json"))


@EACH
def test_cloudformation_makes_what_is_named_after_its_stack(stack: str, expected: bool) -> None:
    bounded = {"iam:PermissionsBoundary": DEV.boundary_arn}
    role = DEV.arn("iam", f"role/{stack[:24]}-MachineRole-1A2B")
    assert may("cloudformation", "iam:CreateRole", role, **bounded) is expected
    for action, arn in (
        ("s3:CreateBucket", DEV.arn("s3", f"{stack}-bucket-1a2b")),
        ("states:CreateStateMachine", DEV.arn("states", f"stateMachine:{stack}-machine")),
        ("lambda:CreateFunction", DEV.arn("lambda", f"function:{stack}-hello")),
    ):
        assert may("cloudformation", action, arn) is expected, action
