"""The events of a stack as they come, and the first of them that says why it failed."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from covidlake import aws
from covidlake.aws.errors import EXPIRED_CODES, SIGN_IN
from covidlake.base.errors import CredentialsError, DeployError
from covidlake.base.progress import Happening, Progress, tell
from covidlake.base.text import one_line
from covidlake.ship.stack import stack

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackEventTypeDef, StackTypeDef

STACK_TYPE = "AWS::CloudFormation::Stack"
TIME_LIMIT_MINUTES = 60.0
LIFE_SECONDS = 20.0  # between two signs of life while nothing happens


@dataclass
class Follower:
    """Reports each new event once, oldest first, and keeps the first failure that is no consequence.

    `name` may be the id of the stack, which still finds it when it is deleted. `stack` is the stack as it
    was described last.
    """

    name: str
    progress: Progress
    last_seen: str | None = None
    first_failure: str | None = None
    stack: StackTypeDef | None = None
    _in_work: dict[str, None] = field(default_factory=dict)
    _said: float = field(default_factory=time.monotonic)

    @classmethod
    def from_now(cls, name: str, progress: Progress) -> Follower:
        """One that reports only what happens from now on."""
        newest = aws.client("cloudformation").describe_stack_events(StackName=name)["StackEvents"][:1]
        return cls(name, progress, newest[0]["EventId"] if newest else None)

    def look(self) -> None:
        events = self._new_events()
        if events:
            self.last_seen = events[0]["EventId"]
        for event in reversed(events):
            self._report(event)

    def follow(self, time_limit: float = TIME_LIMIT_MINUTES) -> str:
        """Follow the stack to the end of what it is doing: its status, DELETE_COMPLETE when it is gone.

        Raises `DeployError` after `time_limit` minutes, `CredentialsError` when the session ends meanwhile.
        Ctrl-C leaves the stack to finish, unless the caller ends the cloud it is in.
        """
        try:
            return self._follow(time_limit)
        except KeyboardInterrupt:
            self.progress(
                f"no longer followed, not cancelled; to follow the stack again: {follow_command(self.name)}"
            )
            raise
        except ClientError as error:
            if error.response["Error"]["Code"] not in EXPIRED_CODES:
                raise
            raise CredentialsError(
                f"the AWS credentials have expired, and stack {self.name} goes on by itself: {SIGN_IN}, then "
                f"follow it with: {follow_command(self.name)}"
            ) from error

    def _follow(self, time_limit: float) -> str:
        started = time.monotonic()
        while True:
            found = self.stack = stack.describe(self.name)
            if found is not None:
                self.look()
            status = found["StackStatus"] if found else "DELETE_COMPLETE"
            if not status.endswith("_IN_PROGRESS"):
                return status
            if time.monotonic() - started > time_limit * 60:
                raise DeployError(
                    f"stack {self.name} is still {status} after {time_limit:g} minutes and goes on: "
                    f"follow it with: {follow_command(self.name)}"
                )
            if time.monotonic() - self._said > LIFE_SECONDS:
                self._said = time.monotonic()
                tell(self.progress, Happening("alive", line=_still(self._in_work, status)))
            time.sleep(aws.poll_interval(time.monotonic() - started))

    def _note(self, resource: str, goes_on: bool) -> None:
        self._said = time.monotonic()
        if goes_on:
            self._in_work[resource] = None
        else:
            self._in_work.pop(resource, None)

    def _new_events(self) -> list[StackEventTypeDef]:
        """Newest first; no page is asked for beyond the newest event seen before."""
        found: list[StackEventTypeDef] = []
        for page in (
            aws.client("cloudformation").get_paginator("describe_stack_events").paginate(StackName=self.name)
        ):
            for event in page["StackEvents"]:
                if event["EventId"] == self.last_seen:
                    return found
                found.append(event)
        return found

    def _report(self, event: StackEventTypeDef) -> None:
        status, resource = event.get("ResourceStatus", ""), event.get("LogicalResourceId", "")
        reason = one_line(event.get("ResourceStatusReason", ""))
        goes_on = status.endswith("_IN_PROGRESS") and event.get("ResourceType") != STACK_TYPE
        self._note(resource, goes_on)
        line = f"{event['Timestamp']:%H:%M:%S} {status:<20} {resource} {reason}".rstrip()
        # Of each resource its end; what takes long is said as such.
        tell(self.progress, Happening("resource", event, "" if goes_on else line))
        consequence = event.get("ResourceType") == STACK_TYPE or "cancelled" in reason.lower()
        if status.endswith("_FAILED") and not consequence and self.first_failure is None:
            self.first_failure = f"{resource}: {reason}"


def _still(names: Iterable[str], status: str) -> str:
    shown = ", ".join(names)
    return f"still {status}{f': {shown}' if shown else ''}"


def failed_validation(name: str) -> str | None:
    """What CloudFormation refused before it touched a resource, which the stack's own events do not say."""
    pages = aws.client("cloudformation").get_paginator("describe_events")
    try:
        for page in pages.paginate(StackName=name, Filters={"FailedEvents": True}):
            for event in page["OperationEvents"]:
                if reason := one_line(event.get("ValidationStatusReason", "")):
                    return f"{event.get('LogicalResourceId', name)}: {reason}"
    except ClientError as error:
        code = error.response["Error"]["Code"]
        return f"no failed resource was reported, and validations are not known ({code} of DescribeEvents)"
    return None


def follow_command(name: str) -> str:
    return f"aws cloudformation describe-stack-events --stack-name {name}"
