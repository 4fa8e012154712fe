"""One role for each principal, with what it needs and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.infra.ingestion.test_roles import actions, roles, statements

TRUSTED = {
    **dict.fromkeys(("ExtractJobRole", "JoinJobRole", "SegmentJobRole", "WriteBackJobRole"), "glue"),
    **dict.fromkeys(("CrawlerRole", "DatabaseCrawlerRole"), "glue"),
    **dict.fromkeys(("StartCrawlerFunctionRole", "CheckCrawlerFunctionRole"), "lambda"),
    **dict.fromkeys(("FindTablesFunctionRole", "PrepareDatabaseRole", "WatchFunctionRole"), "lambda"),
    "StateMachineRole": "states",
    "ScheduleRole": "events",
    "WatchRuleRole": "events",
}
CONNECTED = {"ExtractJobRole", "WriteBackJobRole", "DatabaseCrawlerRole"}


def test_there_is_one_role_for_each_principal_and_no_managed_policy(segmentation: dict[str, Any]) -> None:
    trusted = {}
    for title, role in roles(segmentation).items():
        (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
        trusted[title] = statement["Principal"]["Service"].removesuffix(".amazonaws.com")
        assert "ManagedPolicyArns" not in role
        assert role["PermissionsBoundary"]["Fn::If"][0] == "BoundRoles"
    assert trusted == TRUSTED


def test_roles_have_names_that_the_bootstrap_knows(segmentation: dict[str, Any]) -> None:
    assert [one for one in roles(segmentation) if not one.endswith("Role") or len(one) > 24] == []


def test_only_who_reads_the_database_has_network_connection_and_secret(segmentation: dict[str, Any]) -> None:
    for service, also in (("ec2:", set()), ("secretsmanager:", {"PrepareDatabaseRole"})):
        holders = {t for t, s in statements(segmentation) if any(a.startswith(service) for a in s["Action"])}
        assert holders == CONNECTED | also
    holders = {t for t, s in statements(segmentation) if "glue:GetConnection" in s["Action"]}
    assert holders == CONNECTED


def test_network_interfaces_are_placed_in_the_one_subnet(segmentation: dict[str, Any]) -> None:
    for title, statement in statements(segmentation):
        if statement["Sid"] == "Interface":
            subnet = json.dumps(statement["Condition"]["ArnEquals"]["ec2:Subnet"])
            assert "FirstSubnet" in subnet, title
        if statement["Sid"] == "TagInterface":
            tags = statement["Condition"]["ForAllValues:StringEquals"]["aws:TagKeys"]
            assert tags == ["aws-glue-service-resource"], title


def test_no_statement_has_a_wildcard_resource_but_where_aws_has_no_resources(
    segmentation: dict[str, Any],
) -> None:
    everywhere = {(t, s["Sid"]) for t, s in statements(segmentation) if s["Resource"] == "*"}
    jobs = ("ExtractJobRole", "JoinJobRole", "SegmentJobRole", "WriteBackJobRole")
    assert everywhere == {
        *((title, sid) for title in jobs for sid in ("WriteMetrics", "TellDataZone")),
        *((title, "DescribeNetwork") for title in CONNECTED),
        ("StateMachineRole", "DeliverLogs"),
        ("StateMachineRole", "Trace"),
    }


def test_no_action_is_a_wildcard(segmentation: dict[str, Any]) -> None:
    wild = {a for _, s in statements(segmentation) for a in s["Action"] if "*" in a}
    assert wild == {"kms:GenerateDataKey*"}


def test_what_each_principal_may_not_do(segmentation: dict[str, Any]) -> None:
    written = {
        title: {json.dumps(r).rpartition("/")[0].rpartition("/")[2] for r in s["Resource"]}
        for title, s in statements(segmentation)
        if s["Sid"] == "WriteLake"
    }
    assert written["WriteBackJobRole"] == {"state", "runs", "lineage"}
    assert {"clean", "quarantine", "state", "runs"} <= written["ExtractJobRole"]
    assert actions(segmentation, "FindTablesFunctionRole") == {
        "glue:GetTables",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
    }
    assert not {a for a in actions(segmentation, "DatabaseCrawlerRole") if a.startswith("s3:")}
    assert actions(segmentation, "PrepareDatabaseRole") == {
        *("rds-data:ExecuteStatement", "secretsmanager:GetSecretValue"),
        *("logs:CreateLogStream", "logs:PutLogEvents"),
    }


def test_the_database_crawler_writes_its_own_database_alone(segmentation: dict[str, Any]) -> None:
    (write,) = [
        s for t, s in statements(segmentation) if (t, s["Sid"]) == ("DatabaseCrawlerRole", "WriteCatalog")
    ]
    _, database, tables = map(json.dumps, write["Resource"])
    assert '"_source"' in database
    assert '"_source/*"' in tables


@pytest.mark.parametrize("sid", ["ReadSecret", "ReadSecrets"])
def test_secrets_are_named_one_by_one(segmentation: dict[str, Any], sid: str) -> None:
    for _, statement in statements(segmentation):
        if statement["Sid"] == sid:
            assert "*" not in json.dumps(statement["Resource"])
