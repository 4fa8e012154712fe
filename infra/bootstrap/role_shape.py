"""The shape of the five roles."""

from __future__ import annotations

from typing import Any

from troposphere import Ref, Sub, iam

from infra.bootstrap import names
from infra.common.policies import Statement, document

SESSION_SECONDS = 7200  # a deploy may wait for another one, then for its own


def title(role: str) -> str:
    """`plan` -> `PlanRole`, the logical id."""
    return {names.SERVICE_ROLE: "CloudFormation"}.get(role, role.title()) + "Role"


def make(
    role: str, description: str, trusted: dict[str, Any], statements: list[Statement], *managed: str
) -> iam.Role:
    """A role with one inline policy and these managed ones; `role` is one of `names.ROLES`."""
    attached = {"ManagedPolicyArns": [Ref(title) for title in managed]} if managed else {}
    return iam.Role(
        title(role),
        RoleName=Sub(names.role_name(role)),
        Description=description,
        MaxSessionDuration=SESSION_SECONDS,
        AssumeRolePolicyDocument=trusted,
        Policies=[iam.Policy(PolicyName="Permissions", PolicyDocument=document(*statements))],
        **attached,
    )


def deny(sid: str, actions: list[str], resources: Any) -> Statement:
    return {"Sid": sid, "Effect": "Deny", "Action": actions, "Resource": resources}
