from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from infra.common import policies
from infra.ingestion import roles as ingestion_roles

TRUSTED = {
    "JobRole": "glue.amazonaws.com",
    "CrawlerRole": "glue.amazonaws.com",
    "StartCrawlerFunctionRole": "lambda.amazonaws.com",
    "CheckCrawlerFunctionRole": "lambda.amazonaws.com",
    "FindWorkFunctionRole": "lambda.amazonaws.com",
    "WatchFunctionRole": "lambda.amazonaws.com",
    "WatchRuleRole": "events.amazonaws.com",
    "StateMachineRole": "states.amazonaws.com",
    "ScheduleRole": "events.amazonaws.com",
}
# Actions for which AWS has no resource, and why no one needs more than these.
WITHOUT_RESOURCE = {
    ("JobRole", "WriteMetrics"): "PutMetricData has no resources; limited to one namespace",
    ("JobRole", "TellDataZone"): "PostLineageEvent has no resources; only where a domain is given",
    ("StateMachineRole", "DeliverLogs"): "log delivery has no resources",
    ("StateMachineRole", "Trace"): "X-Ray has no resources for these",
}


def roles(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = {t: r for t, r in template["Resources"].items() if r["Type"] == "AWS::IAM::Role"}
    return {title: role["Properties"] for title, role in found.items()}


def statements(template: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for title, role in roles(template).items():
        for policy in role["Policies"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                yield title, statement["Fn::If"][1] if "Fn::If" in statement else statement


def actions(template: dict[str, Any], role: str) -> set[str]:
    return {a for title, statement in statements(template) if title == role for a in statement["Action"]}


def test_there_is_one_role_for_each_principal_and_no_managed_policy(template: dict[str, Any]) -> None:
    trusted = {}
    for title, role in roles(template).items():
        (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
        trusted[title] = statement["Principal"]["Service"]
        assert statement["Action"] == "sts:AssumeRole"
        assert "ManagedPolicyArns" not in role
    assert trusted == TRUSTED


@pytest.mark.parametrize(
    ("title", "arn"),
    [
        (
            "StateMachineRole",
            "states:${AWS::Region}:${AWS::AccountId}:stateMachine:${AWS::StackName}-ingestion",
        ),
        ("ScheduleRole", "events:${AWS::Region}:${AWS::AccountId}:rule/${AWS::StackName}-schedule"),
    ],
)
def test_services_that_say_for_whom_they_act_are_held_to_it(
    template: dict[str, Any], title: str, arn: str
) -> None:
    condition = roles(template)[title]["AssumeRolePolicyDocument"]["Statement"][0]["Condition"]
    assert condition == {
        "ArnEquals": {"aws:SourceArn": {"Fn::Sub": "arn:${AWS::Partition}:" + arn}},
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
    }


def test_a_function_may_do_what_its_own_statements_allow_and_write_its_log(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reads = policies.allow("ReadRunRecords", ["s3:GetObject"], "arn:aws:s3:::lake/runs/*")
    monkeypatch.setitem(ingestion_roles.FUNCTION_STATEMENTS, "summarize", [reads])
    (policy,) = ingestion_roles.function_role("summarize").to_dict()["Properties"]["Policies"]
    first, second = policy["PolicyDocument"]["Statement"]
    assert first == reads
    assert second["Sid"] == "WriteLogs"


def test_no_statement_has_a_wildcard_resource_but_where_aws_has_no_resources(
    template: dict[str, Any],
) -> None:
    everywhere = {(title, s["Sid"]) for title, s in statements(template) if s["Resource"] == "*"}
    assert everywhere == set(WITHOUT_RESOURCE)


def test_no_arn_leaves_service_region_account_or_name_open(template: dict[str, Any]) -> None:
    for title, statement in statements(template):
        text = json.dumps(statement["Resource"])
        assert "arn:aws:" not in text, f"{title}: {text}"
        assert ":*:" not in text, f"{title}: {text}"


def test_no_action_is_a_wildcard(template: dict[str, Any]) -> None:
    allowed = {"kms:GenerateDataKey*"}
    wild = {a for _, statement in statements(template) for a in statement["Action"] if "*" in a} - allowed
    assert wild == set()


def test_what_each_principal_may_not_do(template: dict[str, Any]) -> None:
    """Write access is where it belongs: the job writes tables, the crawler the catalog, others neither."""
    assert {a for a in actions(template, "JobRole") if a.startswith("glue:")} == {"glue:GetJobRun"}
    looks = {a for a in actions(template, "FindWorkFunctionRole") if not a.startswith(("kms:", "logs:"))}
    assert looks == {"s3:ListBucket", "s3:GetObject", "glue:GetTables"}
    assert {a for a in actions(template, "CrawlerRole") if a.startswith("s3:Put")} == set()
    assert "glue:StartCrawler" not in actions(template, "CheckCrawlerFunctionRole")
    assert actions(template, "ScheduleRole") == {"states:StartExecution"}
    written = [
        statement["Resource"]
        for title, statement in statements(template)
        if title == "StateMachineRole" and "s3:PutObject" in statement["Action"]
    ]
    assert written == [
        {"Fn::Sub": "${LakeBucket.Arn}/state/*/published.json"},
        {"Fn::Sub": "${LakeBucket.Arn}/athena/*"},
    ]


def test_the_state_machine_may_do_what_its_tasks_do(template: dict[str, Any]) -> None:
    assert actions(template, "StateMachineRole") >= {
        "glue:StartJobRun",
        "glue:GetJobRun",
        "glue:BatchStopJobRun",
        "lambda:InvokeFunction",
        "athena:StartQueryExecution",
        "athena:GetQueryExecution",
        "athena:StopQueryExecution",
        "athena:GetQueryResults",
        "s3:GetObject",
        "s3:PutObject",
        "sns:Publish",
    }


def test_local_and_own_log_groups_of_the_job_can_be_written(template: dict[str, Any]) -> None:
    (logs,) = [s for t, s in statements(template) if t == "JobRole" and s["Sid"] == "WriteLogs"]
    groups = [resource["Fn::Sub"].split("log-group:")[1] for resource in logs["Resource"]]
    names = [
        "/aws-glue/jobs/output",
        "/aws-glue/jobs/error",
        "/aws-glue/jobs/${AWS::StackName}/output",
        "/aws-glue/jobs/${AWS::StackName}/error",
    ]
    assert groups == [f"{name}{end}" for name in names for end in ("", ":*")]


def test_every_role_is_bounded_when_a_boundary_is_named(template: dict[str, Any]) -> None:
    boundary = "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/${PermissionsBoundary}"
    expected = {"Fn::If": ["BoundRoles", {"Fn::Sub": boundary}, {"Ref": "AWS::NoValue"}]}
    assert all(role["PermissionsBoundary"] == expected for role in roles(template).values())
    assert template["Conditions"]["BoundRoles"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "PermissionsBoundary"}, ""]}]
    }


def test_who_uploads_in_parts_may_find_the_parts_left_behind(template: dict[str, Any]) -> None:
    """Athena and the committers of Spark's S3A list the uploads of the bucket and their parts."""
    for role in ("JobRole", "StateMachineRole"):
        assert actions(template, role) >= {
            "s3:AbortMultipartUpload",
            "s3:ListBucketMultipartUploads",
            "s3:ListMultipartUploadParts",
        }
