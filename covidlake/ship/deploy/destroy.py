"""`covidlake destroy`: delete a throw-away stack together with everything it kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from covidlake import aws
from covidlake.aws import buckets as _buckets
from covidlake.aws import retries
from covidlake.base import project
from covidlake.base.clock import Clock
from covidlake.base.errors import DeployError
from covidlake.base.progress import Progress
from covidlake.environment import environment_file
from covidlake.ship.deploy import (
    bucket_contents,
    deployment_record,
    history,
    reader_queue,
    running_executions,
)
from covidlake.ship.stack import stack, stack_inputs
from covidlake.ship.stack.stack_events import STACK_TYPE, TIME_LIMIT_MINUTES, Follower

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef


@dataclass
class Destroyed:
    """What is gone: the stack's name, its last status (ABSENT: there was none), buckets and objects."""

    stack_name: str
    status: str = "ABSENT"
    buckets: list[str] = field(default_factory=list)
    objects: int = 0


def destroy(environment: str, progress: Progress, time_limit: float = TIME_LIMIT_MINUTES) -> Destroyed:
    """Delete the stack and empty and delete its buckets, and record it; an absent stack is a success.

    Raises `EnvironmentFileError` where neither a stack nor a file has the name, `DeployError` unless the
    stack, and the environment's parameter file where there is one, have the tag
    `covidlake:throw-away: "true"`.
    """
    result = Destroyed(project.stack_name(environment))
    found = stack.describe(result.stack_name)
    if found is None or found["StackStatus"] == "DELETE_COMPLETE":
        if project.bootstrap_of(environment) != project.PREVIEW:
            environment_file.load(environment)  # an unknown name is what is wrong then
        reader_queue.delete(environment, progress)
        return result
    _refuse_kept(environment, found)
    made, started = _made(found), history.now()
    buckets = [one for kind, one in made if kind == "AWS::S3::Bucket"]
    try:
        _destroy(result, found, made, buckets, progress, Clock(time_limit))
    except KeyboardInterrupt:
        left = [bucket for bucket in buckets if bucket and _buckets.exists(bucket)]
        progress(f"these buckets stay, empty and delete them by hand: {', '.join(left) or 'none'}")
        raise
    reader_queue.delete(environment, progress)
    deployment_record.destroyed(environment, found, started, progress)
    return result


def _destroy(
    result: Destroyed,
    found: StackTypeDef,
    made: list[tuple[str, str]],
    buckets: list[str],
    progress: Progress,
    clock: Clock,
) -> None:
    """Empty the buckets first: while the stack is there, a broken-off destroy can be called again."""
    running_executions.stop_executions(made, progress)
    result.objects += sum(_empty(bucket) for bucket in buckets)
    result.status, cause = _delete(found, progress, clock.left())
    if result.status == "DELETE_FAILED":  # a bucket that the template does not keep has to be empty
        result.objects += sum(_empty(bucket) for bucket in buckets)
        result.status, cause = _delete(found, progress, clock.left())
    if result.status != "DELETE_COMPLETE":
        raise DeployError(
            f"stack {result.stack_name} ended {result.status}: {cause}: "
            "correct that and covidlake destroy it again"
        )
    for bucket in filter(None, buckets):
        result.objects += _remove(bucket)
        result.buckets.append(bucket)
    _schedule_key_deletions(made, progress)


def _refuse_kept(environment: str, found: StackTypeDef) -> None:
    tag, name = stack_inputs.THROW_AWAY_TAG, found["StackName"]
    path = project.ENVIRONMENTS / f"{environment}.yaml"
    # A stack that was only reviewed has no tags yet, and holds nothing.
    reviewed_only = found["StackStatus"] == "REVIEW_IN_PROGRESS"
    tags = {} if reviewed_only else {f"stack {name}": stack.tags_of(found)}
    if path.is_file():
        tags[project.relative(path)] = environment_file.load(environment, project.ENVIRONMENTS).tags
    for where, given in tags.items():
        if given.get(tag) != "true":
            raise DeployError(f'{where} has no tag {tag}: "true": only throw-away stacks are destroyed')
    if found.get("EnableTerminationProtection"):
        raise DeployError(f"stack {name} has termination protection: it is not to be destroyed")


def _delete(found: StackTypeDef, progress: Progress, time_limit: float) -> tuple[str, str]:
    """The last status, and the first failure on the way."""
    follower = Follower.from_now(found["StackId"], progress)
    aws.client("cloudformation").delete_stack(StackName=found["StackId"])
    status = follower.follow(time_limit)
    return status, follower.first_failure or "no failed resource was reported"


def _remove(bucket: str) -> int:
    """Empty and delete a bucket: how many objects it held. What was stopped may still have written to it."""
    objects = 0

    def remove() -> None:
        nonlocal objects
        objects += _empty(bucket)
        if _buckets.exists(bucket):
            aws.client("s3").delete_bucket(Bucket=bucket)

    retries.call(remove, lambda error: error.get("Code") == "BucketNotEmpty")
    return objects


def _empty(bucket: str) -> int:
    return bucket_contents.empty_bucket(bucket) if bucket and _buckets.exists(bucket) else 0


def _made(found: StackTypeDef) -> list[tuple[str, str]]:
    """Type and physical id of what the stack made, also of what an earlier deletion that failed has kept."""
    listed = [
        (one["ResourceType"], one.get("PhysicalResourceId", ""))
        for one in stack.resources(found["StackName"])
    ]
    return list(dict.fromkeys([*listed, *_kept(found)]))


def _kept(found: StackTypeDef) -> Iterator[tuple[str, str]]:
    """What deletions skipped since the stack was last in use: CloudFormation no longer lists it."""
    if found["StackStatus"] != "DELETE_FAILED":
        return
    pages = (
        aws.client("cloudformation")
        .get_paginator("describe_stack_events")
        .paginate(StackName=found["StackId"])
    )
    for event in (event for page in pages for event in page["StackEvents"]):
        kind, status = event.get("ResourceType", ""), event.get("ResourceStatus", "")
        if kind == STACK_TYPE and not status.startswith("DELETE_"):
            return
        if status == "DELETE_SKIPPED":
            yield kind, event.get("PhysicalResourceId", "")


def _schedule_key_deletions(made: list[tuple[str, str]], progress: Progress) -> None:
    """Keys outlive the stack for the sake of what they encrypt, which is gone now."""
    for kind, key in made:
        if kind == "AWS::KMS::Key" and key:
            bucket_contents.schedule_key_deletion(key)
            progress(f"key {key} is deleted in {bucket_contents.PENDING_KEY_DAYS} days")
