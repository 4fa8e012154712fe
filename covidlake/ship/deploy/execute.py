"""Execute a change set and follow its stack to the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from covidlake import aws
from covidlake.base.errors import StackBusyError, StackFailedError
from covidlake.base.progress import Progress
from covidlake.ship.stack import change_set_removal, change_set_request
from covidlake.ship.stack.change_set import ChangeSet
from covidlake.ship.stack.hints import hint
from covidlake.ship.stack.stack_events import TIME_LIMIT_MINUTES, Follower, failed_validation

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

SUCCEEDED = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
# Executing a change set deletes all others of its stack.
OVERTAKEN = ("ChangeSetNotFound", "InvalidChangeSetStatus")


def execute(created: ChangeSet, progress: Progress, time_limit: float = TIME_LIMIT_MINUTES) -> StackTypeDef:
    """Execute a change set: the stack as it is at the end, which is a success.

    Raises `StackFailedError` with the first failure at any other end, `StackBusyError` when another deploy
    has taken the change set along.
    """
    name = created.stack_name
    with change_set_removal.abandoned_on_error(created, progress):
        follower = Follower.from_now(created.stack_id or name, progress)
    _start(created, progress)
    status = follower.follow(time_limit)
    if follower.stack is None or status not in SUCCEEDED:
        cause = follower.first_failure or failed_validation(name) or "no failed resource was reported"
        raise StackFailedError(name, status, cause + hint(name, cause))
    return follower.stack


def _start(created: ChangeSet, progress: Progress) -> None:
    # What a failed operation has made goes with its rollback, a bucket that would be retained as well.
    try:
        aws.client("cloudformation").execute_change_set(
            StackName=created.stack_name, ChangeSetName=created.name, RetainExceptOnCreate=True
        )
    except ClientError as error:
        code, words = error.response["Error"]["Code"], aws.message(error)
        overtaken = code.startswith(OVERTAKEN) or change_set_removal.is_gone(error)
        if not overtaken and not change_set_request.BUSY.search(words):
            change_set_removal.abandon(created, progress)
            raise
        raise StackBusyError(
            f"stack {created.stack_name}: another deploy was faster, this one has changed nothing: "
            "deploy again, or with --wait"
        ) from error
