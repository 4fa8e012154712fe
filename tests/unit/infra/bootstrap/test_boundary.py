"""The boundary holds what the roles of the main template may do, and no right over the means of control."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.unit.infra.bootstrap.resolved import (
    ACCOUNT,
    REGION,
    allowed,
    statements,
)
from tests.unit.infra.intrinsics import pairs, permits, resolve

CONDITIONS = {
    *("EncryptWithKey", "BoundRoles", "MeasureJob", "CreateDatabase", "WatchByTheHour", "TellDataZone"),
}


def stack_values(stack: str) -> dict[str, Any]:
    """What `Ref` and `Fn::GetAtt` of a stack give, by its names."""
    own = f"{REGION}:{ACCOUNT}"
    machine = f"arn:aws:states:{own}:stateMachine:{stack}-ingestion"
    titles = ("StartCrawler", "CheckCrawler", "FindWork", "FindTables", "PrepareDatabase", "Watch")
    names = {title: re.sub(r"(?<!^)(?=[A-Z])", "-", title).lower() for title in titles}
    functions = {
        f"{title}Function.Arn": f"arn:aws:lambda:{own}:function:{stack}-{name}"
        for title, name in names.items()
    }
    logs = {
        f"{title}FunctionLogGroup.Arn": f"arn:aws:logs:{own}:log-group:/aws/lambda/{stack}-{name}:*"
        for title, name in names.items()
    }
    return {
        "AWS::StackName": stack,
        "SourceBucket": "covid19-lake",
        "PermissionsBoundary": "covid-lake-dev-boundary",
        "LakeBucket.Arn": f"arn:aws:s3:::{stack}-lakebucket-1abc",
        "Key.Arn": f"arn:aws:kms:{own}:key/1234",
        "Topic": f"arn:aws:sns:{own}:{stack}-notifications",
        "StateMachine": machine,
        "FirstSubnet": "subnet-0123456789abcdef0",
        "Vpc": "vpc-0123456789abcdef0",
        "JobsSecret": f"arn:aws:secretsmanager:{own}:secret:{stack}-jobs-1a2b3c4d-AbCdEf",
        "DatabaseCluster.MasterUserSecret.SecretArn": (
            f"arn:aws:secretsmanager:{own}:secret:rds!cluster-1a2b-AbCdEf"
        ),
        "DatabaseCluster.DBClusterArn": f"arn:aws:rds:{own}:cluster:{stack}-database",
        **functions,
        **logs,
    }


@pytest.mark.parametrize(
    ("pipeline", "stack"), [("template", "covid-lake-dev"), ("segmentation", "covid-lake-dev-segmentation")]
)
def test_the_boundary_holds_everything_that_the_roles_of_a_template_may_do(
    bootstrap: dict[str, Any], request: pytest.FixtureRequest, pipeline: str, stack: str
) -> None:
    ceiling, checked = statements(bootstrap, "Boundary"), 0
    template = request.getfixturevalue(pipeline)
    conditions = {**dict.fromkeys(CONDITIONS, True), "SecretHasKey": False}
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] != "AWS::IAM::Role":
            continue
        (policy,) = resolve(resource["Properties"]["Policies"], stack_values(stack), conditions)
        for one in policy["PolicyDocument"]["Statement"]:
            for action, arn in pairs(one):
                assert any(permits(limit, action, arn) for limit in ceiling), f"{logical_id}: {action} {arn}"
                checked += 1
    assert checked > 50


def test_the_boundary_gives_no_right_over_identities_stacks_or_the_means_of_watching(
    bootstrap: dict[str, Any],
) -> None:
    services = {action.partition(":")[0] for action in allowed(bootstrap, "Boundary")}
    assert services & {"iam", "sts", "cloudformation", "cloudtrail", "organizations"} == set()
    assert not {
        action for action in allowed(bootstrap, "Boundary") if re.match(r"s3:\w*(Bucket|Policy)", action)
    } - {
        "s3:GetBucketLocation",
        "s3:ListBucket",
        "s3:ListBucketMultipartUploads",
    }
