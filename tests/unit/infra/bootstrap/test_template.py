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
from infra.bootstrap.resource_types import CONDITIONAL_TYPES, types
from infra.bootstrap.role_shape import title
from infra.bootstrap.template import build_template
from infra.common.pipeline import template_json
from tests.unit.infra.intrinsics import listed, pairs, permits, resolve

ACCOUNT, REGION = "111122223333", "us-east-2"
VALUES = {
    "Environment": "dev",
    "StackEnvironment": "dev",
    "SourceBucket": "covid19-lake",
    "Organization": "acme",
    "OrganizationId": "77",
    "Repository": "lake",
    "RepositoryId": "99",
    "OperationsEnvironment": "dev-ops",
    "DeployRole": "covid-lake-dev-deploy",
    "Boundary": "arn:aws:iam::111122223333:policy/covid-lake-dev-boundary",
    "ArtifactBucket": f"covid-lake-artifacts-{ACCOUNT}-{REGION}",
}
CONDITIONS = {
    "MakeArtifactBucket": True,
    "MakeOidcProvider": True,
    "ImmutableSubject": True,
    "SameOperationsEnvironment": True,
    "PreviewStacks": False,
}
# Actions for which AWS has no resource, and why no one can do more harm with them than the role may.
WITHOUT_RESOURCE = {
    ("PlanRole", "ChangeNothing"): "denies",
    ("PreviewPolicy", "ListStacks"): "a list of stacks has no resource",
    ("CloudFormationRole", "CreateKey"): "a new key has no resource yet; only with the environment's tags",
    ("CloudFormationRole", "CreateCrawler"): "CreateCrawler has no resources; if with tags, no one else's",
    ("CloudFormationRole", "Read"): "these lists have no resources",
    ("CloudFormationRole", "KeepActions"): "denies",
    ("CloudFormationRole", "KeepBoundary"): "denies",
    ("CloudFormationRole", "KeepTargets"): "denies",
    ("OpsRole", "ChangeNoStack"): "denies",
    ("DriftRole", "FollowDetection"): "a detection has no resource",
    ("DriftRole", "ReadAnywhere"): "these lists have no resources",
    ("DriftRole", "ChangeNoStack"): "denies",
    ("Boundary", "WriteMetrics"): "PutMetricData has no resources; limited to one namespace",
    ("Boundary", "Observe"): "log delivery and X-Ray have no resources",
}


@pytest.fixture(scope="module")
def bootstrap() -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(template_json(build_template()))
    return parsed


def properties(bootstrap: dict[str, Any], logical_id: str, **conditions: bool) -> dict[str, Any]:
    resource = bootstrap["Resources"][logical_id]["Properties"]
    resolved: dict[str, Any] = resolve(resource, VALUES, {**CONDITIONS, **conditions})
    return resolved


def statements(bootstrap: dict[str, Any], logical_id: str) -> list[dict[str, Any]]:
    found = properties(bootstrap, logical_id)
    document = (
        found["PolicyDocument"] if "PolicyDocument" in found else found["Policies"][0]["PolicyDocument"]
    )
    return list(document["Statement"])


def statement(bootstrap: dict[str, Any], logical_id: str, sid: str) -> dict[str, Any]:
    (found,) = [one for one in statements(bootstrap, logical_id) if one["Sid"] == sid]
    return found


def allowed(bootstrap: dict[str, Any], logical_id: str) -> set[str]:
    return {
        action
        for one in statements(bootstrap, logical_id)
        if one["Effect"] == "Allow"
        for action in one["Action"]
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


WITH_IDS, WITH_NAMES = "repo:acme@77/lake@99", "repo:acme/lake"


@pytest.mark.parametrize(
    ("role", "conditions", "subject"),
    [
        ("PlanRole", {}, f"{WITH_IDS}:pull_request"),
        ("DeployRole", {}, f"{WITH_IDS}:environment:dev"),
        ("OpsRole", {}, f"{WITH_IDS}:environment:dev"),
        ("DriftRole", {}, f"{WITH_IDS}:environment:dev"),
        ("PlanRole", {"ImmutableSubject": False}, f"{WITH_NAMES}:pull_request"),
        ("DeployRole", {"ImmutableSubject": False}, f"{WITH_NAMES}:environment:dev"),
        ("OpsRole", {"ImmutableSubject": False}, f"{WITH_NAMES}:environment:dev"),
        ("OpsRole", {"SameOperationsEnvironment": False}, f"{WITH_IDS}:environment:dev-ops"),
        ("DriftRole", {"SameOperationsEnvironment": False}, f"{WITH_IDS}:environment:dev-ops"),
        ("DeployRole", {"SameOperationsEnvironment": False}, f"{WITH_IDS}:environment:dev"),
    ],
)
def test_github_is_trusted_for_exactly_one_subject(
    bootstrap: dict[str, Any], role: str, conditions: dict[str, bool], subject: str
) -> None:
    issuer = "token.actions.githubusercontent.com"
    assert properties(bootstrap, role, **conditions)["AssumeRolePolicyDocument"]["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer}"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {f"{issuer}:aud": "sts.amazonaws.com", f"{issuer}:sub": subject}},
        }
    ]


