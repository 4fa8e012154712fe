"""A change set is created for the right kind of stack and never left behind when it fails."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from covidlake import _aws, change_set, deploy, stack
from covidlake._errors import DeployError

NAME = "covid-lake-dev"
URL = "https://bucket.s3.us-east-2.amazonaws.com/templates/x.json"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
CHANGE = {
    "Type": "Resource",
    "ResourceChange": {
        "Action": "Modify",
        "LogicalResourceId": "Job",
        "ResourceType": "AWS::Glue::Job",
        "Replacement": "True",
    },
}


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    client = boto3.client(
        "cloudformation", region_name="us-east-2", aws_access_key_id="x", aws_secret_access_key="x"
    )
    monkeypatch.setattr(stack, "client", lambda: client)
    monkeypatch.setattr(_aws, "poll_interval", lambda _: 0.0)
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def stack_is(stub: Stubber, status: str | None) -> None:
    if status is None:
        stub.add_client_error("describe_stacks", "ValidationError", f"Stack with id {NAME} does not exist")
    else:
        found = {"StackName": NAME, "CreationTime": NOW, "StackStatus": status}
        stub.add_response("describe_stacks", {"Stacks": [found]})


def change_set_is(stub: Stubber, status: str, **more: Any) -> None:
    stub.add_response("describe_change_set", {"Status": status, **more})


def create() -> change_set.ChangeSet | None:
    return change_set.create(NAME, URL, {"Size": "2"}, {"Team": "data"})


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (None, "CREATE"),
        ("REVIEW_IN_PROGRESS", "CREATE"),
        ("CREATE_COMPLETE", "UPDATE"),
        ("UPDATE_COMPLETE", "UPDATE"),
        ("UPDATE_ROLLBACK_COMPLETE", "UPDATE"),
    ],
)
def test_kind_follows_from_the_stack(stub: Stubber, status: str | None, kind: str) -> None:
    stack_is(stub, status)
    expected = {
        "StackName": NAME,
        "ChangeSetName": ANY,
        "ChangeSetType": kind,
        "TemplateURL": URL,
        "Parameters": [{"ParameterKey": "Size", "ParameterValue": "2"}],
        "Tags": [{"Key": "Team", "Value": "data"}],
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
    }
    stub.add_response("create_change_set", {}, expected)
    change_set_is(stub, "CREATE_IN_PROGRESS")
    change_set_is(stub, "CREATE_COMPLETE", Changes=[CHANGE])
    created = create()
    assert created is not None
    assert created.kind == kind
    assert created.lines() == ["Modify  AWS::Glue::Job Job (replaced)"]


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "UPDATE_IN_PROGRESS", "DELETE_FAILED"])
def test_a_stack_that_cannot_be_updated_is_refused_with_its_state(stub: Stubber, status: str) -> None:
    stack_is(stub, status)
    with pytest.raises(DeployError, match=f"stack {NAME} is {status}"):
        create()


def test_all_pages_of_changes_are_read(stub: Stubber) -> None:
    stack_is(stub, "CREATE_COMPLETE")
    stub.add_response("create_change_set", {})
    change_set_is(stub, "CREATE_COMPLETE", Changes=[CHANGE], NextToken="more")
    change_set_is(stub, "CREATE_COMPLETE", Changes=[CHANGE, CHANGE])
    created = create()
    assert created is not None
    assert len(created.changes) == 3


@pytest.mark.parametrize(
    "reason",
    [
        "The submitted information didn't contain changes. Submit different information",
        "No updates are to be performed.",
    ],
)
def test_no_change_is_no_failure_and_leaves_nothing(stub: Stubber, reason: str) -> None:
    stack_is(stub, "UPDATE_COMPLETE")
    stub.add_response("create_change_set", {})
    change_set_is(stub, "FAILED", StatusReason=reason)
    stub.add_response("delete_change_set", {})
    assert create() is None


def test_a_failed_first_change_set_takes_its_empty_stack_along(stub: Stubber) -> None:
    stack_is(stub, None)
    stub.add_response("create_change_set", {})
    change_set_is(stub, "FAILED", StatusReason="Template error:\n bad Ref")
    stub.add_response("delete_change_set", {})
    stub.add_response("delete_stack", {})
    with pytest.raises(DeployError, match="the change set failed: Template error: bad Ref"):
        create()


def test_a_refused_change_set_gives_cloudformations_reason(stub: Stubber) -> None:
    stack_is(stub, "CREATE_COMPLETE")
    stub.add_client_error("create_change_set", "ValidationError", "Parameters: [X] must\nhave values")
    with pytest.raises(DeployError, match=r"stack covid-lake-dev: Parameters: \[X\] must have values"):
        create()


def stack_event(number: int, status: str, resource: str, reason: str = "") -> dict[str, Any]:
    return {
        "StackId": NAME,
        "StackName": NAME,
        "EventId": str(number),
        "Timestamp": NOW,
        "LogicalResourceId": resource,
        "ResourceType": "AWS::CloudFormation::Stack" if resource == NAME else "AWS::Glue::Job",
        "ResourceStatus": status,
        "ResourceStatusReason": reason,
    }


def test_the_first_failure_is_told_not_the_cascade(stub: Stubber) -> None:
    events = [
        stack_event(1, "CREATE_IN_PROGRESS", NAME),
        stack_event(2, "CREATE_FAILED", "Crawler", "Resource creation cancelled"),
        stack_event(3, "CREATE_FAILED", "Job", "role\n is missing"),
        stack_event(4, "CREATE_FAILED", "Topic", "later"),
    ]
    stub.add_response("execute_change_set", {})
    stack_is(stub, "CREATE_IN_PROGRESS")
    stub.add_response("describe_stack_events", {"StackEvents": events[:1]})
    stack_is(stub, "ROLLBACK_COMPLETE")
    stub.add_response("describe_stack_events", {"StackEvents": events[::-1]})
    told: list[str] = []
    with pytest.raises(DeployError, match=r"ended ROLLBACK_COMPLETE: Job: role is missing$"):
        deploy.execute(change_set.ChangeSet(NAME, "first", "CREATE"), told.append)
    assert [line.split()[1] for line in told] == ["CREATE_IN_PROGRESS", *["CREATE_FAILED"] * 3]


def test_an_update_tells_only_its_own_events(stub: Stubber) -> None:
    old, new = stack_event(1, "CREATE_COMPLETE", "Job"), stack_event(2, "UPDATE_COMPLETE", "Job")
    stub.add_response("describe_stack_events", {"StackEvents": [old]})
    stub.add_response("execute_change_set", {})
    stack_is(stub, "UPDATE_COMPLETE")
    stub.add_response("describe_stack_events", {"StackEvents": [new, old]})
    told: list[str] = []
    assert deploy.execute(change_set.ChangeSet(NAME, "next", "UPDATE"), told.append) == "UPDATE_COMPLETE"
    assert told == ["00:00:00 UPDATE_COMPLETE      Job"]


def test_a_stack_that_does_not_end_is_a_failure(stub: Stubber, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deploy, "TIME_LIMIT_SECONDS", -1.0)
    stub.add_response("execute_change_set", {})
    stack_is(stub, "CREATE_IN_PROGRESS")
    stub.add_response("describe_stack_events", {"StackEvents": []})
    with pytest.raises(DeployError, match="is still CREATE_IN_PROGRESS"):
        deploy.execute(change_set.ChangeSet(NAME, "first", "CREATE"), lambda _: None)
