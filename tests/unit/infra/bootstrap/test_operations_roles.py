"""What the roles that run the ingestion and look for drift may do."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.unit.infra.bootstrap.resolved import (
    ACCOUNT,
    REGION,
    allowed,
    statement,
    statements,
)


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


def test_ops_works_on_one_machine_and_one_workgroup_of_each_stack(bootstrap: dict[str, Any]) -> None:
    stacks, own = ("covid-lake-dev", "covid-lake-dev-*"), f"{REGION}:{ACCOUNT}"
    machines = [f"arn:aws:states:{own}:stateMachine:{stack}-ingestion" for stack in stacks]
    assert statement(bootstrap, "OpsRole", "Start")["Resource"] == machines
    executions = [f"arn:aws:states:{own}:execution:{stack}-ingestion:*" for stack in stacks]
    assert statement(bootstrap, "OpsRole", "Follow")["Resource"] == executions
    groups = [f"arn:aws:athena:{own}:workgroup/{stack}" for stack in stacks]
    assert statement(bootstrap, "OpsRole", "Query")["Resource"] == groups
    written = [one["Resource"] for one in statements(bootstrap, "OpsRole") if "s3:PutObject" in one["Action"]]
    assert written == ["arn:aws:s3:::covid-lake-dev-*/athena/*"]
