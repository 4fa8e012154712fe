"""IAM documents and roles, as the tests of every service need them."""

from __future__ import annotations

import json
from typing import Any

from localcloud.cloud import ACCOUNT, LocalCloud


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: str | list[str], *resources: str, **more: Any) -> dict[str, Any]:
    """A statement on these resources, on all where none is named; `more` is e.g. its Principal."""
    return {"Effect": "Allow", "Action": action, "Resource": list(resources) or "*", **more}


def make_role(cloud: LocalCloud, name: str, *statements: dict[str, Any], service: str = "") -> str:
    """The ARN of a new role that the service, or without one the account, may assume."""
    principal = {"Service": service} if service else {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    iam = cloud.client("iam")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="rights", PolicyDocument=document(*statements))
    return str(role["Role"]["Arn"])


def assume(cloud: LocalCloud, role: str) -> dict[str, str]:
    """The credentials of a new session of the role."""
    answer = cloud.client("sts").assume_role(RoleArn=role, RoleSessionName="test")
    return dict(answer["Credentials"])
