"""Whether Step Functions may assume a role."""

from __future__ import annotations

import json
from typing import Any

_PRINCIPALS = ("states.amazonaws.com", "states.{region}.amazonaws.com")


def not_assumable(role_arn: str) -> str:
    """The message with which AWS refuses a state machine whose role does not trust it."""
    return (
        "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to "
        f"assume the provided role {role_arn}: allow sts:AssumeRole for it in the role's trust policy"
    )


def is_assumable(role_arn: str) -> bool:
    """Whether the role exists and its trust policy lets Step Functions assume it."""
    from ministack.services import iam

    role = iam._roles.get(role_arn.rsplit("/", 1)[-1])
    if role is None:
        return False
    policy = role["AssumeRolePolicyDocument"]
    document = json.loads(policy) if isinstance(policy, str) else policy
    return any(_allows(statement) for statement in _listed(document.get("Statement", [])))


def _allows(statement: dict[str, Any]) -> bool:
    principal = statement.get("Principal", {})
    services = _listed(principal.get("Service", [])) if isinstance(principal, dict) else [principal]
    trusted = any(name == "*" or name in _names() for name in services)
    actions = _listed(statement.get("Action", []))
    return (
        statement.get("Effect") == "Allow"
        and trusted
        and bool({"sts:AssumeRole", "sts:*", "*"} & set(actions))
    )


def _names() -> list[str]:
    from ministack.core.responses import get_region

    return [name.format(region=get_region()) for name in _PRINCIPALS]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
