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


def test_ops_works_on_the_one_machine_and_the_one_workgroup(bootstrap: dict[str, Any]) -> None:
    machine = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:covid-lake-dev-ingestion"
    assert statement(bootstrap, "OpsRole", "Start")["Resource"] == machine
    execution = f"arn:aws:states:{REGION}:{ACCOUNT}:execution:covid-lake-dev-ingestion:*"
    assert statement(bootstrap, "OpsRole", "Follow")["Resource"] == execution
    group = f"arn:aws:athena:{REGION}:{ACCOUNT}:workgroup/covid-lake-dev"
    assert statement(bootstrap, "OpsRole", "Query")["Resource"] == group
    written = [one["Resource"] for one in statements(bootstrap, "OpsRole") if "s3:PutObject" in one["Action"]]
    assert written == ["arn:aws:s3:::covid-lake-dev-*/athena/*"]
