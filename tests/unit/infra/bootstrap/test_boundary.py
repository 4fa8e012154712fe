"""The boundary holds what the roles of the main template may do, and no right over the means of control."""

from __future__ import annotations

import re
from typing import Any

from tests.unit.infra.bootstrap.resolved import (
    ACCOUNT,
    REGION,
    allowed,
    statements,
)
from tests.unit.infra.intrinsics import pairs, permits, resolve


def main_values() -> dict[str, Any]:
    """What `Ref` and `Fn::GetAtt` of the main stack give, by its names."""
    stack, own = "covid-lake-dev", f"{REGION}:{ACCOUNT}"
    machine = f"arn:aws:states:{own}:stateMachine:{stack}-ingestion"
    names = {"StartCrawler": "start-crawler", "CheckCrawler": "check-crawler", "FindWork": "find-work"}
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
        **functions,
        **logs,
    }


def test_the_boundary_holds_everything_that_the_roles_of_the_main_template_may_do(
    bootstrap: dict[str, Any], template: dict[str, Any]
) -> None:
    ceiling, checked = statements(bootstrap, "Boundary"), 0
    conditions = {"EncryptWithKey": True, "BoundRoles": True, "MeasureJob": True}
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] != "AWS::IAM::Role":
            continue
        (policy,) = resolve(resource["Properties"]["Policies"], main_values(), conditions)
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
