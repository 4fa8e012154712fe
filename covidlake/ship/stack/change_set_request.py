"""Ask CloudFormation for a change set and wait for it; a failed one is not left behind."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from covidlake import aws
from covidlake.base.errors import DeployError, StackBusyError
from covidlake.base.progress import Progress
from covidlake.base.text import one_line
from covidlake.ship.stack import validations
from covidlake.ship.stack.change_set import ChangeSet, Mode, kind_for
from covidlake.ship.stack.change_set_removal import abandoned_on_error, discard, is_gone
from covidlake.ship.stack.hints import hint
from covidlake.ship.stack.validations import Validations

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import DescribeChangeSetOutputTypeDef, StackTypeDef

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


def create(
    stack_name: str,
    template: str,
    parameters: Mapping[str, str],
    tags: Mapping[str, str],
    *,
    found: StackTypeDef | None,
    role_arn: str | None = None,
    name_prefix: str = "deploy",
    mode: Mode = "STANDARD",
    express: bool = False,
    progress: Progress = lambda _: None,
) -> ChangeSet | None:
    """Create a change set and wait for it; None when nothing would change.

    `found` is the stack as it is now, None where there is none. `template` is the address of one in S3, or
    one of at most 51,200 bytes itself. `express` ends when the configuration of the resources is applied; a
    cloud that has no such mode is reported and does without.
    Raises `DeployError` with CloudFormation's reason, with the first validation that refuses it, or with
    the state of a stack that takes no change set (`StackBusyError` while something else works on it). A
    failed or interrupted one is not left behind, nor the empty stack that it made.
    """
    kind = kind_for(stack_name, found)
    change_set = ChangeSet(
        stack_name,
        # With the stack's name, by which a role may be confined to the events of its own.
        f"{name_prefix}-{stack_name}-{time.time_ns()}",
        kind,
        parameters=parameters,
        tags=tags,
        previous=found if kind == "UPDATE" else None,
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
    with abandoned_on_error(change_set, progress):
        requested = _request(change_set, template, role_arn, progress)
        return _wait(requested, time_limit) if requested else None


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
        busy = overtaken or is_gone(error) or BUSY.search(reason)
        refusal = StackBusyError if busy else DeployError
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
        more = hint(change_set.stack_name, cause)
        raise DeployError(f"stack {change_set.stack_name}: validation failed: {cause}{more}")
    if found["Status"] == "FAILED":
        reason = one_line(found.get("StatusReason", "no reason given"))
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
        if is_gone(error):  # whoever executes another one, or deletes the empty stack, takes ours along
            raise StackBusyError(
                f"stack {change_set.stack_name}: its change set is gone: another deploy was faster, try again"
            ) from error
        if code not in OPTION_REFUSED:
            raise
        return aws.client("cloudformation").describe_change_set(**request)


def _means_no_change(message: str) -> bool:
    return any(words in message for words in NO_CHANGE)
