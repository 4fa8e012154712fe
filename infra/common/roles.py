"""A role of a stack, held by the permissions boundary of its environment where there is one."""

from __future__ import annotations

from typing import Any

from troposphere import If, NoValue, Sub, iam

from infra.common.parameters import BOUNDARY_CONDITION
from infra.common.policies import document


def role(title: str, description: str, trusted: dict[str, Any], *statements: Any) -> iam.Role:
    """A role with one inline policy.

    `title` must end in Role: by that, behind the stack's name, the bootstrap's roles know what they may make.
    """
    policy = iam.Policy(PolicyName="Permissions", PolicyDocument=document(*statements))
    return iam.Role(
        title,
        Description=Sub(f"{description} of ${{AWS::StackName}}"),
        AssumeRolePolicyDocument=trusted,
        PermissionsBoundary=_permissions_boundary(),
        Policies=[policy],
    )


def _permissions_boundary() -> If:
    boundary = Sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/${PermissionsBoundary}")
    return If(BOUNDARY_CONDITION, boundary, NoValue)
