"""CloudFormation keeps what a template says, refuses what it cannot keep, and throws no data away."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud

Deploy = Callable[..., dict[str, Any]]
TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole"}


def role(service: str) -> dict[str, Any]:
    statement = {**TRUST, "Principal": {"Service": service}}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": policy}}


def settled(cloud: LocalCloud, name: str) -> dict[str, Any]:
    client = cloud.client("cloudformation")
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        stack: dict[str, Any] = client.describe_stacks(StackName=name)["Stacks"][0]
        if not stack["StackStatus"].endswith("IN_PROGRESS"):
            return stack
        time.sleep(0.02)
    raise AssertionError(f"{name} does not settle")


def gone(cloud: LocalCloud, name: str) -> bool:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        stacks = cloud.client("cloudformation").describe_stacks()["Stacks"]
        if name not in {stack["StackName"] for stack in stacks}:
            return True
        time.sleep(0.02)
    return False


def reasons(cloud: LocalCloud, name: str) -> str:
    events = cloud.client("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
    return "\n".join(e.get("ResourceStatusReason", "") for e in events if "FAILED" in e["ResourceStatus"])


def outputs(stack: dict[str, Any]) -> dict[str, str]:
    return {item["OutputKey"]: item["OutputValue"] for item in stack.get("Outputs", [])}


@pytest.fixture
def deploy(cloud: LocalCloud) -> Iterator[Deploy]:
    client = cloud.client("cloudformation")
    made: set[str] = set()

    def create_or_update(name: str, resources: dict[str, Any], **more: Any) -> dict[str, Any]:
        body = json.dumps({"Resources": resources, **more})
        call = client.update_stack if name in made else client.create_stack
        call(StackName=name, TemplateBody=body, Capabilities=["CAPABILITY_IAM"])
        made.add(name)
        return settled(cloud, name)

    yield create_or_update
    for name in made:
        client.delete_stack(StackName=name)


def bucket_of(stack: dict[str, Any]) -> str:
    return outputs(stack)["Name"]


NAME = {"Outputs": {"Name": {"Value": {"Ref": "Bucket"}}}}


def test_a_bucket_that_holds_data_is_not_deleted_with_its_stack(cloud: LocalCloud, deploy: Deploy) -> None:
    stack = deploy("core-full", {"Bucket": {"Type": "AWS::S3::Bucket"}}, **NAME)
    s3, bucket = cloud.client("s3"), bucket_of(stack)
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    cloud.client("cloudformation").delete_stack(StackName="core-full")
    assert settled(cloud, "core-full")["StackStatus"] == "DELETE_FAILED"
    assert "not empty" in reasons(cloud, "core-full")
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"1"
    s3.delete_object(Bucket=bucket, Key="a")


def test_a_bucket_that_holds_old_versions_is_not_deleted_either(cloud: LocalCloud, deploy: Deploy) -> None:
    versioned = {"VersioningConfiguration": {"Status": "Enabled"}}
    stack = deploy("core-old", {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": versioned}}, **NAME)
    s3, bucket = cloud.client("s3"), bucket_of(stack)
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    s3.delete_object(Bucket=bucket, Key="a")
    cloud.client("cloudformation").delete_stack(StackName="core-old")
    assert settled(cloud, "core-old")["StackStatus"] == "DELETE_FAILED"
    for kind in ("Versions", "DeleteMarkers"):
        for version in s3.list_object_versions(Bucket=bucket)[kind]:
            s3.delete_object(Bucket=bucket, Key="a", VersionId=version["VersionId"])


@pytest.mark.parametrize("policy", ["Retain", "RetainExceptOnCreate"])
def test_a_retained_bucket_outlives_its_stack(cloud: LocalCloud, deploy: Deploy, policy: str) -> None:
    name = f"core-kept-{policy}".lower()
    stack = deploy(name, {"Bucket": {"Type": "AWS::S3::Bucket", "DeletionPolicy": policy}}, **NAME)
    cloud.client("s3").put_object(Bucket=bucket_of(stack), Key="a", Body=b"1")
    cloud.client("cloudformation").delete_stack(StackName=name)
    assert gone(cloud, name)
    assert cloud.client("s3").get_object(Bucket=bucket_of(stack), Key="a")["Body"].read() == b"1"


def test_retain_except_on_create_leaves_nothing_of_a_failed_create(cloud: LocalCloud, deploy: Deploy) -> None:
    before = {b["Name"] for b in cloud.client("s3").list_buckets()["Buckets"]}
    bucket = {"Type": "AWS::S3::Bucket", "DeletionPolicy": "RetainExceptOnCreate"}
    broken = {"Type": "AWS::SNS::Topic", "DependsOn": "Bucket", "Properties": {"TopicNam": "x"}}
    stack = deploy("core-failed-create", {"Bucket": bucket, "Topic": broken})
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert {b["Name"] for b in cloud.client("s3").list_buckets()["Buckets"]} == before


def test_bucket_properties_are_kept_changed_and_dropped(cloud: LocalCloud, deploy: Deploy) -> None:
    rule = {"Id": "old", "Status": "Enabled", "Prefix": "athena/", "ExpirationInDays": "7"}
    uploads = {"Id": "up", "Status": "Enabled", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 3}}
    glacier = {
        "Id": "cold",
        "Status": "Enabled",
        "TagFilters": [{"Key": "tier", "Value": "cold"}],
        "Prefix": "clean/",
        "Transitions": [{"StorageClass": "GLACIER", "TransitionInDays": 30}],
        "NoncurrentVersionExpiration": {"NoncurrentDays": 9, "NewerNoncurrentVersions": 2},
    }
    key = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    properties = {
        "LifecycleConfiguration": {"Rules": [rule, uploads, glacier]},
        "BucketEncryption": {"ServerSideEncryptionConfiguration": [key]},
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "VersioningConfiguration": {"Status": "Enabled"},
        "Tags": [{"Key": "team", "Value": "data"}],
    }
    stack = deploy("core-props", {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": properties}}, **NAME)
    s3, bucket = cloud.client("s3"), bucket_of(stack)
    rules = {r["ID"]: r for r in s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]}
    assert rules["old"]["Expiration"] == {"Days": 7}
    assert rules["old"]["Filter"] == {"Prefix": "athena/"}
    assert rules["up"]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 3}
    assert rules["cold"]["Filter"]["And"]["Prefix"] == "clean/"
    assert rules["cold"]["Transitions"] == [{"Days": 30, "StorageClass": "GLACIER"}]
    assert rules["cold"]["NoncurrentVersionExpiration"]["NoncurrentDays"] == 9
    encryption = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert encryption["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    ownership = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    assert ownership == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    tags = {t["Key"]: t["Value"] for t in s3.get_bucket_tagging(Bucket=bucket)["TagSet"]}
    assert tags["team"] == "data"
    assert tags["aws:cloudformation:logical-id"] == "Bucket"
    fewer = {"LifecycleConfiguration": {"Rules": [uploads]}}
    deploy("core-props", {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": fewer}}, **NAME)
    assert [r["ID"] for r in s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]] == ["up"]
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Suspended"


def test_job_properties_are_kept_as_numbers(cloud: LocalCloud, deploy: Deploy) -> None:
    job = {
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Command": {"Name": "glueetl", "ScriptLocation": "s3://scripts/a.py"},
        "ExecutionProperty": {"MaxConcurrentRuns": 3},
        "ExecutionClass": "FLEX",
        "GlueVersion": "5.1",
        "NumberOfWorkers": {"Ref": "Workers"},
        "Timeout": "20",
        "WorkerType": "G.1X",
    }
    resources = {"Role": role("glue.amazonaws.com"), "Job": {"Type": "AWS::Glue::Job", "Properties": job}}
    more = {
        "Parameters": {"Workers": {"Type": "Number", "Default": 4}},
        "Outputs": {"Job": {"Value": {"Ref": "Job"}}},
    }
    name = outputs(deploy("core-job", resources, **more))["Job"]
    made = cloud.client("glue").get_job(JobName=name)["Job"]
    assert made["ExecutionProperty"] == {"MaxConcurrentRuns": 3}
    assert (made["NumberOfWorkers"], made["Timeout"], made["ExecutionClass"]) == (4, 20, "FLEX")
    job["ExecutionProperty"] = {"MaxConcurrentRuns": 5}
    deploy("core-job", resources, **more)
    changed = cloud.client("glue").get_job(JobName=name)["Job"]
    assert changed["ExecutionProperty"] == {"MaxConcurrentRuns": 5}


def machine(definition: Any) -> dict[str, Any]:
    log_group = {"Fn::GetAtt": ["Logs", "Arn"]}
    return {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {
            "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
            "Definition": definition,
            "LoggingConfiguration": {
                "Level": "ALL",
                "IncludeExecutionData": "true",
                "Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": log_group}}],
            },
            "TracingConfiguration": {"Enabled": True},
        },
    }


def machine_stack(definition: Any, service: str = "states.amazonaws.com") -> dict[str, Any]:
    executor = role(service)
    deliver = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}
    executor["Properties"]["Policies"] = [{"PolicyName": "log", "PolicyDocument": {"Statement": [deliver]}}]
    return {"Logs": {"Type": "AWS::Logs::LogGroup"}, "Role": executor, "Machine": machine(definition)}


DONE = {"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}
ARN = {"Outputs": {"Arn": {"Value": {"Ref": "Machine"}}}}


def test_state_machines_keep_logging_and_tracing(cloud: LocalCloud, deploy: Deploy) -> None:
    stack = deploy("core-machine", machine_stack(DONE), **ARN)
    assert stack["StackStatus"] == "CREATE_COMPLETE", reasons(cloud, "core-machine")
    client = cloud.client("stepfunctions")
    made = client.describe_state_machine(stateMachineArn=outputs(stack)["Arn"])
    assert made["loggingConfiguration"]["level"] == "ALL"
    assert made["loggingConfiguration"]["includeExecutionData"] is True
    destination = made["loggingConfiguration"]["destinations"][0]["cloudWatchLogsLogGroup"]
    assert ":log-group:" in destination["logGroupArn"]
    assert made["tracingConfiguration"] == {"enabled": True}
    changed = machine_stack({**DONE, "Comment": "changed"})
    deploy("core-machine", changed, **ARN)
    made = client.describe_state_machine(stateMachineArn=outputs(stack)["Arn"])
    assert json.loads(made["definition"])["Comment"] == "changed"
    assert made["loggingConfiguration"]["level"] == "ALL"


def test_a_state_machine_whose_role_it_may_not_assume_fails(cloud: LocalCloud, deploy: Deploy) -> None:
    stack = deploy("core-machine-role", machine_stack(DONE, "lambda.amazonaws.com"))
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "authorized to assume the provided role" in reasons(cloud, "core-machine-role")


def test_a_state_machine_s_role_may_trust_step_functions_of_the_region(
    cloud: LocalCloud, deploy: Deploy
) -> None:
    stack = deploy("core-machine-cdk", machine_stack(DONE, f"states.{cloud.region}.amazonaws.com"))
    assert stack["StackStatus"] == "CREATE_COMPLETE", reasons(cloud, "core-machine-cdk")


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("AWS::S3::Bucket", "ReplicationConfiguration"),
        ("AWS::SNS::Topic", "TopicNam"),
        ("AWS::Glue::Database", "DatabaseInputs"),
    ],
)
def test_a_property_that_would_be_dropped_is_refused_by_name(
    cloud: LocalCloud, deploy: Deploy, kind: str, name: str
) -> None:
    stack_name = f"core-refused-{name}".lower()
    stack = deploy(stack_name, {"Thing": {"Type": kind, "Properties": {name: {"a": "b"}}}})
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert f"unsupported property {name}" in reasons(cloud, stack_name)


def function_stack(**properties: Any) -> dict[str, Any]:
    function = {
        "Runtime": "python3.11",
        "Handler": "index.handler",
        "Code": {"ZipFile": "def handler(event, context): return 1"},
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        **properties,
    }
    return {
        "Role": role("lambda.amazonaws.com"),
        "Function": {"Type": "AWS::Lambda::Function", "Properties": function},
    }


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({"Runtime": "nodejs22.x"}, "does not support runtime 'nodejs22.x'"),
        ({"Code": {"S3Bucket": "core-no-such-bucket", "S3Key": "a.zip"}}, "NoSuchKey"),
    ],
)
def test_a_function_that_cannot_run_fails_the_stack(
    cloud: LocalCloud, deploy: Deploy, properties: dict[str, Any], reason: str
) -> None:
    name = f"core-function-{len(reason)}"
    assert deploy(name, function_stack(**properties))["StackStatus"] == "ROLLBACK_COMPLETE"
    assert reason in reasons(cloud, name)


def test_reserved_concurrency_is_kept(cloud: LocalCloud, deploy: Deploy) -> None:
    resources = function_stack(ReservedConcurrentExecutions="2")
    stack = deploy("core-reserved", resources, Outputs={"Name": {"Value": {"Ref": "Function"}}})
    answer = cloud.client("lambda").get_function_concurrency(FunctionName=outputs(stack)["Name"])
    assert answer["ReservedConcurrentExecutions"] == 2


def test_a_permissions_boundary_limits_the_role(cloud: LocalCloud, deploy: Deploy) -> None:
    allow = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    bounded = role("glue.amazonaws.com")
    bounded["Properties"]["AssumeRolePolicyDocument"]["Statement"].append(
        {**TRUST, "Principal": {"AWS": {"Ref": "AWS::AccountId"}}}
    )
    bounded["Properties"]["Policies"] = [{"PolicyName": "all", "PolicyDocument": {"Statement": [allow]}}]
    bounded["Properties"]["PermissionsBoundary"] = "arn:aws:iam::aws:policy/AWSLambdaExecute"
    arn = {"Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Role", "Arn"]}}}}
    stack = deploy("core-bounded", {"Role": bounded}, **arn)
    credentials = cloud.client("sts").assume_role(RoleArn=outputs(stack)["Arn"], RoleSessionName="test")
    with pytest.raises(ClientError, match="AccessDenied"):
        cloud.client("s3", credentials["Credentials"]).list_buckets()


def test_named_queries_are_created_changed_and_deleted(cloud: LocalCloud, deploy: Deploy) -> None:
    athena = cloud.client("athena")

    def resources(query: str) -> dict[str, Any]:
        properties = {"Database": "lake", "Name": "latest", "QueryString": query}
        return {"Query": {"Type": "AWS::Athena::NamedQuery", "Properties": properties}}

    output = {"Outputs": {"Id": {"Value": {"Ref": "Query"}}}}
    first = outputs(deploy("core-query", resources("SELECT 1"), **output))["Id"]
    assert athena.get_named_query(NamedQueryId=first)["NamedQuery"]["QueryString"] == "SELECT 1"
    second = outputs(deploy("core-query", resources("SELECT 2"), **output))["Id"]
    assert athena.get_named_query(NamedQueryId=second)["NamedQuery"]["QueryString"] == "SELECT 2"
    assert first not in athena.list_named_queries()["NamedQueryIds"]


def test_missing_capabilities_are_refused(cloud: LocalCloud) -> None:
    template = json.dumps({"Resources": {"Role": role("glue.amazonaws.com")}})
    with pytest.raises(ClientError, match="InsufficientCapabilities"):
        cloud.client("cloudformation").create_stack(StackName="core-capable", TemplateBody=template)


def test_a_change_set_names_the_properties_that_change(cloud: LocalCloud, deploy: Deploy) -> None:
    def resources(title: str) -> dict[str, Any]:
        properties = {"TopicName": "core-changed", "DisplayName": title}
        return {"Topic": {"Type": "AWS::SNS::Topic", "Properties": properties}}

    deploy("core-change", resources("a"))
    client = cloud.client("cloudformation")
    client.create_change_set(
        StackName="core-change", ChangeSetName="c", TemplateBody=json.dumps({"Resources": resources("b")})
    )
    deadline = time.monotonic() + 10
    described = client.describe_change_set(StackName="core-change", ChangeSetName="c")
    while described["Status"] != "CREATE_COMPLETE" and time.monotonic() < deadline:
        described = client.describe_change_set(StackName="core-change", ChangeSetName="c")
    (change,) = [item["ResourceChange"] for item in described["Changes"]]
    assert (change["Action"], change["Replacement"]) == ("Modify", "False")
    assert [detail["Target"]["Name"] for detail in change["Details"]] == ["DisplayName"]


def test_a_function_deployed_by_a_stack_runs(cloud: LocalCloud, deploy: Deploy) -> None:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr("index.py", "def handler(event, context): return event['n'] + 1")
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="core-code", CreateBucketConfiguration={"LocationConstraint": cloud.region})
    s3.put_object(Bucket="core-code", Key="a.zip", Body=memory.getvalue())
    resources = function_stack(Code={"S3Bucket": "core-code", "S3Key": "a.zip"})
    stack = deploy("core-runs", resources, Outputs={"Name": {"Value": {"Ref": "Function"}}})
    answer = cloud.client("lambda").invoke(FunctionName=outputs(stack)["Name"], Payload=b'{"n": 1}')
    assert json.loads(answer["Payload"].read()) == 2
