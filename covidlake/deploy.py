"""`covidlake deploy`: upload what the stack runs, create one change set, execute it, stream its events."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from covidlake import _aws, _project, artifacts, change_set, environment_file, stack
from covidlake._errors import DeployError
from covidlake.artifacts import Report
from covidlake.package import Bundle

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackEventTypeDef

SUCCEEDED = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
TIME_LIMIT_SECONDS = 3600.0


@dataclass
class Deployment:
    """What a deploy did: `status` is the stack's last one, or NO_CHANGE."""

    stack_name: str
    status: str = "NO_CHANGE"
    uploaded: int = 0
    changes: list[str] = field(default_factory=list)


def deploy(environment_name: str, bundle: Bundle, report: Report) -> Deployment:
    """Bring the stack of an environment to the state of the bundle; no change is a success.

    Raises `EnvironmentFileError` before anything is called, `DeployError` with the first cause.
    """
    environment = environment_file.load(environment_name, bundle.environments)
    environment_file.check(environment, bundle.template)
    deployment = Deployment(_project.stack_name(environment_name))
    bucket = _project.artifact_bucket(_aws.account(), _aws.region())
    deployment.uploaded = artifacts.upload(bundle, bucket, report)
    # AWS's own form of the address, as `aws cloudformation deploy` sends it, wherever the endpoint is.
    template_url = f"https://s3.{_aws.region()}.amazonaws.com/{bucket}/{bundle.template_key}"
    created = change_set.create(deployment.stack_name, template_url, environment.parameters, environment.tags)
    if created is not None:
        deployment.changes = created.lines()
        for line in deployment.changes:
            report(line)
        deployment.status = execute(created, report)
    return deployment


def execute(created: change_set.ChangeSet, report: Report) -> str:
    """Execute a change set and follow the stack to its end: the last status.

    Raises `DeployError` with the first failure when the end is not a success.
    """
    name = created.stack_name
    seen = {event["EventId"] for event in _events(name)} if created.kind == "UPDATE" else set()
    follower = _EventFollower(name, seen, report)
    stack.client().execute_change_set(StackName=name, ChangeSetName=created.name)
    try:
        status = _follow(name, follower)
    except KeyboardInterrupt:
        report(
            f"the stack goes on; follow it with: aws cloudformation describe-stack-events --stack-name {name}"
        )
        raise
    if status not in SUCCEEDED:
        cause = follower.first_failure or "no failed resource was reported"
        raise DeployError(f"stack {name} ended {status}: {cause}")
    return status


def _follow(name: str, follower: _EventFollower) -> str:
    started = time.monotonic()
    while True:
        found = stack.describe(name)
        follower.look()
        status = found["StackStatus"] if found else "DELETE_COMPLETE"
        if not status.endswith("_IN_PROGRESS"):
            return status
        if time.monotonic() - started > TIME_LIMIT_SECONDS:
            raise DeployError(f"stack {name} is still {status} after {TIME_LIMIT_SECONDS / 60:.0f} minutes")
        time.sleep(_aws.poll_interval(time.monotonic() - started))


def _events(name: str) -> list[StackEventTypeDef]:
    pages = stack.client().get_paginator("describe_stack_events").paginate(StackName=name)
    return [event for page in pages for event in page["StackEvents"]]


@dataclass
class _EventFollower:
    """Reports once how each resource ended, oldest first; keeps the first failure that is no consequence."""

    name: str
    seen: set[str]
    report: Report
    first_failure: str | None = None

    def look(self) -> None:
        for event in reversed(_events(self.name)):
            if event["EventId"] not in self.seen:
                self.seen.add(event["EventId"])
                self._tell(event)

    def _tell(self, event: StackEventTypeDef) -> None:
        status, resource = event.get("ResourceStatus", ""), event.get("LogicalResourceId", "")
        reason = " ".join(event.get("ResourceStatusReason", "").split())
        of_the_stack = event.get("ResourceType") == "AWS::CloudFormation::Stack"
        if of_the_stack or not status.endswith("_IN_PROGRESS"):
            self.report(f"{event['Timestamp']:%H:%M:%S} {status:<20} {resource} {reason}".rstrip())
        consequence = of_the_stack or "cancelled" in reason.lower()
        if status.endswith("_FAILED") and not consequence and self.first_failure is None:
            self.first_failure = f"{resource}: {reason}"
