"""What a request is about, for IAM, where ministack names nothing or something else.

The types of resources are those of AWS's service authorization reference for Step Functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.step_functions.states import tokens

_NAMING = ("mapRunArn", "resourceArn")
_QUALIFIED = ("stateMachineArn", "stateMachineAliasArn", "stateMachineVersionArn")


def resource(action: str, request: Mapping[str, Any]) -> str | None:
    """The last part of an ARN, such as `stateMachine:m`; None where ministack knows it.

    Whoever answers for a Task needs the right on its state machine, as CDK's `grantTaskResponse` gives it,
    or on its activity.
    """
    if action.startswith("SendTask"):
        return tokens.resource(str(request.get("taskToken", "")))
    if action == "CreateActivity":
        return f"activity:{request.get('name', '')}"
    if action == "CreateStateMachineAlias":
        routes = request.get("routingConfiguration") or [{}]
        return _unqualified(routes[0].get("stateMachineVersionArn", ""))
    for name in _NAMING:
        if name in request:
            return _last_part(request[name])
    return next((_unqualified(request[name]) for name in _QUALIFIED if name in request), None)


def _last_part(arn: str) -> str | None:
    parts = arn.split(":", 5)
    return parts[5] if len(parts) > 5 else None


def _unqualified(arn: str) -> str | None:
    """Versions and aliases are judged as their state machine.

    https://docs.aws.amazon.com/step-functions/latest/dg/auth-version-alias.html
    """
    last = _last_part(arn)
    return ":".join(last.split(":")[:2]) if last else None