def test_no_trust_policy_has_a_wildcard(bootstrap: dict[str, Any]) -> None:
    documents = [json.dumps(properties(bootstrap, title(role))["AssumeRolePolicyDocument"]) for role in ROLES]
    assert [text for text in documents if "*" in text or "Like" in text] == []
    assert sum("cloudformation.amazonaws.com" in text for text in documents) == 1


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
            f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws-glue/{group}{end}"
            for group in ("jobs/output", "jobs/error", "crawlers")
            for end in ("", ":*")
        ),
        "arn:aws:s3:::covid19-lake",
        "arn:aws:s3:::covid19-lake/*",
    }
    own = re.compile(rf"covid[-_]lake[-_]dev\b|covid-lake-artifacts-{ACCOUNT}-{REGION}")
    for logical_id in (*map(title, ROLES), "PreviewPolicy", "Boundary"):
        for one in statements(bootstrap, logical_id):
            for resource in set(listed(one["Resource"])) - shared - {"*"}:
                assert own.search(resource), f"{logical_id} {one['Sid']}: {resource}"
                assert ":*:" not in resource, f"{logical_id} {one['Sid']}: {resource}"


def test_no_role_may_do_everything_of_a_service(bootstrap: dict[str, Any]) -> None:
    for logical_id in (*map(title, ROLES), "Boundary"):
        wild = {action for action in allowed(bootstrap, logical_id) if "*" in action}
        assert wild <= {"s3:GetBucket*", "kms:GenerateDataKey*"}, logical_id


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
    denied = statement(bootstrap, "PlanRole", "ChangeNothing")
    assert denied["Effect"] == "Deny"
    assert set(denied["Action"]) >= {
        "cloudformation:ExecuteChangeSet",
        "cloudformation:CreateStack",
        "cloudformation:UpdateStack",
        "cloudformation:DeleteStack",
        "iam:PassRole",
    }
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


@pytest.mark.parametrize("role", ["DriftRole", "PlanRole"])
def test_reading_roles_have_no_action_that_changes_anything(bootstrap: dict[str, Any], role: str) -> None:
    reading = re.compile(r"\w+:(Get|List|Describe|Detect|Validate)")
    rest = {action for action in allowed(bootstrap, role) if not reading.match(action)}
    plan = {
        "cloudformation:CreateChangeSet",
        "cloudformation:DeleteChangeSet",
        "cloudformation:TagResource",
        "s3:PutObject",
    }
    assert rest == (plan if role == "PlanRole" else set())


def test_drift_reads_no_data(bootstrap: dict[str, Any]) -> None:
    data = {
        "s3:GetObject",
        "logs:GetLogEvents",
        "athena:GetQueryResults",
        "kms:Decrypt",
        "sqs:ReceiveMessage",
    }
    assert data & allowed(bootstrap, "DriftRole") == set()


def test_ops_works_on_the_one_machine_and_the_one_workgroup(bootstrap: dict[str, Any]) -> None:
    machine = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:covid-lake-dev-ingestion"
    assert statement(bootstrap, "OpsRole", "Start")["Resource"] == machine
    execution = f"arn:aws:states:{REGION}:{ACCOUNT}:execution:covid-lake-dev-ingestion:*"
    assert statement(bootstrap, "OpsRole", "Follow")["Resource"] == execution
    group = f"arn:aws:athena:{REGION}:{ACCOUNT}:workgroup/covid-lake-dev"
    assert statement(bootstrap, "OpsRole", "Query")["Resource"] == group
    written = [one["Resource"] for one in statements(bootstrap, "OpsRole") if "s3:PutObject" in one["Action"]]
    assert written == ["arn:aws:s3:::covid-lake-dev-*/athena/*"]


