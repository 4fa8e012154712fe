"""What CloudFormation may make: the resources of the main template, and no right beyond the boundary."""

from __future__ import annotations

from typing import Any

import pytest

from infra.bootstrap.names import ROLES
from tests.unit.infra.bootstrap.resolved import (
    ACCOUNT,
    REGION,
    allowed,
    statements,
)
from tests.unit.infra.intrinsics import permits, resolve


def test_cloudformation_gives_rights_only_within_the_boundary(bootstrap: dict[str, Any]) -> None:
    granting = {
        "iam:AttachRolePolicy",
        "iam:CreateRole",
        "iam:DeleteRolePolicy",
        "iam:DetachRolePolicy",
        "iam:PutRolePermissionsBoundary",
        "iam:PutRolePolicy",
    }
    found = [
        one
        for one in statements(bootstrap, "CloudFormationRole")
        if one["Effect"] == "Allow" and granting & set(one["Action"])
    ]
    (one,) = found
    assert set(one["Action"]) == granting
    boundary = f"arn:aws:iam::{ACCOUNT}:policy/covid-lake-dev-boundary"
    assert one["Condition"] == {"ArnEquals": {"iam:PermissionsBoundary": boundary}}
    assert "iam:DeleteRolePermissionsBoundary" not in allowed(bootstrap, "CloudFormationRole")


def test_cloudformation_cannot_change_the_boundary_or_a_bootstrap_role(bootstrap: dict[str, Any]) -> None:
    boundary = f"arn:aws:iam::{ACCOUNT}:policy/covid-lake-dev-boundary"
    roles = [f"arn:aws:iam::{ACCOUNT}:role/covid-lake-dev-{role}" for role in ROLES]
    own = statements(bootstrap, "CloudFormationRole")
    for action, resource in [
        *[("iam:CreatePolicyVersion", boundary), ("iam:DeletePolicyVersion", boundary)],
        *[("iam:SetDefaultPolicyVersion", boundary), ("iam:DeletePolicy", boundary)],
        *[("iam:PutRolePolicy", role) for role in roles],
        *[("iam:UpdateAssumeRolePolicy", role) for role in roles],
        *[("iam:DeleteRole", role) for role in roles],
        *[("iam:PassRole", role) for role in roles],
    ]:
        matching = [one["Effect"] for one in own if permits(one, action, resource)]
        assert matching == ["Deny"], f"{action} {resource}"


# By the property that names a resource: an action on it and its ARN.
NAMED = {
    "AWS::Glue::Job": ("glue:CreateJob", "Name", "glue", "job/{}"),
    "AWS::Glue::Crawler": ("glue:CreateCrawler", "Name", "glue", "crawler/{}"),
    "AWS::Lambda::Function": ("lambda:CreateFunction", "FunctionName", "lambda", "function:{}"),
    "AWS::StepFunctions::StateMachine": (
        *("states:CreateStateMachine", "StateMachineName", "states", "stateMachine:{}"),
    ),
    "AWS::SNS::Topic": ("sns:CreateTopic", "TopicName", "sns", "{}"),
    "AWS::SQS::Queue": ("sqs:CreateQueue", "QueueName", "sqs", "{}"),
    "AWS::Athena::WorkGroup": ("athena:CreateWorkGroup", "Name", "athena", "workgroup/{}"),
    "AWS::Logs::LogGroup": ("logs:CreateLogGroup", "LogGroupName", "logs", "log-group:{}"),
    "AWS::Events::Rule": ("events:PutRule", "Name", "events", "rule/{}"),
    "AWS::CloudWatch::Alarm": ("cloudwatch:PutMetricAlarm", "AlarmName", "cloudwatch", "alarm:{}"),
    "AWS::KMS::Alias": ("kms:CreateAlias", "AliasName", "kms", "{}"),
}
NAMED_BESIDE_A_DATABASE = {
    "AWS::RDS::DBCluster": ("rds:CreateDBCluster", "DBClusterIdentifier", "rds", "cluster:{}"),
    "AWS::RDS::DBInstance": ("rds:CreateDBInstance", "DBInstanceIdentifier", "rds", "db:{}"),
    "AWS::RDS::DBSubnetGroup": ("rds:CreateDBSubnetGroup", "DBSubnetGroupName", "rds", "subgrp:{}"),
    "AWS::RDS::DBClusterParameterGroup": (
        *("rds:CreateDBClusterParameterGroup", "DBClusterParameterGroupName", "rds", "cluster-pg:{}"),
    ),
    "AWS::SecretsManager::Secret": (
        *("secretsmanager:CreateSecret", "Name", "secretsmanager", "secret:{}-AbCdEf"),
    ),
}


@pytest.mark.parametrize(
    ("pipeline", "stack", "named"),
    [
        ("template", "covid-lake-dev", NAMED),
        ("segmentation", "covid-lake-dev-segmentation", {**NAMED, **NAMED_BESIDE_A_DATABASE}),
    ],
)
def test_cloudformation_may_make_every_named_resource_of_a_template(
    bootstrap: dict[str, Any],
    request: pytest.FixtureRequest,
    pipeline: str,
    stack: str,
    named: dict[str, Any],
) -> None:
    template = request.getfixturevalue(pipeline)
    values = {"AWS::StackName": stack, "AWS::StackId": f"arn:aws:cloudformation:x:y:stack/{stack}/1a2b-3c"}
    own = [one for one in statements(bootstrap, "CloudFormationRole") if one["Effect"] == "Allow"]
    checked = set()
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] not in named:
            continue
        action, name_property, service, form = named[resource["Type"]]
        name = resolve(resource["Properties"][name_property], values, {})
        arn = f"arn:aws:{service}:{REGION}:{ACCOUNT}:{form.format(name)}"
        assert any(permits(one, action, arn) for one in own), f"{logical_id}: {action} {arn}"
        checked.add(resource["Type"])
    assert checked == set(named)


def test_roles_of_the_main_template_have_names_that_cloudformation_may_make(template: dict[str, Any]) -> None:
    """It keeps 24 characters of a logical id in the names it makes."""
    titles = [t for t, resource in template["Resources"].items() if resource["Type"] == "AWS::IAM::Role"]
    assert [one for one in titles if not one.endswith("Role") or len(one) > 24] == []
    assert [one for one in titles if "RoleName" in template["Resources"][one]["Properties"]] == []
