"""Templates of AWS::Serverless, transformed by AWS's own library."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud

CODE = "def handler(event, context):\n    return {'hello': event['name']}\n"


def template(**properties: Any) -> str:
    function = {
        "Type": "AWS::Serverless::Function",
        "Properties": {
            "Handler": "index.handler",
            "Runtime": "python3.12",
            "InlineCode": CODE,
            "FunctionName": {"Ref": "Name"},
            "Policies": ["AmazonS3ReadOnlyAccess"],
            **properties,
        },
    }
    return json.dumps(
        {
            "Transform": "AWS::Serverless-2016-10-31",
            "Description": "a function",
            "Parameters": {"Name": {"Type": "String"}},
            "Globals": {"Function": {"Timeout": 7}},
            "Resources": {"Hello": function},
        }
    )


@pytest.mark.claim("CloudFormation", "supported", "SAM templates")
def test_a_function_of_sam_is_made_with_its_role(cloud: LocalCloud) -> None:
    formation = cloud.client("cloudformation")
    formation.create_stack(
        StackName="sam",
        TemplateBody=template(),
        Parameters=[{"ParameterKey": "Name", "ParameterValue": "sam-hello"}],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    formation.get_waiter("stack_create_complete").wait(StackName="sam", WaiterConfig={"Delay": 1})
    function = cloud.client("lambda")
    assert function.get_function_configuration(FunctionName="sam-hello")["Timeout"] == 7
    answer = function.invoke(FunctionName="sam-hello", Payload=json.dumps({"name": "Ada"}))
    assert json.load(answer["Payload"]) == {"hello": "Ada"}
    role = formation.describe_stack_resource(StackName="sam", LogicalResourceId="HelloRole")
    name = role["StackResourceDetail"]["PhysicalResourceId"]
    attached = cloud.client("iam").list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    assert {policy["PolicyName"] for policy in attached} == {
        "AWSLambdaBasicExecutionRole",
        "AmazonS3ReadOnlyAccess",
    }


@pytest.mark.parametrize("properties", [{"PackageType": "Nothing"}, {"Events": "every day"}])
def test_a_malformed_template_of_sam_is_refused_in_its_words(
    cloud: LocalCloud, properties: dict[str, Any]
) -> None:
    formation, name = cloud.client("cloudformation"), f"sam-{next(iter(properties)).lower()}"
    with pytest.raises(ClientError) as refused:
        formation.create_stack(
            StackName=name,
            TemplateBody=template(**properties),
            Parameters=[{"ParameterKey": "Name", "ParameterValue": "n"}],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
    words = "Transform AWS::Serverless-2016-10-31 failed with: Invalid Serverless Application"
    assert words in str(refused.value)
    with pytest.raises(ClientError, match="does not exist"):
        formation.describe_stacks(StackName=name)
