"""CloudFormation's answers for tests of what follows and recovers a stack."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from botocore.stub import Stubber

NAME = "covid-lake-dev"
ARN = f"arn:aws:cloudformation:us-east-2:000000000000:stack/{NAME}/1"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def stack_is(stub: Stubber, status: str | None, name: str = NAME, **more: Any) -> None:
    """The next answer to DescribeStacks; None is CloudFormation's way to say that there is none."""
    if status is None:
        message = f"Stack with id {name} does not exist"
        stub.add_client_error("describe_stacks", "ValidationError", message, http_status_code=400)
    else:
        found = {"StackName": NAME, "StackId": ARN, "CreationTime": NOW, "StackStatus": status, **more}
        stub.add_response("describe_stacks", {"Stacks": [found]}, {"StackName": name})


def event(number: int, status: str, resource: str, reason: str = "") -> dict[str, Any]:
    return {
        "StackId": ARN,
        "StackName": NAME,
        "EventId": str(number),
        "Timestamp": NOW,
        "LogicalResourceId": resource,
        "ResourceType": "AWS::CloudFormation::Stack" if resource == NAME else "AWS::Glue::Job",
        "ResourceStatus": status,
        "ResourceStatusReason": reason,
    }


def events_are(stub: Stubber, *events: dict[str, Any], name: str = NAME, **page: str) -> None:
    """The next page of events, which CloudFormation tells newest first."""
    token = {"NextToken": page["after"]} if "after" in page else {}
    more = {"NextToken": page["before"]} if "before" in page else {}
    answer = {"StackEvents": list(events), **more}
    stub.add_response("describe_stack_events", answer, {"StackName": name, **token})


def resource(
    logical_id: str, status: str, kind: str = "AWS::S3::Bucket", physical_id: str = "", reason: str = ""
) -> dict[str, Any]:
    return {
        "LogicalResourceId": logical_id,
        "PhysicalResourceId": physical_id or logical_id.lower(),
        "ResourceType": kind,
        "LastUpdatedTimestamp": NOW,
        "ResourceStatus": status,
        "ResourceStatusReason": reason,
    }


def resources_are(stub: Stubber, *resources: dict[str, Any]) -> None:
    stub.add_response(
        "list_stack_resources", {"StackResourceSummaries": list(resources)}, {"StackName": NAME}
    )
