"""Change sets: what an update of a stack would do, as CloudFormation sees it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from botocore.exceptions import ClientError

from covidlake import _aws, stack
from covidlake._errors import DeployError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import ChangeTypeDef

Kind = Literal["CREATE", "UPDATE"]

UPDATABLE = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE"}
NO_CHANGE = ("didn't contain changes", "No updates are to be performed")


@dataclass(frozen=True)
class ChangeSet:
    """A change set that is ready to be executed."""

    stack_name: str
    name: str
    kind: Kind
    changes: list[ChangeTypeDef] = field(default_factory=list)

    def lines(self) -> list[str]:
        """One line for each resource: action, type, logical id, and whether it is replaced."""
        return [_change_text(change) for change in self.changes]


def create(
    stack_name: str, template_url: str, parameters: Mapping[str, str], tags: Mapping[str, str]
) -> ChangeSet | None:
    """Create a change set and wait for it; None when nothing would change.

    Raises `DeployError` with CloudFormation's reason; a failed change set is not left behind.
    """
    change_set = ChangeSet(stack_name, f"deploy-{time.time_ns()}", _kind(stack_name))
    try:
        stack.client().create_change_set(
            StackName=stack_name,
            ChangeSetName=change_set.name,
            ChangeSetType=change_set.kind,
            TemplateURL=template_url,
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value} for key, value in sorted(parameters.items())
            ],
            Tags=[{"Key": key, "Value": value} for key, value in sorted(tags.items())],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
        )
    except ClientError as error:
        reason = error.response["Error"].get("Message", str(error))
        if _means_no_change(reason):
            return None
        raise DeployError(f"stack {stack_name}: {' '.join(reason.split())}") from error
    return _wait(change_set)


def _kind(stack_name: str) -> Kind:
    found = stack.describe(stack_name)
    if found is None or found["StackStatus"] == "REVIEW_IN_PROGRESS":
        return "CREATE"
    if found["StackStatus"] in UPDATABLE:
        return "UPDATE"
    raise DeployError(
        f"stack {stack_name} is {found['StackStatus']}: wait until it ends, or, when its creation failed, "
        f"delete it with: aws cloudformation delete-stack --stack-name {stack_name}"
    )


def _wait(change_set: ChangeSet) -> ChangeSet | None:
    client, started = stack.client(), time.monotonic()
    changes: list[ChangeTypeDef] = []
    while True:
        pages = list(
            client.get_paginator("describe_change_set").paginate(
                StackName=change_set.stack_name, ChangeSetName=change_set.name
            )
        )
        if pages[0]["Status"] in {"CREATE_COMPLETE", "FAILED"}:
            break
        time.sleep(_aws.poll_interval(time.monotonic() - started))
    if pages[0]["Status"] == "FAILED":
        _discard(change_set, pages[0].get("StatusReason", "no reason given"))
        return None
    for page in pages:
        changes += page.get("Changes", [])
    return ChangeSet(change_set.stack_name, change_set.name, change_set.kind, changes)


def _discard(change_set: ChangeSet, reason: str) -> None:
    """Delete a failed change set, and the empty stack that it made; raise unless nothing would change."""
    stack.client().delete_change_set(StackName=change_set.stack_name, ChangeSetName=change_set.name)
    if change_set.kind == "CREATE":
        stack.client().delete_stack(StackName=change_set.stack_name)
    if not _means_no_change(reason):
        raise DeployError(f"stack {change_set.stack_name}: the change set failed: {' '.join(reason.split())}")


def _means_no_change(message: str) -> bool:
    return any(words in message for words in NO_CHANGE)


def _change_text(change: ChangeTypeDef) -> str:
    resource = change.get("ResourceChange", {})
    replaced = " (replaced)" if resource.get("Replacement") == "True" else ""
    return (
        f"{resource.get('Action', ''):<7} {resource.get('ResourceType', '')} "
        f"{resource.get('LogicalResourceId', '')}{replaced}"
    )
