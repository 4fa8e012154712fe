"""The bootstrap template: who is trusted, what each role may do at most, and that the main one fits it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.bootstrap.names import ROLES
from infra.bootstrap.role_shape import title
from infra.bootstrap.template import build_template
from infra.common.pipeline import template_json
from tests.unit.infra.bootstrap.resolved import (
    ACCOUNT,
    CONDITIONS,
    REGION,
    VALUES,
    allowed,
    statements,
)
from tests.unit.infra.intrinsics import listed, resolve

# Actions for which AWS has no resource, and why no one can do more harm with them than the role may.
WITHOUT_RESOURCE = {
    ("PlanRole", "ChangeNoStack"): "denies",
    ("PlanRole", "PassNothing"): "denies",
    ("PreviewPolicy", "ListStacks"): "a list of stacks has no resource",
    ("CloudFormationRole", "CreateKey"): "a new key has no resource yet; only with the environment's tags",
    ("CloudFormationRole", "CreateCrawler"): "CreateCrawler has no resources; if with tags, no one else's",
    (
        "CloudFormationRole",
        "CreateDataSource",
    ): "CreateDataSource has no resources; if with tags, no one else's",
    ("CloudFormationRole", "MakeDatabase"): "engines, events and a password at random have no resources",
    ("CloudFormationRole", "DescribeAnywhere"): "lists of parts of a network have no resources",
    ("CloudFormationRole", "ReadAnywhere"): "these lists have no resources",
    ("CloudFormationRole", "KeepActions"): "denies",
    ("CloudFormationRole", "KeepBoundary"): "denies",
    ("CloudFormationRole", "KeepTargets"): "denies",
    ("OpsRole", "ChangeNoStack"): "denies",
    ("DriftRole", "FollowDetection"): "a detection has no resource",
    ("DriftRole", "DescribeAnywhere"): "lists of parts of a network have no resources",
    ("DriftRole", "ReadAnywhere"): "these lists have no resources",
    ("DriftRole", "ChangeNoStack"): "denies",
    ("Boundary", "WriteMetrics"): "PutMetricData has no resources; limited to one namespace",
    ("Boundary", "Observe"): "log delivery, X-Ray and descriptions of a network have no resources",
}


def test_cfn_lint_finds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "bootstrap.json"
    path.write_text(template_json(build_template()))
    program = str(Path(sys.executable).with_name("cfn-lint"))
    command = [program, "--non-zero-exit-code", "informational", "-c", "I", "--", str(path)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[4])
    assert (run.stdout, run.returncode) == ("", 0)


def test_the_same_sources_give_the_same_bytes() -> None:
    assert template_json(build_template()) == template_json(build_template())


def test_no_statement_has_a_wildcard_resource_but_where_aws_has_no_resources(
    bootstrap: dict[str, Any],
) -> None:
    everywhere = {
        (logical_id, one["Sid"])
        for logical_id in (*map(title, ROLES), "PreviewPolicy", "Boundary")
        for one in statements(bootstrap, logical_id)
        if one["Resource"] == "*"
    }
    assert everywhere == set(WITHOUT_RESOURCE)


def test_every_resource_is_of_this_account_and_region_and_of_the_environment(
    bootstrap: dict[str, Any],
) -> None:
    shared = {
        f"arn:aws:athena:{REGION}:{ACCOUNT}:datacatalog/AwsDataCatalog",
        f"arn:aws:glue:{REGION}:{ACCOUNT}:catalog",
        f"arn:aws:glue:{REGION}:{ACCOUNT}:database/default",
        f"arn:aws:kms:{REGION}:{ACCOUNT}:key/*",
        *(
            f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws-glue/{group}*"
            for group in ("jobs/output", "jobs/error", "crawlers")
        ),
        # Parts of a network are known by their tags, secrets of RDS by its own names.
        *(
            f"arn:aws:ec2:{REGION}:{ACCOUNT}:{kind}/*"
            for kind in (
                *("network-interface", "route-table", "security-group", "subnet"),
                *("vpc", "vpc-endpoint"),
            )
        ),
        f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:rds!cluster-*",
        *(f"arn:aws:rds:{REGION}:{ACCOUNT}:{kind}:default*" for kind in ("og", "pg")),
        f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS",
        "arn:aws:s3:::covid19-lake",
        "arn:aws:s3:::covid19-lake/*",
    }
    own = re.compile(rf"covid[-_]lake[-_]dev(?![a-z0-9])|covid-lake-artifacts-{ACCOUNT}-{REGION}")
    for logical_id in (*map(title, ROLES), "PreviewPolicy", "Boundary"):
        for one in statements(bootstrap, logical_id):
            for resource in set(listed(one["Resource"])) - shared - {"*"}:
                assert own.search(resource), f"{logical_id} {one['Sid']}: {resource}"
                assert ":*:" not in resource, f"{logical_id} {one['Sid']}: {resource}"


def test_no_role_may_do_everything_of_a_service(bootstrap: dict[str, Any]) -> None:
    for logical_id in (*map(title, ROLES), "Boundary"):
        wild = {action for action in allowed(bootstrap, logical_id) if "*" in action}
        assert wild <= {"s3:GetBucket*", "kms:GenerateDataKey*"}, logical_id


@pytest.mark.parametrize("environment", ["dev", "e" * 13])
def test_policies_fit_the_sizes_that_iam_allows(bootstrap: dict[str, Any], environment: str) -> None:
    """10,240 characters inline and 6,144 in a managed policy, white space not counted."""
    values = {**VALUES, "Environment": environment, "AWS::Region": "ap-southeast-2", "SourceBucket": "b" * 63}
    values |= {"StackEnvironment": environment, "DeployRole": f"covid-lake-{environment}-deploy"}
    for logical_id, resource in bootstrap["Resources"].items():
        resolved = resolve(resource["Properties"], values, CONDITIONS)
        managed = resource["Type"] == "AWS::IAM::ManagedPolicy"
        if managed or resource["Type"] == "AWS::IAM::Role":
            document = resolved["PolicyDocument"] if managed else resolved["Policies"][0]["PolicyDocument"]
            size = len(json.dumps(document, separators=(",", ":")))
            assert size <= (6_144 if managed else 10_240), f"{logical_id}: {size}"


def test_what_an_account_has_once_is_made_by_condition_and_kept(bootstrap: dict[str, Any]) -> None:
    conditions = {
        logical_id: resource["Condition"]
        for logical_id, resource in bootstrap["Resources"].items()
        if "Condition" in resource
    }
    assert conditions.pop("PreviewPolicy") == "PreviewStacks"
    assert conditions == {
        "ArtifactBucket": "MakeArtifactBucket",
        "ArtifactBucketPolicy": "MakeArtifactBucket",
        "OidcProvider": "MakeOidcProvider",
    }
    assert {bootstrap["Resources"][one]["DeletionPolicy"] for one in conditions} == {"RetainExceptOnCreate"}


def test_outputs_tell_every_role_and_what_they_share(bootstrap: dict[str, Any]) -> None:
    outputs = {name: resolve(one["Value"], VALUES, CONDITIONS) for name, one in bootstrap["Outputs"].items()}
    roles = {f"{title(role)}Arn": f"arn:aws:iam::{ACCOUNT}:role/covid-lake-dev-{role}" for role in ROLES}
    assert outputs.items() >= roles.items()
    assert set(outputs) - set(roles) == {
        *("ArtifactBucketName", "OidcProviderArn", "PermissionsBoundaryName", "PermissionsBoundaryArn"),
    }
