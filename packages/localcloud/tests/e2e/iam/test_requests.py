"""What IAM asks of a request beside its action: the role it passes, how it writes, what it aims at."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import ACCOUNT, LocalCloud
from rigs.roles import allow, assume, document, make_role

REGION = "us-east-2"
BUCKET = "core-rights"
PASSED = f"arn:aws:iam::{ACCOUNT}:role/core-passed"
DEFINITION = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
TEMPLATE = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})
JOB = {"Name": "glueetl", "ScriptLocation": "s3://x/y.py"}
MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:core-rights"


def session(cloud: LocalCloud, name: str, *statements: dict[str, Any]) -> dict[str, str]:
    return assume(cloud, make_role(cloud, name, *statements))


def zipped() -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr("handler.py", "def handler(event, context): return event")
    return memory.getvalue()


PASSING: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "glue.amazonaws.com": ("glue", lambda aws: aws.create_job(Name="core-rights", Role=PASSED, Command=JOB)),
    "lambda.amazonaws.com": (
        "lambda",
        lambda aws: aws.create_function(
            FunctionName="core-rights",
            Runtime="python3.12",
            Role=PASSED,
            Handler="handler.handler",
            Code={"ZipFile": zipped()},
        ),
    ),
    "states.amazonaws.com": (
        "stepfunctions",
        lambda aws: aws.create_state_machine(name="core-rights", definition=DEFINITION, roleArn=PASSED),
    ),
    "events.amazonaws.com": (
        "events",
        lambda aws: aws.put_targets(
            Rule="core-rights", Targets=[{"Id": "1", "Arn": MACHINE, "RoleArn": PASSED}]
        ),
    ),
    "cloudformation.amazonaws.com": (
        "cloudformation",
        lambda aws: aws.create_stack(StackName="core-rights", TemplateBody=TEMPLATE, RoleARN=PASSED),
    ),
}


@pytest.fixture(scope="module")
def passed(cloud: LocalCloud) -> str:
    cloud.client("events").put_rule(Name="core-rights", ScheduleExpression="rate(1 day)", State="DISABLED")
    role = make_role(cloud, "core-passed")
    trusted = {"Effect": "Allow", "Principal": {"Service": list(PASSING)}, "Action": "sts:AssumeRole"}
    cloud.client("iam").update_assume_role_policy(RoleName="core-passed", PolicyDocument=document(trusted))
    return role


@pytest.mark.parametrize("service", PASSING)
def test_a_role_is_passed_only_by_who_may_and_to_what_he_may(
    cloud: LocalCloud, passed: str, service: str
) -> None:
    name, act = PASSING[service]
    everything = allow(f"{name.replace('stepfunctions', 'states')}:*")
    to = {"Condition": {"StringEquals": {"iam:PassedToService": service}}}
    other = {"Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}}
    may = {
        f"core-{name}-none": [everything],
        f"core-{name}-other": [everything, allow("iam:PassRole", passed, **other)],
        f"core-{name}-elsewhere": [everything, allow("iam:PassRole", f"{passed}-x", **to)],
    }
    for role, statements in may.items():
        with pytest.raises(ClientError, match=r"not authorized to perform: iam:PassRole"):
            act(cloud.client(name, session(cloud, role, *statements)))
    act(
        cloud.client(
            name, session(cloud, f"core-{name}-may", everything, allow("iam:PassRole", passed, **to))
        )
    )


def test_a_rule_is_known_by_its_name_and_its_targets_by_their_arns(cloud: LocalCloud, passed: str) -> None:
    rule = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/core-*"
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:core-own"
    foreign = {
        "Effect": "Deny",
        "Action": "events:PutTargets",
        "Resource": "*",
        "Condition": {"ForAnyValue:ArnNotLike": {"events:TargetArn": topic}},
    }
    events = cloud.client("events", session(cloud, "core-rules", allow("events:*", rule), foreign))
    events.put_targets(Rule="core-rights", Targets=[{"Id": "1", "Arn": topic}])
    events.describe_rule(Name="core-rights")
    for attempt in (
        lambda: events.put_targets(Rule="core-rights", Targets=[{"Id": "2", "Arn": f"{topic}-x"}]),
        lambda: events.put_targets(
            Rule="core-rights", Targets=[{"Id": "1", "Arn": topic}, {"Id": "2", "Arn": f"{topic}-x"}]
        ),
        lambda: events.put_targets(Rule="other", Targets=[{"Id": "1", "Arn": topic}]),
    ):
        with pytest.raises(ClientError, match="not authorized to perform: events:PutTargets"):
            attempt()


@pytest.mark.parametrize("kind", ["AlarmActions", "OKActions", "InsufficientDataActions"])
def test_what_an_alarm_does_is_known_in_each_of_its_states(cloud: LocalCloud, kind: str) -> None:
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:core-own"
    foreign = {
        "Effect": "Deny",
        "Action": "cloudwatch:PutMetricAlarm",
        "Resource": "*",
        "Condition": {"ForAnyValue:StringNotLike": {"cloudwatch:AlarmActions": topic}},
    }
    alarms = cloud.client("cloudwatch", session(cloud, f"core-{kind}", allow("cloudwatch:*"), foreign))
    alarm = {
        "AlarmName": "core-alarm",
        "Namespace": "core",
        "MetricName": "core",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    alarms.put_metric_alarm(**alarm)
    alarms.put_metric_alarm(**alarm, **{kind: [topic]})
    for actions in ([f"{topic}-x"], [topic, f"arn:aws:automate:{REGION}:ec2:stop"]):
        with pytest.raises(ClientError, match="not authorized to perform: cloudwatch:PutMetricAlarm"):
            alarms.put_metric_alarm(**alarm, **{kind: actions})


@pytest.fixture(scope="module")
def writer(cloud: LocalCloud) -> Any:
    """Somebody who may write, to a bucket whose policy demands a condition; multipart uploads may begin."""
    s3, arn = cloud.client("s3"), f"arn:aws:s3:::{BUCKET}/*"
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    demanded = {"Null": {"s3:if-none-match": "true"}, "Bool": {"s3:ObjectCreationOperation": "true"}}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": arn}
    s3.put_bucket_policy(Bucket=BUCKET, Policy=document({**deny, "Condition": demanded}))
    return cloud.client("s3", session(cloud, "core-writes", allow("s3:*")))


def test_a_write_is_conditional_where_the_policy_demands_it(writer: Any) -> None:
    at = {"Bucket": BUCKET, "Key": "a"}
    with pytest.raises(ClientError, match="AccessDenied"):
        writer.put_object(**at, Body=b"1")
    writer.put_object(**at, Body=b"1", IfNoneMatch="*")
    for error, more in (("PreconditionFailed", "*"), ("NotImplemented", '"0"')):
        with pytest.raises(ClientError, match=error):
            writer.put_object(**at, Body=b"2", IfNoneMatch=more)
    with pytest.raises(ClientError, match="AccessDenied"):
        writer.put_object(**at, Body=b"2", IfMatch=writer.head_object(**at)["ETag"])


def test_a_copy_is_a_write_too(writer: Any) -> None:
    writer.put_object(Bucket=BUCKET, Key="source", Body=b"1", IfNoneMatch="*")
    copy = {"Bucket": BUCKET, "Key": "copy", "CopySource": f"{BUCKET}/source"}
    with pytest.raises(ClientError, match="AccessDenied"):
        writer.copy_object(**copy)
    writer.copy_object(**copy, IfNoneMatch="*")
    with pytest.raises(ClientError, match="PreconditionFailed"):
        writer.copy_object(**copy, IfNoneMatch="*")


def test_a_multipart_upload_meets_the_condition_when_it_is_completed(writer: Any) -> None:
    at = {"Bucket": BUCKET, "Key": "parts"}
    at["UploadId"] = writer.create_multipart_upload(**at)["UploadId"]
    part = writer.upload_part(**at, PartNumber=1, Body=b"1")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    with pytest.raises(ClientError, match="AccessDenied"):
        writer.complete_multipart_upload(**at, MultipartUpload=parts)
    writer.complete_multipart_upload(**at, MultipartUpload=parts, IfNoneMatch="*")
