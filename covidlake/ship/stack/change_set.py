"""Change sets: what an update of a stack would do, as CloudFormation sees it."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from botocore.exceptions import BotoCoreError, ClientError

from covidlake import aws
from covidlake.aws import retries
from covidlake.base.errors import DeployError, StackBusyError
from covidlake.base.progress import Progress
from covidlake.ship.stack import stack, validations
from covidlake.ship.stack.validations import Validations

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import (
        ChangeTypeDef,
        DescribeChangeSetOutputTypeDef,
        StackTypeDef,
    )

Kind = Literal["CREATE", "UPDATE"]
# STANDARD compares two templates; REVERT_DRIFT also brings back what was changed by hand.
Mode = Literal["STANDARD", "REVERT_DRIFT"]

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
# What a cloud answers that does not know an option: IncludePropertyValues, or Express mode.
OPTION_REFUSED = {"InvalidParameterValue", "UnknownParameter", "ValidationError", "InvalidParameterException"}
# What a refusal mentions that is about Express mode and not about the template.
EXPRESS_REFUSED = re.compile(r"express|deployment.?config|disable.?rollback", re.I)
BUSY = re.compile(r"\b[A-Z_]+_IN_PROGRESS state\b")
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
    there was none (or only an empty one in REVIEW_IN_PROGRESS). `express` does not wait until resources
    are ready. `live` are the changes of a drift-aware one, None where nobody looked or `not_seen` says
    why they are not known.
    """

    stack_name: str
    name: str
    kind: Kind
    changes: list[ChangeTypeDef] = field(default_factory=list)
    parameters: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    previous: StackTypeDef | None = None
    mode: Mode = "STANDARD"
    express: bool = False
    id: str = ""
    stack_id: str = ""
    validations: Validations = field(default_factory=Validations)
    live: list[ChangeTypeDef] | None = None
    not_seen: str = ""

    def lines(self) -> list[str]:
        """One line for each resource: action, type, logical id, and whether it is replaced."""
        return [_change_text(change) for change in self.changes]


def template_url(bucket: str, key: str, version_id: str | None = None) -> str:
    """AWS's own form of the address, as `aws cloudformation deploy` sends it, wherever the endpoint is.

    With `version_id` it stands for one version of the object, whatever is written there later.
    """
    address = f"https://s3.{aws.region()}.{aws.dns_suffix()}/{bucket}/{key}"
    return f"{address}?versionId={quote(version_id, safe='')}" if version_id else address


def create(
    stack_name: str,
    template: str,
    parameters: Mapping[str, str],
    tags: Mapping[str, str],
    *,
    role_arn: str | None = None,
    name_prefix: str = "deploy",
    mode: Mode = "STANDARD",
    express: bool = False,
    progress: Progress = lambda _: None,
) -> ChangeSet | None:
    """Create a change set and wait for it; None when nothing would change.

    `template` is the address of one in S3, or one of at most 51,200 bytes itself. `express` ends when the
    configuration of the resources is applied; a cloud that has no such mode is reported and does without.
    Raises `DeployError` with CloudFormation's reason, with the first validation that refuses it, or with
    the state of a stack that takes no change set (`StackBusyError` while something else works on it). A
    failed or interrupted one is not left behind, nor the empty stack that it made.
    """
    previous = stack.describe(stack_name)
    kind = kind_for(stack_name, previous)
    change_set = ChangeSet(
        stack_name,
        # With the stack's name, by which a role may be confined to the events of its own.
        f"{name_prefix}-{stack_name}-{time.time_ns()}",
        kind,
        parameters=parameters,
        tags=tags,
        previous=previous if kind == "UPDATE" else None,
        mode=mode,
        express=express,
    )
    return make(change_set, template, role_arn, progress)


def make(
    change_set: ChangeSet,
    template: str,
    role_arn: str | None = None,
    progress: Progress = lambda _: None,
    time_limit: float | None = None,
) -> ChangeSet | None:
    """Make the change set that is described, as `create` does; `time_limit` is in seconds."""
    try:
        requested = _request(change_set, template, role_arn, progress)
        return _wait(requested, time_limit) if requested else None
    except BaseException:  # Ctrl-C as well
        abandon(change_set, progress)
        raise


def _request(
    change_set: ChangeSet, template: str, role_arn: str | None, progress: Progress
) -> ChangeSet | None:
    """Ask for the change set; None when CloudFormation sees at once that nothing would change."""
    try:
        answer = aws.client("cloudformation").create_change_set(**_arguments(change_set, template, role_arn))
    except ClientError as error:
        reason, code = aws.message(error), error.response["Error"]["Code"]
        if _means_no_change(reason):
            return None
        if change_set.express and code in OPTION_REFUSED and EXPRESS_REFUSED.search(reason):
            progress(f"no Express mode here, the standard one is used: {reason}")
            return _request(replace(change_set, express=False), template, role_arn, progress)
        if code not in REFUSALS:
            raise  # credentials, throttling, a server error: nothing about this change set
        overtaken = change_set.kind == "CREATE" and code == "AlreadyExistsException"
        refusal = StackBusyError if overtaken or BUSY.search(reason) else DeployError
        raise refusal(f"stack {change_set.stack_name}: {reason}") from error
    return replace(change_set, id=answer.get("Id", ""), stack_id=answer.get("StackId", ""))