def test_cloudformation_knows_exactly_the_types_of_the_main_template(
    bootstrap: dict[str, Any], template: dict[str, Any]
) -> None:
    known = {kind for access in types() for kind in access.types} | set(CONDITIONAL_TYPES)
    assert known == {resource["Type"] for resource in template["Resources"].values()}


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


def test_cloudformation_may_make_every_named_resource_of_the_main_template(
    bootstrap: dict[str, Any], template: dict[str, Any]
) -> None:
    own = [one for one in statements(bootstrap, "CloudFormationRole") if one["Effect"] == "Allow"]
    checked = set()
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] not in NAMED:
            continue
        action, name_property, service, form = NAMED[resource["Type"]]
        name = resolve(resource["Properties"][name_property], {"AWS::StackName": "covid-lake-dev"}, {})
        arn = f"arn:aws:{service}:{REGION}:{ACCOUNT}:{form.format(name)}"
        assert any(permits(one, action, arn) for one in own), f"{logical_id}: {action} {arn}"
        checked.add(resource["Type"])
    assert checked == set(NAMED)


def test_roles_of_the_main_template_have_names_that_cloudformation_may_make(template: dict[str, Any]) -> None:
    """It keeps 24 characters of a logical id in the names it makes."""
    titles = [t for t, resource in template["Resources"].items() if resource["Type"] == "AWS::IAM::Role"]
    assert [one for one in titles if not one.endswith("Role") or len(one) > 24] == []
    assert [one for one in titles if "RoleName" in template["Resources"][one]["Properties"]] == []


