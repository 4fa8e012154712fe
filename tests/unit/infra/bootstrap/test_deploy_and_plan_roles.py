"""What the roles that plan and deploy may do, and that they do it by change sets alone."""

from __future__ import annotations

import json
import re
from typing import Any

from infra.bootstrap.names import ROLES
from infra.bootstrap.role_shape import title
from tests.unit.infra.bootstrap.resolved import (
    ACCOUNT,
    CONDITIONS,
    REGION,
    VALUES,
    WITH_IDS,
    allowed,
    statement,
    statements,
)
from tests.unit.infra.intrinsics import permits, resolve


def test_the_plan_role_makes_only_plans_and_changes_nothing(bootstrap: dict[str, Any]) -> None:
    plan = statement(bootstrap, "PlanRole", "Plan")
    bucket = f"https://s3.{REGION}.amazonaws.com/covid-lake-artifacts-{ACCOUNT}-{REGION}"
    assert plan["Condition"] == {
        "StringLike": {
            "cloudformation:ChangeSetName": "plan-*",
            "cloudformation:TemplateUrl": [
                f"{bucket}/plans/covid-lake-dev/*",
                f"{bucket}/plans/covid-lake-dev-*/*",
            ],
        }
    }
    discarded = statement(bootstrap, "PlanRole", "DiscardPlan")
    assert discarded["Condition"] == {"StringLike": {"cloudformation:ChangeSetName": "plan-*"}}
    denied = statement(bootstrap, "PlanRole", "ChangeNoStack")
    assert denied["Effect"] == "Deny"
    assert set(denied["Action"]) >= {
        "cloudformation:ExecuteChangeSet",
        "cloudformation:CreateStack",
        "cloudformation:UpdateStack",
        "cloudformation:DeleteStack",
    }
    passed = statement(bootstrap, "PlanRole", "PassNothing")
    assert (passed["Effect"], passed["Action"]) == ("Deny", ["iam:PassRole"])
    written = statement(bootstrap, "PlanRole", "WritePlans")["Resource"]
    plans = f"arn:aws:s3:::covid-lake-artifacts-{ACCOUNT}-{REGION}/plans"
    assert written == [f"{plans}/covid-lake-dev/*", f"{plans}/covid-lake-dev-*/*"]


def test_nothing_is_deployed_from_where_a_pull_request_writes(bootstrap: dict[str, Any]) -> None:
    plans = f"arn:aws:s3:::covid-lake-artifacts-{ACCOUNT}-{REGION}/plans/covid-lake-dev/x.json"
    for role in ("DeployRole", "CloudFormationRole"):
        assert not any(permits(one, "s3:GetObject", plans) for one in statements(bootstrap, role)), role


def test_the_deploy_role_passes_the_service_role_to_cloudformation_and_nothing_else(
    bootstrap: dict[str, Any],
) -> None:
    passing = [one for one in statements(bootstrap, "DeployRole") if "iam:PassRole" in one["Action"]]
    assert passing == [
        {
            "Sid": "PassServiceRole",
            "Effect": "Allow",
            "Action": ["iam:PassRole"],
            "Resource": f"arn:aws:iam::{ACCOUNT}:role/covid-lake-dev-cloudformation",
            "Condition": {"StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}},
        }
    ]
    services = {action.partition(":")[0] for action in allowed(bootstrap, "DeployRole")}
    assert services == {"cloudformation", "glue", "iam", "s3"}
    own = {action for action in allowed(bootstrap, "DeployRole") if not action.startswith("cloudformation:")}
    assert {action for action in own if not re.match(r"\w+:(Get|List)", action)} == {
        *("iam:PassRole", "s3:PutObject"),
    }


PREVIEW = {**VALUES, "Environment": "preview", "StackEnvironment": "pr-*"}


def test_the_roles_of_pull_requests_reach_their_stacks_and_no_other(bootstrap: dict[str, Any]) -> None:
    """`pr-*` holds a hyphen, so that `covid-lake-prod` is not among them."""
    conditions = {**CONDITIONS, "PreviewStacks": True}
    policy = resolve(bootstrap["Resources"]["PreviewPolicy"]["Properties"], PREVIEW, conditions)
    empty = policy["PolicyDocument"]["Statement"][0]
    assert empty["Resource"] == ["arn:aws:s3:::covid-lake-pr-*-*", "arn:aws:s3:::covid-lake-pr-*-*/*"]
    for role in map(title, ROLES):
        found = resolve(bootstrap["Resources"][role]["Properties"], PREVIEW, conditions)
        assert found["RoleName"].startswith("covid-lake-preview-")
        text = json.dumps(found["Policies"])
        names = set(re.findall(r"covid[-_]lake[-_](?!artifacts)([a-z]+[-_*]*)", text))
        assert all(name.startswith(("pr-*", "pr_*", "preview-")) for name in names), names
    plan = resolve(bootstrap["Resources"]["DeployRole"]["Properties"], PREVIEW, conditions)
    subject = plan["AssumeRolePolicyDocument"]["Statement"][0]["Condition"]["StringEquals"]
    assert f"{WITH_IDS}:environment:preview" in subject.values()


def test_only_the_roles_of_pull_requests_may_empty_a_lake(bootstrap: dict[str, Any]) -> None:
    assert bootstrap["Resources"]["PreviewPolicy"]["Condition"] == "PreviewStacks"
    text = json.dumps(bootstrap["Resources"]["DeployRole"])
    assert "s3:DeleteObject" not in text


def test_a_deployment_is_a_change_set_by_the_service_role_from_its_own_template(
    bootstrap: dict[str, Any],
) -> None:
    bucket = f"https://s3.{REGION}.amazonaws.com/covid-lake-artifacts-{ACCOUNT}-{REGION}"
    assert statement(bootstrap, "DeployRole", "Deploy")["Condition"] == {
        "StringLike": {
            "cloudformation:ChangeSetName": "deploy-*",
            "cloudformation:TemplateUrl": [
                f"{bucket}/covid-lake-dev/templates/*",
                f"{bucket}/covid-lake-dev-*/templates/*",
            ],
        },
        "StringEquals": {
            "cloudformation:RoleArn": f"arn:aws:iam::{ACCOUNT}:role/covid-lake-dev-cloudformation"
        },
    }
    executed = statement(bootstrap, "DeployRole", "Execute")["Condition"]
    assert executed == {"StringLike": {"cloudformation:ChangeSetName": "deploy-*"}}
    otherwise = {"cloudformation:CreateStack", "cloudformation:UpdateStack"}
    assert not otherwise & allowed(bootstrap, "DeployRole")
