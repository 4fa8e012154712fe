"""Whom the bootstrap's roles trust: GitHub, for exactly one subject each."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.bootstrap.names import ROLES
from infra.bootstrap.role_shape import title
from tests.unit.infra.bootstrap.resolved import (
    ACCOUNT,
    WITH_IDS,
    WITH_NAMES,
    properties,
)


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
