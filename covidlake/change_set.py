"""Change sets: what an update of a stack would do, as CloudFormation sees it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError

from covidlake import _aws, stack
from covidlake._errors import DeployError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import (
        ChangeTypeDef,
        DescribeChangeSetOutputTypeDef,
        StackTypeDef,
    )

Kind = Literal["CREATE", "UPDATE"]

UPDATABLE = {
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
    "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_COMPLETE",
}
NO_CHANGE = ("didn't contain changes", "No updates are to be performed")
# How CreateChangeSet refuses a change set; any other code is about the caller or the cloud.
REFUSALS = {
    "AlreadyExistsException",
    "InsufficientCapabilitiesException",
    "LimitExceededException",
    "ValidationError",
}
# What a cloud answers that does not know the option IncludePropertyValues.
OPTION_REFUSED = {"InvalidParameterValue", "UnknownParameter", "ValidationError", "InvalidParameterException"}
CURES = {
    "ROLLBACK_COMPLETE": "its creation failed, deploy it anew with: covidlake deploy",
    "CREATE_FAILED": "its creation failed, deploy it anew with: covidlake deploy",
    "ROLLBACK_FAILED": "its creation failed and left resources, delete it with: "
    "aws cloudformation delete-stack --stack-name {name}",
    "DELETE_FAILED": "its deletion stopped half-way, delete it again with: "
    "aws cloudformation delete-stack --stack-name {name}",
    "UPDATE_FAILED": "roll it back with: aws cloudformation rollback-stack --stack-name {name}",
    "UPDATE_ROLLBACK_FAILED": "continue the rollback with: "
    "aws cloudformation continue-update-rollback --stack-name {name}",
}


@dataclass(frozen=True)
class ChangeSet:
    """A change set that is ready to be executed.

    `parameters` and `tags` are those it was made with; `previous` is the stack before it, None when
    there was none (or only an empty one in REVIEW_IN_PROGRESS).
    """

    stack_name: str
    name: str
    kind: Kind
    changes: list[ChangeTypeDef] = field(default_factory=list)
    parameters: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    previous: StackTypeDef | None = None

    def lines(self) -> list[str]:
        """One line for each resource: action, type, logical id, and whether it is replaced."""
        return [_change_text(change) for change in self.changes]


def template_url(bucket: str, key: str) -> str:
    """AWS's own form of the address, as `aws cloudformation deploy` sends it, wherever the endpoint is."""
    return f"https://s3.{_aws.region()}.amazonaws.com/{bucket}/{key}"


def create(
    stack_name: str,
    template: str,
    parameters: Mapping[str, str],
    tags: Mapping[str, str],
    *,
    role_arn: str | None = None,
    name_prefix: str = "deploy",
) -> ChangeSet | None:
    """Create a change set and wait for it; None when nothing would change.

    `template` is the address of one in S3, or one of at most 51,200 bytes itself.
    Raises `DeployError` with CloudFormation's reason, or with the state of a stack that takes no change
    set. A failed or interrupted one is not left behind, nor the empty stack that it made.
    """
    previous = stack.describe(stack_name)
    kind = kind_for(stack_name, previous)
    change_set = ChangeSet(
        stack_name,
        f"{name_prefix}-{time.time_ns()}",
        kind,
        parameters=parameters,
        tags=tags,
        previous=previous if kind == "UPDATE" else None,
    )
    try:
        return _wait(change_set) if _request(change_set, template, role_arn) else None
    except BaseException:  # Ctrl-C as well
        with suppress(ClientError):  # what went wrong first is what the user must see
            discard(change_set)
        raise


def _request(change_set: ChangeSet, template: str, role_arn: str | None) -> bool:
    """Ask for the change set; False when CloudFormation sees at once that nothing would change."""
    options: dict[str, Any] = {"RoleARN": role_arn} if role_arn else {}
    options["TemplateURL" if template.startswith("https://") else "TemplateBody"] = template
    try:
        stack.client().create_change_set(
            StackName=change_set.stack_name,
            ChangeSetName=change_set.name,
            ChangeSetType=change_set.kind,
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value}
                for key, value in sorted(change_set.parameters.items())
            ],
            Tags=[{"Key": key, "Value": value} for key, value in sorted(change_set.tags.items())],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
            **options,
        )
    except ClientError as error:
        reason = _aws.message(error)
        if _means_no_change(reason):
            return False
        if error.response["Error"]["Code"] not in REFUSALS:
            raise  # credentials, throttling, a server error: nothing about this change set
        raise DeployError(f"stack {change_set.stack_name}: {reason}") from error
    return True


