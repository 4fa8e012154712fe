"""Policies that IAM refuses: attached where there is none, or written as AWS does not take them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError

from localcloud.cloud import ACCOUNT, LocalCloud
from rigs.roles import allow, document, make_role

MISSING = "arn:aws:iam::aws:policy/NoSuchPolicy"
TRUST = {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}


@pytest.mark.claim("IAM", "supported", "policy documents, trust policies and attachments that AWS refuses")
@pytest.mark.parametrize(
    "arn", [MISSING, f"arn:aws:iam::{ACCOUNT}:policy/none", "service-role/AWSGlueServiceRole"]
)
def test_a_policy_that_is_not_there_is_not_attached(cloud: LocalCloud, arn: str) -> None:
    iam, name = cloud.client("iam"), f"core-attach-{len(arn)}"
    make_role(cloud, name)
    with pytest.raises(ClientError, match=r"does not exist or is not attachable|Could not be parsed"):
        iam.attach_role_policy(RoleName=name, PolicyArn=arn)
    iam.attach_role_policy(RoleName=name, PolicyArn="arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole")


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({"ManagedPolicyArns": [MISSING]}, "does not exist or is not attachable"),
        (
            {"Policies": [{"PolicyName": "p", "PolicyDocument": json.loads(document(allow("Get")))}]},
            "prefaced by a vendor",
        ),
        (
            {"AssumeRolePolicyDocument": {"Statement": [{**TRUST, "Resource": "*"}]}},
            "prohibited field Resource",
        ),
    ],
)
def test_a_stack_has_no_role_that_iam_refuses(
    cloud: LocalCloud, properties: dict[str, Any], reason: str
) -> None:
    formation = cloud.client("cloudformation")
    role = {"AssumeRolePolicyDocument": {"Statement": [TRUST]}, **properties}
    template = json.dumps({"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": role}}})
    made = formation.create_stack(
        StackName="core-refused-role",
        TemplateBody=template,
        OnFailure="DELETE",
        Capabilities=["CAPABILITY_IAM"],
    )
    with pytest.raises(WaiterError):
        formation.get_waiter("stack_create_complete").wait(
            StackName=made["StackId"], WaiterConfig={"Delay": 1, "MaxAttempts": 30}
        )
    told = formation.describe_stack_events(StackName=made["StackId"])["StackEvents"]
    assert any(reason in event.get("ResourceStatusReason", "") for event in told)
