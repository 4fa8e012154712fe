"""Bring a stack from whatever state it was left in to one that a change set can start from.

| state | what happens |
|---|---|
| absent, DELETE_COMPLETE | nothing: it is created |
| REVIEW_IN_PROGRESS | nothing: the empty stack of an old review is used |
| CREATE_FAILED, ROLLBACK_COMPLETE, ROLLBACK_FAILED | deleted, unless that would lose data |
| UPDATE_FAILED | rolled back |
| UPDATE_ROLLBACK_FAILED | the rollback is continued, without what `skip` names |
| any other *_IN_PROGRESS | waited for, or refused |
| DELETE_FAILED | refused, naming what holds it |
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from covidlake import aws
from covidlake.base.errors import DeployError
from covidlake.base.progress import Progress
from covidlake.base.text import one_line
from covidlake.ship.deploy import bucket_contents
from covidlake.ship.stack import stack
from covidlake.ship.stack.stack_events import TIME_LIMIT_MINUTES, Follower, follow_command

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackResourceSummaryTypeDef, StackTypeDef

MOST_STEPS = 5  # UPDATE_IN_PROGRESS -> UPDATE_FAILED -> UPDATE_ROLLBACK_FAILED -> UPDATE_ROLLBACK_COMPLETE
FAILED_REVERT = {"UPDATE_FAILED", "DELETE_FAILED", "CREATE_FAILED"}


@dataclass(frozen=True)
class Recovery:
    """How to recover: whether to wait for someone else's operation, what a rollback may skip.

    `role_arn` looks for the service role, once something is to be done with it; `minutes_left` says how long
    a wait may still be.
    """

    name: str
    progress: Progress
    wait: bool = False
    skip: Collection[str] = ()
    role_arn: Callable[[], str | None] = lambda: None
    minutes_left: Callable[[], float] = lambda: TIME_LIMIT_MINUTES

    def recover(self) -> StackTypeDef | None:
        """The stack, ready for a change set; None when it is absent.

        Raises `DeployError` with the state, what is in the way, and what to do about it.
        """
        for _ in range(MOST_STEPS):
            found = stack.describe(self.name)
            if found is None or found["StackStatus"] == "DELETE_COMPLETE":
                return None
            step = _step(found["StackStatus"])
            if step is None:
                return found
            step(self, found)
        raise DeployError(f"stack {self.name} does not come to rest: {follow_command(self.name)}")

    def follow(self, found: StackTypeDef, act: Callable[[], Any]) -> str:
        """Start something on the stack and follow it to its end: the last status."""
        follower = Follower.from_now(found["StackId"], self.progress)
        act()
        return follower.follow(self.minutes_left())

    def role(self) -> dict[str, Any]:
        role_arn = self.role_arn()
        return {"RoleARN": role_arn} if role_arn else {}


Step = Callable[[Recovery, "StackTypeDef"], None]


def _step(status: str) -> Step | None:
    """What brings a stack on from a status; None when nothing is needed."""
    if status in STEPS:
        return STEPS[status]
    return _wait if status.endswith("_IN_PROGRESS") else None


def _wait(recovery: Recovery, found: StackTypeDef) -> None:
    if not recovery.wait:
        raise DeployError(
            f"stack {recovery.name} is {found['StackStatus']}: something else runs; wait for it with --wait"
        )
    recovery.progress(f"stack {recovery.name} is {found['StackStatus']}: waiting for its end")
    recovery.follow(found, lambda: None)


def _recreate(recovery: Recovery, found: StackTypeDef) -> None:
    """Delete a stack whose creation failed: it was never in use, but what it made may hold something."""
    name, status = recovery.name, found["StackStatus"]
    kept = _left(name)
    for resource in kept:
        if held := bucket_contents.held_by(resource):
            raise DeployError(
                f"stack {name} is {status} and {resource['LogicalResourceId']} "
                f"({resource.get('PhysicalResourceId')}) {held}: save what you need of it and delete it, "
                "then deploy again"
            )
    recovery.progress(f"stack {name} is {status}: its creation failed; it is deleted and created anew")
    client = aws.client("cloudformation")
    ended = recovery.follow(found, lambda: client.delete_stack(StackName=name, **recovery.role()))
    if ended != "DELETE_COMPLETE":
        raise DeployError(f"stack {name} is {ended}: {_holders(name)}")
    for resource in kept:
        bucket_contents.delete_empty(resource, recovery.progress)


def _roll_back(recovery: Recovery, found: StackTypeDef) -> None:
    name = recovery.name
    recovery.progress(f"stack {name} is UPDATE_FAILED: it is rolled back to what it was")
    try:
        recovery.follow(
            found, lambda: aws.client("cloudformation").rollback_stack(StackName=name, **recovery.role())
        )
    except ClientError as error:  # a stack in Express mode takes no such call
        raise DeployError(
            f"stack {name} is UPDATE_FAILED and is not rolled back: {aws.message(error)}: delete a stack "
            "that is thrown away with covidlake destroy, correct any other in the console"
        ) from error


def _continue_rollback(recovery: Recovery, found: StackTypeDef) -> None:
    name, skip = recovery.name, sorted(recovery.skip)
    stuck = _in_status(name, FAILED_REVERT)
    names = ", ".join(resource["LogicalResourceId"] for resource in stuck) or "its resources"
    recovery.progress(f"stack {name} is UPDATE_ROLLBACK_FAILED: the rollback of {names} is continued")
    if skip:
        recovery.progress(f"skipped, and left as they are: {', '.join(skip)}")
    options: dict[str, Any] = {"ResourcesToSkip": skip} if skip else {}
    try:
        ended = recovery.follow(
            found,
            lambda: aws.client("cloudformation").continue_update_rollback(
                StackName=name, **options, **recovery.role()
            ),
        )
    except ClientError as error:
        raise DeployError(f"stack {name} is UPDATE_ROLLBACK_FAILED: {aws.message(error)}") from error
    if ended == "UPDATE_ROLLBACK_FAILED":
        options_text = " ".join(f"--skip {resource['LogicalResourceId']}" for resource in stuck)
        raise DeployError(
            f"stack {name} is still UPDATE_ROLLBACK_FAILED: {_reasons(name, stuck)}: correct that, or leave "
            f"them as they are with: {options_text or '--skip LOGICAL_ID'}"
        )


def _deletion_failed(recovery: Recovery, found: StackTypeDef) -> None:
    raise DeployError(f"stack {recovery.name} is {found['StackStatus']}: {_holders(recovery.name)}")


def _holders(name: str) -> str:
    """What keeps a stack from being deleted, with a hint."""
    stuck = _in_status(name, {"DELETE_FAILED"})
    if not stuck:
        return f"look for the reason with: {follow_command(name)}"
    return (
        f"{_reasons(name, stuck)}: empty or free it, then delete the stack again with: "
        f"aws cloudformation delete-stack --stack-name {name}"
    )


def _reasons(name: str, resources: list[StackResourceSummaryTypeDef]) -> str:
    reasons = [
        f"{one['LogicalResourceId']} ({one.get('PhysicalResourceId', '-')}) " + one_line(_reason(name, one))
        for one in resources
    ]
    return "; ".join(reasons) or "no reason given"


def _reason(name: str, resource: StackResourceSummaryTypeDef) -> str:
    """Why a resource failed: the resource's own words, or else those of its last failed event."""
    if reason := resource.get("ResourceStatusReason"):
        return reason
    for page in aws.client("cloudformation").get_paginator("describe_stack_events").paginate(StackName=name):
        for event in page["StackEvents"]:
            failed = event.get("ResourceStatus", "").endswith("_FAILED")
            if failed and event.get("LogicalResourceId") == resource["LogicalResourceId"]:
                return event.get("ResourceStatusReason", "gave no reason")
    return "gave no reason"


def _in_status(name: str, statuses: set[str]) -> list[StackResourceSummaryTypeDef]:
    return [one for one in stack.resources(name) if one["ResourceStatus"] in statuses]


def _left(name: str) -> list[StackResourceSummaryTypeDef]:
    """What a failed stack made and did not take back, kept on purpose or not."""
    gone = {"DELETE_COMPLETE"}
    return [
        one
        for one in stack.resources(name)
        if one.get("PhysicalResourceId") and one["ResourceStatus"] not in gone
    ]


STEPS: dict[str, Step | None] = {
    "REVIEW_IN_PROGRESS": None,
    "CREATE_FAILED": _recreate,
    "ROLLBACK_COMPLETE": _recreate,
    "ROLLBACK_FAILED": _recreate,
    "UPDATE_FAILED": _roll_back,
    "UPDATE_ROLLBACK_FAILED": _continue_rollback,
    "DELETE_FAILED": _deletion_failed,
}