def kind_for(stack_name: str, found: StackTypeDef | None) -> Kind:
    """The kind of change set that a stack takes in its present state.

    Raises `DeployError` with the state and the cure when it takes none.
    """
    if found is None or found["StackStatus"] == "REVIEW_IN_PROGRESS":
        return "CREATE"
    status = found["StackStatus"]
    if status in UPDATABLE:
        return "UPDATE"
    if status.endswith("_IN_PROGRESS"):
        raise DeployError(f"stack {stack_name} is {status}: wait until it ends, then try again")
    cure = CURES.get(status, "look at it in the console").format(name=stack_name)
    raise DeployError(f"stack {stack_name} is {status}: {cure}")


def _wait(change_set: ChangeSet) -> ChangeSet | None:
    started = time.monotonic()
    while True:
        pages = [_describe(change_set)]
        if pages[0]["Status"] in {"CREATE_COMPLETE", "FAILED"}:
            break
        time.sleep(_aws.poll_interval(time.monotonic() - started))
    if pages[0]["Status"] == "FAILED":
        reason = pages[0].get("StatusReason", "no reason given")
        if _means_no_change(reason):
            discard(change_set)
            return None
        raise DeployError(f"stack {change_set.stack_name}: the change set failed: {' '.join(reason.split())}")
    while token := pages[-1].get("NextToken"):
        pages.append(_describe(change_set, NextToken=token))
    return replace(change_set, changes=[change for page in pages for change in page.get("Changes", [])])


def _describe(change_set: ChangeSet, **page: str) -> DescribeChangeSetOutputTypeDef:
    """One page, with the values of properties where the cloud gives them."""
    request: dict[str, Any] = {
        "StackName": change_set.stack_name,
        "ChangeSetName": change_set.name,
        **page,
    }
    try:
        return stack.client().describe_change_set(**request, IncludePropertyValues=True)
    except ClientError as error:
        if error.response["Error"].get("Code") not in OPTION_REFUSED:
            raise
        return stack.client().describe_change_set(**request)


def discard(change_set: ChangeSet) -> str | None:
    """Delete a change set and the empty stack that it made; one line when the stack had to stay.

    A stack in REVIEW_IN_PROGRESS goes only when it holds no resource and no other change set.
    """
    client = stack.client()
    try:
        client.delete_change_set(StackName=change_set.stack_name, ChangeSetName=change_set.name)
    except ClientError as error:  # it was not made yet, or its stack is gone
        missing = "does not exist" in _aws.message(error)
        if not missing and "ChangeSetNotFound" not in error.response["Error"]["Code"]:
            raise
    return _delete_ghost(change_set) if change_set.kind == "CREATE" else None


def _delete_ghost(change_set: ChangeSet) -> str | None:
    name, client = change_set.stack_name, stack.client()
    found = stack.describe(name)
    if found is None or found["StackStatus"] != "REVIEW_IN_PROGRESS":
        return None
    if others := _other_change_sets(change_set):
        return f"stack {name} stays in REVIEW_IN_PROGRESS: it has the change set {others[0]}"
    if client.describe_stack_resources(StackName=name)["StackResources"]:
        return f"stack {name} stays in REVIEW_IN_PROGRESS: it holds resources"
    try:
        client.delete_stack(StackName=name)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code not in {"AccessDenied", "AccessDeniedException"}:
            raise
        return f"stack {name} stays, empty, in REVIEW_IN_PROGRESS ({code}): the next deploy takes it over"
    return None


def _other_change_sets(change_set: ChangeSet) -> list[str]:
    pages = stack.client().get_paginator("list_change_sets").paginate(StackName=change_set.stack_name)
    return sorted(
        item["ChangeSetName"]
        for page in pages
        for item in page["Summaries"]
        if item["ChangeSetName"] != change_set.name and not item.get("Status", "").startswith("DELETE_")
    )


def _means_no_change(message: str) -> bool:
    return any(words in message for words in NO_CHANGE)


def _change_text(change: ChangeTypeDef) -> str:
    resource = change.get("ResourceChange", {})
    replaced = " (replaced)" if resource.get("Replacement") == "True" else ""
    return (
        f"{resource.get('Action', ''):<7} {resource.get('ResourceType', '')} "
        f"{resource.get('LogicalResourceId', '')}{replaced}"
    )
