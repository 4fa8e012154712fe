"""A change set is created for the right kind of stack and never left behind when it fails."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from covidlake import aws
from covidlake.base.errors import DeployError, StackBusyError
from covidlake.ship.stack import change_set, change_set_request, stack

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


def stack_is(stub: Stubber, status: str | None) -> None:
    if status is None:
        stub.add_client_error("describe_stacks", "ValidationError", f"Stack with id {NAME} does not exist")
    else:
        found = {"StackName": NAME, "CreationTime": NOW, "StackStatus": status}
        stub.add_response("describe_stacks", {"Stacks": [found]})


def change_set_is(stub: Stubber, status: str, **more: Any) -> None:
    stub.add_response("describe_change_set", {"Status": status, **more})


def create() -> change_set.ChangeSet | None:
    return request({"Size": "2"}, {"Team": "data"})


def request(parameters: dict[str, str], tags: dict[str, str], **options: Any) -> change_set.ChangeSet | None:
    """As the verbs ask for one: they have just described the stack."""
    return change_set_request.create(NAME, URL, parameters, tags, found=stack.describe(NAME), **options)


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


@pytest.mark.parametrize(
    "status",
    ["CREATE_FAILED", "DELETE_FAILED", "ROLLBACK_COMPLETE", "UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED"],
)
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


def discarded(stub: Stubber, *others: str, resources: int = 0) -> None:
    """What is asked before the empty stack of a change set is deleted."""
    stub.add_response("delete_change_set", {})
    stack_is(stub, "REVIEW_IN_PROGRESS")
    summaries = [{"ChangeSetName": name, "Status": "CREATE_COMPLETE"} for name in others]
    stub.add_response("list_change_sets", {"Summaries": summaries})
    if not others:
        held = {
            "LogicalResourceId": "A",
            "ResourceType": "AWS::SNS::Topic",
            "Timestamp": NOW,
            "ResourceStatus": "X",
        }
        stub.add_response("describe_stack_resources", {"StackResources": [held] * resources})


def test_a_failed_first_change_set_takes_its_empty_stack_along(stub: Stubber) -> None:
    stack_is(stub, None)
    stub.add_response("create_change_set", {})
    change_set_is(stub, "FAILED", StatusReason="Template error:\n bad Ref")
    discarded(stub)
    stub.add_response("delete_stack", {}, {"StackName": NAME})
    with pytest.raises(DeployError, match="the change set failed: Template error: bad Ref"):
        create()


def test_a_refused_change_set_gives_cloudformations_reason(stub: Stubber) -> None:
    stack_is(stub, "CREATE_COMPLETE")
    stub.add_client_error("create_change_set", "ValidationError", "Parameters: [X] must\nhave values")
    stub.add_response("delete_change_set", {})
    with pytest.raises(DeployError, match=r"stack covid-lake-dev: Parameters: \[X\] must have values"):
        create()


def test_an_interrupt_while_waiting_leaves_nothing(stub: Stubber, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: float) -> float:
        raise KeyboardInterrupt

    monkeypatch.setattr(aws, "poll_interval", interrupt)
    stack_is(stub, None)
    stub.add_response("create_change_set", {})
    change_set_is(stub, "CREATE_IN_PROGRESS")
    discarded(stub)
    stub.add_response("delete_stack", {})
    with pytest.raises(KeyboardInterrupt):
        create()


def test_property_values_are_asked_for_and_done_without_where_refused(stub: Stubber) -> None:
    stack_is(stub, "CREATE_COMPLETE")
    stub.add_response("create_change_set", {})
    asked = {"StackName": NAME, "ChangeSetName": ANY}
    stub.add_client_error(
        "describe_change_set",
        "ValidationError",
        "unknown option",
        expected_params={**asked, "IncludePropertyValues": True},
    )
    stub.add_response("describe_change_set", {"Status": "CREATE_COMPLETE", "Changes": [CHANGE]}, asked)
    created = create()
    assert created is not None
    assert len(created.changes) == 1


def test_the_service_role_and_the_prefix_are_passed(stub: Stubber) -> None:
    stack_is(stub, "UPDATE_COMPLETE")
    stub.add_response("create_change_set", {})
    change_set_is(stub, "CREATE_COMPLETE", Changes=[CHANGE])
    role = "arn:aws:iam::123456789012:role/covid-lake-dev-cloudformation"
    created = request({"Size": "2"}, {}, role_arn=role, name_prefix="plan")
    assert created is not None
    assert created.name.startswith(f"plan-{NAME}-")
    assert created.parameters == {"Size": "2"}
    assert created.previous is not None


EXPRESS = {"Mode": "EXPRESS", "DisableRollback": False}


def asked(**more: Any) -> dict[str, Any]:
    return {
        "StackName": NAME,
        "ChangeSetName": ANY,
        "ChangeSetType": "CREATE",
        "TemplateURL": URL,
        "Parameters": [],
        "Tags": [],
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
        **more,
    }


def test_express_mode_keeps_its_rollback(stub: Stubber) -> None:
    stack_is(stub, None)
    stub.add_response("create_change_set", {}, asked(DeploymentConfig=EXPRESS))
    change_set_is(stub, "CREATE_COMPLETE", Changes=[CHANGE])
    created = request({}, {}, express=True)
    assert created is not None
    assert created.express


def test_a_cloud_without_express_mode_is_said_once_and_done_without(stub: Stubber) -> None:
    stack_is(stub, None)
    stub.add_client_error(
        "create_change_set",
        "ValidationError",
        "DeploymentConfig is not supported here",
        expected_params=asked(DeploymentConfig=EXPRESS),
    )
    stub.add_response("create_change_set", {}, asked())
    change_set_is(stub, "CREATE_COMPLETE", Changes=[CHANGE])
    lines: list[str] = []
    created = request({}, {}, express=True, progress=lines.append)
    assert created is not None
    assert not created.express
    assert lines == ["no Express mode here, the standard one is used: DeploymentConfig is not supported here"]


def test_a_refusal_about_the_template_is_not_taken_for_one_of_express_mode(stub: Stubber) -> None:
    stack_is(stub, "CREATE_COMPLETE")
    stub.add_client_error("create_change_set", "ValidationError", "Parameters: [X] must have values")
    stub.add_response("delete_change_set", {})
    with pytest.raises(DeployError, match=r"Parameters: \[X\] must have values"):
        request({}, {}, express=True)


def test_a_stack_that_became_busy_meanwhile_is_distinguished(stub: Stubber) -> None:
    stack_is(stub, "CREATE_COMPLETE")
    message = f"Stack:arn:aws:x/{NAME} is in UPDATE_IN_PROGRESS state and can not be updated."
    stub.add_client_error("create_change_set", "ValidationError", message)
    stub.add_response("delete_change_set", {})
    with pytest.raises(StackBusyError, match="UPDATE_IN_PROGRESS"):
        create()


def test_a_change_set_that_another_deploy_took_along_is_a_busy_stack(stub: Stubber) -> None:
    stack_is(stub, "CREATE_COMPLETE")
    stub.add_response("create_change_set", {})
    stub.add_client_error("describe_change_set", "ChangeSetNotFound", "ChangeSet [x] does not exist")
    stub.add_client_error("delete_change_set", "ChangeSetNotFound", "ChangeSet [x] does not exist")
    with pytest.raises(StackBusyError, match="another deploy was faster"):
        create()


def test_a_change_set_in_time_is_waited_for_and_no_longer(stub: Stubber) -> None:
    stub.add_response("create_change_set", {})
    change_set_is(stub, "CREATE_IN_PROGRESS")
    stub.add_response("delete_change_set", {})
    with pytest.raises(DeployError, match="no change set after -1 s"):
        change_set_request.make(change_set.ChangeSet(NAME, "x", "UPDATE"), URL, time_limit=-1)


def test_a_change_set_that_goes_with_its_stack_says_so(stub: Stubber) -> None:
    """Another deploy or plan deletes the empty stack that both have found."""
    stack_is(stub, None)
    stub.add_response("create_change_set", {})
    for call in ("describe_change_set", "delete_change_set"):
        stub.add_client_error(call, "ValidationError", f"Stack [{NAME}] does not exist")
    stack_is(stub, None)
    with pytest.raises(StackBusyError, match=f"stack {NAME}: its change set is gone"):
        create()


def test_a_stack_that_is_deleted_before_its_update_is_asked_for_says_so(stub: Stubber) -> None:
    stack_is(stub, "CREATE_COMPLETE")
    for call in ("create_change_set", "delete_change_set"):
        stub.add_client_error(call, "ValidationError", f"Stack [{NAME}] does not exist")
    with pytest.raises(StackBusyError, match="does not exist"):
        create()