def _arguments(change_set: ChangeSet, template: str, role_arn: str | None) -> dict[str, Any]:
    options: dict[str, Any] = {"RoleARN": role_arn} if role_arn else {}
    options["TemplateURL" if template.startswith("https://") else "TemplateBody"] = template
    if change_set.mode != "STANDARD":
        options["DeploymentMode"] = change_set.mode
    if change_set.express:
        # Express mode does not roll back unless it is asked to. A failed creation is not deleted at once:
        # what it kept could then not be found, and its names would be taken.
        options["DeploymentConfig"] = {"Mode": "EXPRESS", "DisableRollback": False}
    return {
        "StackName": change_set.stack_name,
        "ChangeSetName": change_set.name,
        "ChangeSetType": change_set.kind,
        "Parameters": [
            {"ParameterKey": key, "ParameterValue": value}
            for key, value in sorted(change_set.parameters.items())
        ],
        "Tags": [{"Key": key, "Value": value} for key, value in sorted(change_set.tags.items())],
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
        **options,
    }


def kind_for(stack_name: str, found: StackTypeDef | None) -> Kind:
    """The kind of change set that a stack takes in its present state.

    Raises `DeployError` with the state and a hint when it takes none, `StackBusyError` when it will later.
    """
    if found is None or found["StackStatus"] == "REVIEW_IN_PROGRESS":
        return "CREATE"
    status = found["StackStatus"]
    if status in UPDATABLE:
        return "UPDATE"
    if status.endswith("_IN_PROGRESS"):
        raise StackBusyError(f"stack {stack_name} is {status}: wait until it ends, then try again")
    cure = CURES.get(status, "look at it in the console").format(name=stack_name)
    raise DeployError(f"stack {stack_name} is {status}: {cure}")


def _wait(change_set: ChangeSet, time_limit: float | None = None) -> ChangeSet | None:
    started = time.monotonic()
    while True:
        pages = [_describe(change_set)]
        if pages[0]["Status"] in {"CREATE_COMPLETE", "FAILED"}:
            break
        if time_limit is not None and time.monotonic() - started > time_limit:
            raise DeployError(f"stack {change_set.stack_name}: no change set after {time_limit:g} s")
        time.sleep(aws.poll_interval(time.monotonic() - started))
    if pages[0]["Status"] == "FAILED" and _means_no_change(pages[0].get("StatusReason", "")):
        discard(change_set)
        return None
    checked = validations.read(change_set.id)
    _refuse(change_set, pages[0], checked)
    while token := pages[-1].get("NextToken"):
        pages.append(_describe(change_set, NextToken=token))
    changes = [change for page in pages for change in page.get("Changes", [])]
    return replace(change_set, changes=changes, validations=checked)


def _refuse(change_set: ChangeSet, found: DescribeChangeSetOutputTypeDef, checked: Validations) -> None:
    """Raise `DeployError` with the first cause where the change set cannot be executed."""
    if cause := checked.refusal():
        raise DeployError(f"stack {change_set.stack_name}: validation failed: {cause}")
    if found["Status"] == "FAILED":
        reason = " ".join(found.get("StatusReason", "no reason given").split())
        more = f" ({checked.unknown})" if checked.unknown and "DescribeEvents" in reason else ""
        raise DeployError(f"stack {change_set.stack_name}: the change set failed: {reason}{more}")


def _describe(change_set: ChangeSet, **page: str) -> DescribeChangeSetOutputTypeDef:
    """One page, with the values of properties where the cloud gives them."""
    request: dict[str, Any] = {
        "StackName": change_set.stack_name,
        "ChangeSetName": change_set.name,
        **page,
    }
    try:
        return aws.client("cloudformation").describe_change_set(**request, IncludePropertyValues=True)
    except ClientError as error:
        code = error.response["Error"].get("Code", "")
        if "ChangeSetNotFound" in code:  # whoever executes another one takes ours along
            raise StackBusyError(
                f"stack {change_set.stack_name}: its change set is gone: another deploy was faster, try again"
            ) from error
        if code not in OPTION_REFUSED:
            raise
        return aws.client("cloudformation").describe_change_set(**request)


def abandon(change_set: ChangeSet, progress: Progress) -> None:
    """Discard a change set after another error, which is what the user must see; report what stays."""
    try:
        left = discard(change_set)
    except (BotoCoreError, ClientError) as error:
        left = (
            f"change set {change_set.name} stays ({' '.join(str(error).split())}): delete it with: aws "
            f"cloudformation delete-change-set --stack-name {change_set.stack_name} "
            f"--change-set-name {change_set.name}"
        )
    if left:
        progress(left)


def discard(change_set: ChangeSet) -> str | None:
    """Delete a change set and the empty stack that it made; one line when the stack had to stay.

    One that is still being made cannot be deleted: CloudFormation is asked again for about a minute.
    A stack in REVIEW_IN_PROGRESS goes only when it holds no resource and no other change set.
    """
    request = {"StackName": change_set.stack_name, "ChangeSetName": change_set.name}
    try:
        retries.call(
            lambda: aws.client("cloudformation").delete_change_set(**request),
            lambda error: "InvalidChangeSetStatus" in str(error.get("Code")),
        )
    except ClientError as error:  # it was not made yet, or its stack is gone
        missing = "does not exist" in aws.message(error)
        if not missing and "ChangeSetNotFound" not in error.response["Error"]["Code"]:
            raise
    return _delete_ghost(change_set) if change_set.kind == "CREATE" else None


def _delete_ghost(change_set: ChangeSet) -> str | None:
    name, client = change_set.stack_name, aws.client("cloudformation")
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
        if not aws.is_denied(error):
            raise
        code = error.response["Error"]["Code"]
        return f"stack {name} stays, empty, in REVIEW_IN_PROGRESS ({code}): the next deploy takes it over"
    return None


def _other_change_sets(change_set: ChangeSet) -> list[str]:
    pages = (
        aws.client("cloudformation")
        .get_paginator("list_change_sets")
        .paginate(StackName=change_set.stack_name)
    )
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
