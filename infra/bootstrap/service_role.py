"""The role with which CloudFormation makes what is in the main template."""

from __future__ import annotations

from typing import Any

from troposphere import iam

from infra.bootstrap import names, roles
from infra.bootstrap.resource_types import READ_KEY, READ_ROLE, key_alias_arn, key_arn, tagged, types
from infra.policies import Statement, allow, trust

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
MANAGE_KEY = [
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateKeyDescription",
]
ALIAS = ["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"]


def _roles() -> list[Statement]:
    """Roles of the stack only, and only while the boundary holds them."""
    bounded: dict[str, Any] = {"ArnEquals": {"iam:PermissionsBoundary": names.boundary_arn()}}
    passed: dict[str, Any] = {"StringEquals": {"iam:PassedToService": PASSED_TO}}
    mine = names.stack_roles_arn()
    return [
        allow("GrantWithinBoundary", GRANT, mine, bounded),
        allow("ManageRoles", [*READ_ROLE, *MANAGE_ROLE], mine),
        allow("PassRoles", ["iam:PassRole"], mine, passed),
    ]


def _denials() -> list[Statement]:
    """What would lift the limits, whoever may come to allow it."""
    bootstrap = [names.role_arn(role) for role in names.ROLES]
    # EventBridge publishes to any topic of the account whose policy trusts it, whoever made the rule.
    targets = [names.arn("states", f"stateMachine:{names.STACK}-*"), names.arn("sns", f"{names.STACK}-*")]
    foreign = {"ForAnyValue:ArnNotLike": {"events:TargetArn": targets}}
    return [
        {**roles.deny("KeepTargets", ["events:PutTargets"], "*"), "Condition": foreign},
        roles.deny("KeepBoundary", ["iam:DeleteRolePermissionsBoundary"], "*"),
        roles.deny("KeepBoundaryPolicy", CHANGE_POLICY, names.boundary_arn()),
        roles.deny("KeepBootstrapRoles", [*GRANT, *MANAGE_ROLE, "iam:PassRole"], bootstrap),
    ]


def _not_foreign() -> dict[str, Any]:
    """No key that has other tags already is tagged as the stack's own."""
    return {"StringEqualsIfExists": tagged("Resource")["StringEquals"]}


def _keys() -> list[Statement]:
    """A key is made with the stack's tags, and known by them; CreateKey and ListAliases have no resource."""
    create = ["kms:CreateKey", "kms:TagResource"]
    return [
        allow("CreateKey", create, "*", {**tagged("Request"), **_not_foreign()}),
        allow("ManageKey", [*READ_KEY, *MANAGE_KEY], key_arn(), tagged("Resource")),
        allow("AliasOfKey", ALIAS, key_arn(), tagged("Resource")),
        allow("Alias", ALIAS, key_alias_arn()),
        allow("ListAliases", ["kms:ListAliases"], "*"),
    ]


def service_role() -> iam.Role:
    """CloudFormation's own role: every deployment goes through it, whoever asks for it.

    Only iam:PassRole, which never crosses accounts, gives it to CloudFormation: see the role deploy.
    """
    read_code = allow("ReadCode", ["s3:GetObject"], names.artifact_bucket_arn(f"{names.ARTIFACTS_PREFIX}*"))
    statements = [*(access.writing() for access in types()), *_keys(), *_roles(), read_code, *_denials()]
    trusted = trust("cloudformation.amazonaws.com")
    description = "Makes the resources of the environment's stack"
    return roles.make(names.SERVICE_ROLE, description, trusted, statements)