def main_values() -> dict[str, Any]:
    """What `Ref` and `Fn::GetAtt` of the main stack give, by its names."""
    stack, own = "covid-lake-dev", f"{REGION}:{ACCOUNT}"
    machine = f"arn:aws:states:{own}:stateMachine:{stack}-ingestion"
    functions = {
        f"{prefix}CrawlerFunction.Arn": f"arn:aws:lambda:{own}:function:{stack}-{prefix.lower()}-crawler"
        for prefix in ("Start", "Check")
    }
    logs = {
        f"{prefix}CrawlerFunctionLogGroup.Arn": (
            f"arn:aws:logs:{own}:log-group:/aws/lambda/{stack}-{prefix.lower()}-crawler:*"
        )
        for prefix in ("Start", "Check")
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


@pytest.mark.parametrize("environment", ["dev", "e" * 13])
def test_policies_fit_the_sizes_that_iam_allows(bootstrap: dict[str, Any], environment: str) -> None:
    """10,240 characters inline and 6,144 in a managed policy, white space not counted."""
    values = {**VALUES, "Environment": environment, "AWS::Region": "ap-southeast-2", "SourceBucket": "b" * 63}
    values |= {"StackEnvironment": environment, "DeployRole": f"covid-lake-{environment}-deploy"}
    for logical_id, resource in bootstrap["Resources"].items():
        resolved = resolve(resource["Properties"], values, CONDITIONS)
        managed = logical_id == "Boundary"
        if managed or resource["Type"] == "AWS::IAM::Role":
            document = resolved["PolicyDocument"] if managed else resolved["Policies"][0]["PolicyDocument"]
            size = len(json.dumps(document, separators=(",", ":")))
            assert size <= (6_144 if managed else 10_240), f"{logical_id}: {size}"


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


@pytest.mark.parametrize(
    ("stacks", "fits"),
    [("pr-*", True), ("dev", True), ("*", False), ("pr*", False), ("", False), ("p-*", False)],
)
def test_no_wider_pattern_of_stacks_is_taken(bootstrap: dict[str, Any], stacks: str, fits: bool) -> None:
    pattern = bootstrap["Parameters"]["StackEnvironment"]["AllowedPattern"]
    assert bool(re.fullmatch(pattern, stacks)) == fits


def test_the_artifact_bucket_is_private_versioned_encrypted_and_kept(bootstrap: dict[str, Any]) -> None:
    bucket = bootstrap["Resources"]["ArtifactBucket"]
    assert (bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
    found = properties(bootstrap, "ArtifactBucket")
    assert found["BucketName"] == f"covid-lake-artifacts-{ACCOUNT}-{REGION}"
    assert found["VersioningConfiguration"] == {"Status": "Enabled"}
    assert set(found["PublicAccessBlockConfiguration"].values()) == {True}
    assert found["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    (rule,) = found["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    denied, once = properties(bootstrap, "ArtifactBucketPolicy")["PolicyDocument"]["Statement"]
    arn = f"arn:aws:s3:::covid-lake-artifacts-{ACCOUNT}-{REGION}"
    assert (denied["Effect"], denied["Action"], denied["Resource"]) == ("Deny", "s3:*", [arn, f"{arn}/*"])
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert (once["Effect"], once["Action"], once["Resource"]) == ("Deny", "s3:PutObject", f"{arn}/*")
    assert (once["Principal"], once["Condition"]) == ("*", {"Null": {"s3:if-none-match": "true"}})


def test_no_role_deletes_an_artifact(bootstrap: dict[str, Any]) -> None:
    artifact = f"arn:aws:s3:::covid-lake-artifacts-{ACCOUNT}-{REGION}/covid-lake-dev/artifacts/x"
    for role in (*map(title, ROLES), "PreviewPolicy", "Boundary"):
        for action in ("s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObjectTagging"):
            assert not any(permits(one, action, artifact) for one in statements(bootstrap, role)), role


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


def test_current_artifacts_never_expire(bootstrap: dict[str, Any]) -> None:
    rules = properties(bootstrap, "ArtifactBucket")["LifecycleConfiguration"]["Rules"]
    expiring = {rule["Id"]: rule.get("Prefix") for rule in rules if "ExpirationInDays" in rule}
    assert expiring == {"ExpirePlans": "plans/"}


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


def test_every_parameter_is_described_and_constrained_and_in_a_group(bootstrap: dict[str, Any]) -> None:
    groups = bootstrap["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    assert sorted(t for group in groups for t in group["Parameters"]) == sorted(bootstrap["Parameters"])
    for one, parameter in bootstrap["Parameters"].items():
        assert len(parameter["Description"]) > 10, one
        assert {"AllowedValues", "AllowedPattern"} & set(parameter), one
        assert parameter["ConstraintDescription"].startswith("must be "), one


@pytest.mark.parametrize(
    ("parameter", "good", "bad"),
    [
        (
            "Environment",
            ["dev", "pre-12", "staging", "artifact", "preview"],
            [
                "Dev",
                "1dev",
                "dev_1",
                "dev-",
                "a--b",
                "",
                "artifacts",
                "bootstrap",
                "artifacts-2",
                "bootstrap-x",
            ],
        ),
        ("Organization", ["acme", "a-1", "A"], ["", "-a", "a-", "a/b", "*", "a" * 40]),
        ("OrganizationId", ["1", "9919"], ["", "0", "01", "x", "*", "1 2"]),
        ("Repository", ["lake", "a.b_c-d"], ["", "a/b", "*", "a b", "a:b"]),
        ("RepositoryId", ["1296269"], ["", "*", "abc"]),
        ("OperationsEnvironment", ["", "prod-ops"], ["*", "a:b", "a b"]),
        ("SourceBucket", ["covid19-lake"], ["", "*", "s3://x", "A"]),
    ],
)
def test_patterns(bootstrap: dict[str, Any], parameter: str, good: list[str], bad: list[str]) -> None:
    pattern = bootstrap["Parameters"][parameter]["AllowedPattern"]
    assert [value for value in good if not re.fullmatch(pattern, value)] == []
    assert [value for value in bad if re.fullmatch(pattern, value)] == []


def test_outputs_tell_every_role_and_what_they_share(bootstrap: dict[str, Any]) -> None:
    outputs = {name: resolve(one["Value"], VALUES, CONDITIONS) for name, one in bootstrap["Outputs"].items()}
    roles = {f"{title(role)}Arn": f"arn:aws:iam::{ACCOUNT}:role/covid-lake-dev-{role}" for role in ROLES}
    assert outputs.items() >= roles.items()
    assert set(outputs) - set(roles) == {
        *("ArtifactBucketName", "OidcProviderArn", "PermissionsBoundaryName", "PermissionsBoundaryArn"),
    }
