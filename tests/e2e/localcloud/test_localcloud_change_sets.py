"""Change sets of the local cloud tell what AWS's tell: values, and only resources that will exist."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from localcloud import stack_operations
from localcloud.change_sets import KNOWN_LATER, MASK
from localcloud.cloud import LocalCloud

STACK = "change-sets"
TEMPLATE = {
    "Parameters": {
        "Wanted": {"Type": "String", "Default": "no"},
        "Name": {"Type": "String", "Default": "first"},
        "Secret": {"Type": "String", "NoEcho": True, "Default": "hunter22"},
    },
    "Conditions": {"IsWanted": {"Fn::Equals": [{"Ref": "Wanted"}, "yes"]}},
    "Resources": {
        "Topic": {
            "Type": "AWS::SNS::Topic",
            "Properties": {
                "DisplayName": {"Fn::Sub": "${Name} <&> ${Secret}"},
                "KmsMasterKeyId": {"Fn::If": ["IsWanted", "alias/aws/sns", {"Ref": "AWS::NoValue"}]},
            },
        },
        "Queue": {"Type": "AWS::SQS::Queue", "Condition": "IsWanted"},
        "Subscription": {
            "Type": "AWS::SNS::Subscription",
            "Condition": "IsWanted",
            "Properties": {
                "Protocol": "sqs",
                "TopicArn": {"Ref": "Topic"},
                "Endpoint": {"Fn::GetAtt": ["Queue", "Arn"]},
            },
        },
    },
}


@pytest.fixture
def cloudformation(cloud: LocalCloud) -> Iterator[Any]:
    client = cloud.client("cloudformation")
    yield client
    client.delete_stack(StackName=STACK)
    client.get_waiter("stack_delete_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})


def changes(client: Any, kind: str, *, values: bool = True, **parameters: str) -> dict[str, dict[str, Any]]:
    """The changes of a change set by logical id; the change set is deleted."""
    client.create_change_set(
        StackName=STACK,
        ChangeSetName="look",
        ChangeSetType=kind,
        TemplateBody=json.dumps(TEMPLATE),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
    )
    asked = {"IncludePropertyValues": True} if values else {}
    waiter = client.get_waiter("change_set_create_complete")
    waiter.wait(StackName=STACK, ChangeSetName="look", WaiterConfig={"Delay": 0.1})
    found = client.describe_change_set(StackName=STACK, ChangeSetName="look", **asked)
    client.delete_change_set(StackName=STACK, ChangeSetName="look")
    listed = [change["ResourceChange"] for change in found["Changes"]]
    return {change["LogicalResourceId"]: change for change in listed}


def test_neither_change_set_nor_stack_is_done_at_the_first_look(cloudformation: Any) -> None:
    name = {"StackName": "first-look", "ChangeSetName": "look"}
    cloudformation.create_change_set(**name, ChangeSetType="CREATE", TemplateBody=json.dumps(TEMPLATE))
    first = cloudformation.describe_change_set(**name)
    assert (first["Status"], first["ExecutionStatus"], first["Changes"]) == (
        "CREATE_IN_PROGRESS",
        "UNAVAILABLE",
        [],
    )
    cloudformation.get_waiter("change_set_create_complete").wait(**name, WaiterConfig={"Delay": 0.1})
    cloudformation.execute_change_set(**name)
    quickly = {"Delay": 0.1}
    cloudformation.get_waiter("stack_create_complete").wait(StackName="first-look", WaiterConfig=quickly)
    events = cloudformation.describe_stack_events(StackName="first-look")["StackEvents"]
    times = {
        event["ResourceStatus"]: event["Timestamp"]
        for event in events
        if event["ResourceType"] == "AWS::CloudFormation::Stack"
    }
    took = times["CREATE_COMPLETE"] - times["CREATE_IN_PROGRESS"]
    assert took.total_seconds() >= stack_operations.SECONDS - 0.01
    cloudformation.delete_stack(StackName="first-look")


def properties(change: dict[str, Any], side: str) -> Any:
    return json.loads(change[side])["Properties"]


def create(client: Any, **parameters: str) -> None:
    client.create_stack(
        StackName=STACK,
        TemplateBody=json.dumps(TEMPLATE),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
    )
    client.get_waiter("stack_create_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})


def test_a_resource_whose_condition_is_false_is_not_added(cloudformation: Any) -> None:
    found = changes(cloudformation, "CREATE")
    assert set(found) == {"Topic"}
    assert "BeforeContext" not in found["Topic"]
    assert properties(found["Topic"], "AfterContext") == {"DisplayName": f"first <&> {MASK}"}


def test_what_is_not_made_yet_is_known_later(cloudformation: Any) -> None:
    found = changes(cloudformation, "CREATE", Wanted="yes")
    assert properties(found["Subscription"], "AfterContext") == {
        "Protocol": "sqs",
        "TopicArn": KNOWN_LATER,
        "Endpoint": KNOWN_LATER,
    }


@pytest.mark.parametrize(("before", "after", "action"), [("no", "yes", "Add"), ("yes", "no", "Remove")])
def test_a_condition_that_turns_adds_or_removes(
    cloudformation: Any, before: str, after: str, action: str
) -> None:
    create(cloudformation, Wanted=before)
    found = changes(cloudformation, "UPDATE", Wanted=after)
    assert {name: change["Action"] for name, change in found.items()} == {
        "Queue": action,
        "Subscription": action,
        "Topic": "Modify",
    }


def test_values_before_and_after_are_told_when_asked_for(cloudformation: Any) -> None:
    create(cloudformation)
    topic = changes(cloudformation, "UPDATE", Name="second")["Topic"]
    assert properties(topic, "BeforeContext") == {"DisplayName": f"first <&> {MASK}"}
    assert properties(topic, "AfterContext") == {"DisplayName": f"second <&> {MASK}"}
    assert "AfterContext" not in changes(cloudformation, "UPDATE", values=False, Name="second")["Topic"]
