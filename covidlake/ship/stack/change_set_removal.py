"""Delete a change set, and the empty stack that it may have made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from covidlake import aws
from covidlake.aws import retries
from covidlake.base.progress import Progress
from covidlake.ship.stack import stack
from covidlake.ship.stack.change_set import ChangeSet


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


@contextmanager
def abandoned_on_error(change_set: ChangeSet, progress: Progress) -> Iterator[None]:
    """Leave no change set behind that is not to be executed, after Ctrl-C either."""
    try:
        yield
    except BaseException:
        abandon(change_set, progress)
        raise


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
        if not is_gone(error):
            raise
    if change_set.kind != "CREATE":
        return None
    try:
        return _delete_ghost(change_set)
    except ClientError as error:
        if not is_gone(error):  # another deploy or plan, which found the same ghost, was faster
            raise
    return None


def is_gone(error: ClientError) -> bool:
    """Whether CloudFormation says that the change set, or its stack, does not exist."""
    return "does not exist" in aws.message(error) or "ChangeSetNotFound" in error.response["Error"]["Code"]


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
