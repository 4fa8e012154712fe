"""Change sets of the local cloud say what AWS's say: values, and only resources that will exist."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud
from localcloud.cloudformation import stack_operations
from localcloud.cloudformation.change_sets import KNOWN_LATER, MASK

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


def test_values_before_and_after_are_shown_when_asked_for(cloudformation: Any) -> None:
    create(cloudformation)
    topic = changes(cloudformation, "UPDATE", Name="second")["Topic"]
    assert properties(topic, "BeforeContext") == {"DisplayName": f"first <&> {MASK}"}
    assert properties(topic, "AfterContext") == {"DisplayName": f"second <&> {MASK}"}
    assert "AfterContext" not in changes(cloudformation, "UPDATE", values=False, Name="second")["Topic"]


def make(client: Any, template: dict[str, Any] = TEMPLATE, name: str = "look", **options: Any) -> str:
    """A change set that has ended: its id."""
    options = {"ChangeSetType": "UPDATE", "TemplateBody": json.dumps(template), **options}
    made = client.create_change_set(StackName=STACK, ChangeSetName=name, **options)
    while client.describe_change_set(ChangeSetName=made["Id"])["Status"] == "CREATE_IN_PROGRESS":
        time.sleep(0.05)
    return str(made["Id"])


@pytest.fixture
def deployed(cloudformation: Any) -> Any:
    cloudformation.create_stack(StackName=STACK, TemplateBody=json.dumps(TEMPLATE))
    quickly = {"Delay": 0.1, "MaxAttempts": 100}
    cloudformation.get_waiter("stack_create_complete").wait(StackName=STACK, WaiterConfig=quickly)
    return cloudformation


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"DeploymentConfig": {"Mode": "EXPRESS"}}, "does not support DeploymentConfig Mode EXPRESS"),
        ({"DeploymentConfig": {"DisableRollback": True}}, "DeploymentConfig DisableRollback"),
        ({"DeploymentMode": "REVERT_DRIFT", "ChangeSetType": "CREATE"}, "was deployed before"),
    ],
)
def test_an_option_that_is_not_done_is_refused(deployed: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ClientError, match=message):
        make(deployed, **options)


def test_a_drift_aware_change_set_shows_live_values_and_is_not_executed(
    deployed: Any, cloud: LocalCloud
) -> None:
    topic = deployed.describe_stack_resource(StackName=STACK, LogicalResourceId="Topic")
    arn = topic["StackResourceDetail"]["PhysicalResourceId"]
    cloud.client("sns").set_topic_attributes(
        TopicArn=arn, AttributeName="DisplayName", AttributeValue="by hand"
    )
    with pytest.raises(ClientError, match="localcloud does not support executing a drift-aware"):
        deployed.execute_change_set(ChangeSetName=make(deployed, DeploymentMode="REVERT_DRIFT"))
    found = deployed.describe_change_set(StackName=STACK, ChangeSetName="look")
    assert (found["StackDriftStatus"], found["DeploymentMode"]) == ("DRIFTED", "REVERT_DRIFT")
    (given,) = (one["ResourceChange"] for one in found["Changes"])
    target = given["Details"][0]["Target"]
    assert given["ResourceDriftStatus"] == "MODIFIED"
    assert (target["Path"], target["Drift"]["ActualValue"]) == ("/Properties/DisplayName", "by hand")


def test_a_stack_without_drift_has_no_drift_aware_change_set(deployed: Any) -> None:
    found = deployed.describe_change_set(ChangeSetName=make(deployed, DeploymentMode="REVERT_DRIFT"))
    assert found["Status"] == "FAILED"
    assert "didn't contain changes" in found["StatusReason"]


def test_a_deleted_resource_is_drift(deployed: Any, cloud: LocalCloud) -> None:
    topic = deployed.describe_stack_resource(StackName=STACK, LogicalResourceId="Topic")
    cloud.client("sns").delete_topic(TopicArn=topic["StackResourceDetail"]["PhysicalResourceId"])
    found = deployed.describe_change_set(ChangeSetName=make(deployed, DeploymentMode="REVERT_DRIFT"))
    (given,) = (one["ResourceChange"] for one in found["Changes"])
    assert (given["Action"], given["ResourceDriftStatus"]) == ("Add", "DELETED")


BUCKET = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "validated-bucket"}}


def test_validations_of_a_change_set_are_its_events(deployed: Any, cloud: LocalCloud) -> None:
    s3, here = cloud.client("s3"), cloud.client("s3").meta.region_name
    s3.create_bucket(Bucket="validated-bucket", CreateBucketConfiguration={"LocationConstraint": here})
    resources = {**TEMPLATE["Resources"], "Bucket": BUCKET}  # type: ignore[dict-item]
    made = make(deployed, {**TEMPLATE, "Resources": resources})
    found = deployed.describe_change_set(ChangeSetName=made)
    assert (found["Status"], found["Changes"]) == ("FAILED", [])
    assert "AWS::EarlyValidation::ResourceExistenceCheck" in found["StatusReason"]
    (event,) = deployed.describe_events(ChangeSetName=made)["OperationEvents"]
    assert (event["ValidationName"], event["ValidationStatus"], event["ValidationFailureMode"]) == (
        "NAME_CONFLICT_VALIDATION",
        "FAILED",
        "FAIL",
    )
    s3.delete_bucket(Bucket="validated-bucket")
    passed = make(deployed, {**TEMPLATE, "Resources": resources}, "again")
    assert deployed.describe_events(ChangeSetName=passed)["OperationEvents"] == []


@pytest.mark.parametrize(("name", "code"), [("look", "ValidationError"), ("arn:x", "ChangeSetNotFound")])
def test_events_are_found_by_the_id_of_a_change_set_only(deployed: Any, name: str, code: str) -> None:
    with pytest.raises(ClientError, match=code):
        deployed.describe_events(ChangeSetName=name)


def test_an_address_with_a_version_is_that_version(deployed: Any, cloud: LocalCloud) -> None:
    s3, bucket = cloud.client("s3"), "versions-of-a-template"
    here = {"LocationConstraint": s3.meta.region_name}
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=here)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    queue = {"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}
    first = s3.put_object(Bucket=bucket, Key="t/a b.json", Body=json.dumps(queue).encode())["VersionId"]
    s3.put_object(Bucket=bucket, Key="t/a b.json", Body=b"swapped")
    address = f"https://s3.{s3.meta.region_name}.amazonaws.com/{bucket}/t/a%20b.json?versionId="
    taken = deployed.get_template_summary(TemplateURL=address + first)
    assert taken["ResourceTypes"] == ["AWS::SQS::Queue"]
    with pytest.raises(ClientError, match="Template not found at"):
        deployed.get_template_summary(TemplateURL=address + "unknown")


def test_two_change_sets_of_a_stack_in_review_are_of_one_stack_and_one_is_executed(
    cloud: LocalCloud,
) -> None:
    formation = cloud.client("cloudformation")
    body = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})
    made = [
        formation.create_change_set(
            StackName="in-review", ChangeSetName=name, ChangeSetType="CREATE", TemplateBody=body
        )
        for name in ("one", "two")
    ]
    assert made[0]["StackId"] == made[1]["StackId"]
    with pytest.raises(ClientError, match="TemplateBody or TemplateURL is required"):
        formation.create_change_set(StackName="in-review", ChangeSetName="three", ChangeSetType="CREATE")
    formation.execute_change_set(StackName="in-review", ChangeSetName="two")
    with pytest.raises(ClientError, match="ChangeSetNotFound"):
        formation.execute_change_set(StackName="in-review", ChangeSetName="one")
    formation.get_waiter("stack_create_complete").wait(
        StackName="in-review", WaiterConfig={"Delay": 1, "MaxAttempts": 30}
    )
    formation.delete_stack(StackName="in-review")
