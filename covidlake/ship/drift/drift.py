"""`covidlake drift`: what was changed in the stack's resources behind CloudFormation's back."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from covidlake import aws
from covidlake.aws import retries
from covidlake.base.errors import CloudError
from covidlake.base.progress import Progress
from covidlake.base.text import one_line
from covidlake.environment import drift_ignore, environment_file
from covidlake.environment.drift_ignore import Entry
from covidlake.environment.target import check_target
from covidlake.ship.stack import stack

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import (
        DescribeStackDriftDetectionStatusOutputTypeDef,
        StackResourceDriftTypeDef,
    )

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html
DETECTABLE = {
    "CREATE_COMPLETE",
    "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
    "UPDATE_ROLLBACK_FAILED",
}
DRIFTED = {"DELETED", "MODIFIED"}
TIME_LIMIT_SECONDS = 1800.0


@dataclass(frozen=True)
class Difference:
    """One property: `kind` is CloudFormation's ADD, REMOVE or NOT_EQUAL; values are its texts."""

    path: str
    expected: str
    actual: str
    kind: str


@dataclass(frozen=True)
class Resource:
    """A resource that is not in sync; `status` is MODIFIED, DELETED, NOT_CHECKED, UNKNOWN or UNSUPPORTED."""

    logical_id: str
    type: str
    physical_id: str
    status: str
    differences: tuple[Difference, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Ignored:
    """Drift that an entry of the environment file lets pass; no difference means that it was DELETED."""

    logical_id: str
    status: str
    difference: Difference | None
    entry: Entry


@dataclass
class Drift:
    """A finished detection. `failure` says why some resources could not be checked, when that is so."""

    environment: str
    stack_name: str
    detected_at: datetime
    resources: list[Resource] = field(default_factory=list)
    unchecked: list[Resource] = field(default_factory=list)
    ignored: list[Ignored] = field(default_factory=list)
    stale: list[Entry] = field(default_factory=list)
    in_sync: int = 0
    failure: str = ""

    @property
    def found(self) -> bool:
        """Whether there is drift that no entry lets pass."""
        return bool(self.resources)


def drift(environment_name: str, progress: Progress) -> Drift:
    """Detect the drift of an environment's stack; nothing is changed.

    Raises `StackNotFoundError`, and `CloudError` when the stack's status does not allow a detection or
    the detection ends without any result.
    """
    environment = environment_file.load(environment_name)
    entries = drift_ignore.read(environment.path)
    check_target(environment)
    name = _detectable_stack(environment_name)
    detection = _detect(name, progress)
    failed = detection["DetectionStatus"] == "DETECTION_FAILED"
    found = Drift(environment_name, name, detection["Timestamp"])
    if failed:
        found.failure = one_line(detection.get("DetectionStatusReason", "no reason given"))
    checked = _resource_drifts(name)
    if failed and not checked:
        raise CloudError(f"stack {name}: drift could not be detected: {found.failure}")
    _sort(found, checked, entries)
    found.unchecked += _never_checked(name, {item["LogicalResourceId"] for item in checked})
    found.stale = _stale(entries, found)
    return found


def _detectable_stack(environment_name: str) -> str:
    described = stack.find(environment_name)
    if described.status.endswith("_IN_PROGRESS"):
        raise CloudError(
            f"stack {described.name} is {described.status}: drift can be detected when that has ended; "
            "wait, then ask again"
        )
    if described.status not in DETECTABLE:
        raise CloudError(
            f"stack {described.name} is {described.status}, in which CloudFormation detects no drift: "
            f"repair it with: covidlake deploy {environment_name}"
        )
    return described.name


def _already_running(error: Mapping[str, Any]) -> bool:
    return "already in progress" in (error.get("Message") or "") or retries.is_transient(error)


def _detect(name: str, progress: Progress) -> DescribeStackDriftDetectionStatusOutputTypeDef:
    """Start a detection, or wait for the one that another caller started, and follow ours to its end."""
    cloudformation, started = aws.client("cloudformation"), time.monotonic()
    answer = retries.call(lambda: cloudformation.detect_stack_drift(StackName=name), _already_running)
    identifier = answer["StackDriftDetectionId"]
    try:
        while True:
            status = cloudformation.describe_stack_drift_detection_status(StackDriftDetectionId=identifier)
            if status["DetectionStatus"] != "DETECTION_IN_PROGRESS":
                return status
            if time.monotonic() - started > TIME_LIMIT_SECONDS:
                raise CloudError(
                    f"stack {name}: the drift detection has not ended after {TIME_LIMIT_SECONDS / 60:.0f} "
                    "minutes: ask again later"
                )
            time.sleep(aws.poll_interval(time.monotonic() - started))
    except KeyboardInterrupt:
        progress(f"the detection {identifier} ends by itself in AWS; it only reads, nothing is changed")
        raise


def _resource_drifts(name: str) -> list[StackResourceDriftTypeDef]:
    """All pages; boto3 has no paginator for this operation."""
    answer = aws.client("cloudformation").describe_stack_resource_drifts(StackName=name)
    found = answer["StackResourceDrifts"]
    while token := answer.get("NextToken"):
        answer = aws.client("cloudformation").describe_stack_resource_drifts(StackName=name, NextToken=token)
        found += answer["StackResourceDrifts"]
    return found


def _sort(found: Drift, checked: list[StackResourceDriftTypeDef], entries: list[Entry]) -> None:
    for item in sorted(checked, key=lambda item: item["LogicalResourceId"]):
        resource = _resource(item)
        if resource.status == "IN_SYNC":
            found.in_sync += 1
        elif resource.status not in DRIFTED:
            found.unchecked.append(resource)
        else:
            _sift(found, resource, entries)


def _resource(item: StackResourceDriftTypeDef) -> Resource:
    differences = tuple(
        Difference(one["PropertyPath"], one["ExpectedValue"], one["ActualValue"], one["DifferenceType"])
        for one in item.get("PropertyDifferences", [])
    )
    return Resource(
        item["LogicalResourceId"],
        item["ResourceType"],
        item.get("PhysicalResourceId", ""),
        item["StackResourceDriftStatus"],
        differences,
        one_line(item.get("DriftStatusReason", "")),
    )


def _sift(found: Drift, resource: Resource, entries: list[Entry]) -> None:
    """Part what an entry lets pass from what is drift."""
    kept: list[Difference] = []
    for difference in resource.differences or (None,):
        path = difference.path if difference else None
        entry = next((one for one in entries if one.matches(resource.logical_id, path)), None)
        if entry:
            found.ignored.append(Ignored(resource.logical_id, resource.status, difference, entry))
        elif difference:
            kept.append(difference)
        else:
            found.resources.append(resource)
    if kept:
        found.resources.append(
            Resource(resource.logical_id, resource.type, resource.physical_id, resource.status, tuple(kept))
        )


def _never_checked(name: str, checked: set[str]) -> list[Resource]:
    """CloudFormation leaves resources whose type it cannot check out of its answer."""
    return [
        Resource(
            item["LogicalResourceId"],
            item["ResourceType"],
            item.get("PhysicalResourceId", ""),
            "NOT_CHECKED",
        )
        for item in stack.resources(name)
        if item["LogicalResourceId"] not in checked and item["ResourceStatus"] != "DELETE_COMPLETE"
    ]


def _stale(entries: list[Entry], found: Drift) -> list[Entry]:
    """Entries that let nothing pass; one for a resource that was not checked may be needed elsewhere."""
    used = {ignored.entry for ignored in found.ignored}
    return [
        entry
        for entry in entries
        if entry not in used and not any(entry.names(one.logical_id) for one in found.unchecked)
    ]
