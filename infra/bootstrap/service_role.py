"""The role with which CloudFormation makes what is in the main template."""

from __future__ import annotations

from typing import Any

from troposphere import Sub, iam

from infra.bootstrap import (
    catalog_types,
    database_types,
    names,
    policies,
    quicksight_types,
    role_shape,
)
from infra.bootstrap.access import tags
from infra.bootstrap.resource_types import (
    aliases,
    key_alias_arns,
    key_arn,
    own_key,
    types,
    used_for_lake,
)
from infra.common.actions import ALIAS, MANAGE_KEY
from infra.common.policies import Statement, allow, trust

PASSED_TO = ["events.amazonaws.com", "glue.amazonaws.com", "lambda.amazonaws.com", "states.amazonaws.com"]
# Each of these decides what a role may do.
GRANT = [
    "iam:AttachRolePolicy",
    "iam:CreateRole",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
]
MANAGE_ROLE = [
    "iam:DeleteRole",
    "iam:TagRole",
    "iam:UntagRole",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole",
    "iam:UpdateRoleDescription",
]
CHANGE_POLICY = [
    "iam:CreatePolicyVersion",
    "iam:DeletePolicy",
    "iam:DeletePolicyVersion",
    "iam:SetDefaultPolicyVersion",
]


def _roles() -> list[Statement]:
    """Roles of the stack only, and only while the boundary holds them."""
    bounded: dict[str, Any] = {"ArnEquals": {"iam:PermissionsBoundary": names.boundary_arn()}}
    passed: dict[str, Any] = {"StringEquals": {"iam:PassedToService": PASSED_TO}}
    mine = names.stack_roles_arn()
    return [
        allow("Grant", GRANT, mine, bounded),
        allow("ManageRoles", MANAGE_ROLE, mine),
        allow("PassRoles", ["iam:PassRole"], mine, passed),
    ]


def _denials() -> list[Statement]:
    """What would lift the limits, whoever may come to allow it."""
    bootstrap = [names.role_arn(role) for role in names.ROLES]
    # EventBridge publishes to any topic of the account whose policy trusts it, whoever made the rule.
    own = Sub(f"arn:*:*:*:*:*{names.STACK}-*")
    foreign = {"ForAnyValue:ArnNotLike": {"events:TargetArn": own}}
    # CloudWatch acts as itself: it stops any instance, and publishes as EventBridge does.
    acting = {"ForAnyValue:StringNotLike": {"cloudwatch:AlarmActions": names.arn("sns", f"{names.STACK}-*")}}
    return [
        {**role_shape.deny("KeepTargets", ["events:PutTargets"], "*"), "Condition": foreign},
        {**role_shape.deny("KeepActions", ["cloudwatch:PutMetricAlarm"], "*"), "Condition": acting},
        role_shape.deny("KeepBoundary", ["iam:DeleteRolePermissionsBoundary"], "*"),
        role_shape.deny("KeepPolicy", CHANGE_POLICY, policies.arns()),
        role_shape.deny("KeepRoles", ["iam:*"], bootstrap),
    ]


def _keys() -> list[Statement]:
    """A new key lets this role in by its own policy, which counts at once; later the alias does too.

    Tags give no right over a key: whoever may tag a foreign one could take it. Nor can a foreign key get the
    alias, which needs a right over that key. A key is made with its tags, before which it has none, and no
    resource.
    """
    new = {
        "StringEquals": tags("Request"),
        "StringEqualsIfExists": tags("Resource"),
        "ForAllValues:StringLike": aliases(),
    }
    return [
        allow("CreateKey", ["kms:CreateKey", "kms:TagResource"], "*", new),
        allow("ManageKey", [*MANAGE_KEY, *ALIAS], key_arn(), own_key()),
        allow("Alias", ALIAS, key_alias_arns()),
        allow("UseKey", ["kms:Decrypt", "kms:GenerateDataKey"], key_arn(), used_for_lake()),
    ]


def service_role() -> iam.Role:
    """CloudFormation's own role: every deployment goes through it, whoever asks for it.

    Only iam:PassRole, which never crosses accounts, gives it to CloudFormation: see the role deploy.
    """
    code = [names.artifact_bucket_arn(f"{prefix}*") for prefix in names.ARTIFACTS_PREFIXES]
    read_code = allow("ReadCode", ["s3:GetObject"], code)
    elsewhere = [*catalog_types.types(), *quicksight_types.types(), *database_types.types()]
    written = [one.writing() for one in types() if one not in elsewhere]
    statements = [*written, *_keys(), *_roles(), read_code, *_denials()]
    trusted = trust("cloudformation.amazonaws.com")
    description = "Makes the resources of the environment's stack"
    reading = (policies.READ, policies.READ_DATABASE)
    making = (policies.CATALOG, policies.QUICKSIGHT, policies.DATABASE)
    return role_shape.make(names.SERVICE_ROLE, description, trusted, statements, *reading, *making)
