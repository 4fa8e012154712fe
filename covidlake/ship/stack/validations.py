"""What CloudFormation checks before it touches a resource, as the events of a change set say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from botocore.exceptions import ClientError

from covidlake import aws
from covidlake.base.text import one_line

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import OperationEventTypeDef


@dataclass(frozen=True)
class Validation:
    """One that did not pass; `status` is FAILED or SKIPPED, `mode` FAIL or WARN."""

    logical_id: str
    type: str
    name: str
    path: str
    status: str
    mode: str
    reason: str

    @classmethod
    def of(cls, event: OperationEventTypeDef) -> Self:
        return cls(
            event.get("LogicalResourceId", ""),
            event.get("ResourceType", ""),
            event.get("ValidationName", ""),
            event.get("ValidationPath", ""),
            event.get("ValidationStatus", "FAILED"),
            event.get("ValidationFailureMode", "FAIL"),
            one_line(event.get("ValidationStatusReason", "")),
        )

    @property
    def refuses(self) -> bool:
        """Whether CloudFormation does not execute the change set because of it."""
        return self.status == "FAILED" and self.mode != "WARN"

    @property
    def outcome(self) -> str:
        """failed, warning or skipped."""
        if self.status == "SKIPPED":
            return "skipped"
        return "failed" if self.refuses else "warning"

    def __str__(self) -> str:
        place = f" at {self.path}" if self.path else ""
        resource = f"{self.logical_id} ({self.type})" if self.type else self.logical_id or "the stack"
        return f"{resource}: {self.name}{place}: {self.reason or 'no reason given'}"


@dataclass(frozen=True)
class Validations:
    """Those of a change set that did not pass, or why they are not known."""

    found: tuple[Validation, ...] = ()
    unknown: str = ""

    def refusal(self) -> str | None:
        """The first that refuses the change set, in one line; None where none does."""
        refusing = [one for one in self.found if one.refuses]
        if not refusing:
            return None
        more = f" (and {len(refusing) - 1} more)" if len(refusing) > 1 else ""
        return f"{refusing[0]}{more}"


def read(change_set_id: str) -> Validations:
    """The validations of a change set, all pages; a caller or a cloud without the right to it gets `unknown`.

    The id, because CloudFormation does not find the events of a change set by its name.
    """
    if not change_set_id:
        return Validations(unknown="the change set has no id")
    try:
        pages = (
            aws.client("cloudformation")
            .get_paginator("describe_events")
            .paginate(ChangeSetName=change_set_id)
        )
        events = [event for page in pages for event in page["OperationEvents"]]
    except ClientError as error:
        return Validations(unknown=f"DescribeEvents: {error.response['Error'].get('Code', 'refused')}")
    found = {Validation.of(event): None for event in events if _is_validation(event)}
    return Validations(tuple(sorted(found, key=lambda one: (one.outcome, one.logical_id, one.path))))


def _is_validation(event: Mapping[str, Any]) -> bool:
    return event.get("EventType") == "VALIDATION_ERROR" or "ValidationStatus" in event
