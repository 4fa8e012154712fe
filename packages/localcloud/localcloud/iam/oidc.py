"""What ministack lacks for roles: AWS::IAM::OIDCProvider, and condition keys of four services."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from localcloud import plugin
from localcloud.iam import policies

Parameters = Mapping[str, Any]

# Actions whose policies may ask which boundary the role has, or is to have.
_BOUNDED = {
    *("AttachRolePolicy", "CreateRole", "DeleteRolePermissionsBoundary", "DeleteRolePolicy"),
    *("DetachRolePolicy", "PutRolePermissionsBoundary", "PutRolePolicy"),
}
_GIVES_BOUNDARY = {"CreateRole", "PutRolePermissionsBoundary"}
# One condition key for all three.
_ALARM_ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")
_STACK_KEYS = {
    "ChangeSetName": "cloudformation:ChangeSetName",
    "RoleARN": "cloudformation:RoleArn",
    "StackPolicyURL": "cloudformation:StackPolicyUrl",
    "TemplateURL": "cloudformation:TemplateUrl",
}


def install(_app: Any) -> None:
    """Add the resource type and the condition keys."""
    from ministack.core import iam_actions
    from ministack.services.cloudformation import provisioners

    provisioners._RESOURCE_HANDLERS["AWS::IAM::OIDCProvider"] = {
        "create": _create_provider,
        "update": _update_provider,
        "delete": _delete_provider,
    }
    original = plugin.require(iam_actions, "request_tag_context", ["service", "iam_action", "body", "params"])

    def context(service: str, iam_action: str, body: bytes, params: Parameters) -> dict[str, Any]:
        found: dict[str, Any] = original(service, iam_action, body, params)
        return {**found, **_condition_keys(service, iam_action.rpartition(":")[2], params, body)}

    iam_actions.request_tag_context = context
    policies.RESOURCE_OF["events"] = _rule


def _condition_keys(service: str, action: str, params: Parameters, body: bytes) -> dict[str, Any]:
    if service == "iam" and action in _BOUNDED:
        given = action in _GIVES_BOUNDARY
        boundary = _first(params, "PermissionsBoundary") if given else _boundary_of(params)
        return {"iam:PermissionsBoundary": boundary} if boundary else {}
    if service == "cloudformation":
        keys = {key: _first(params, name) for name, key in _STACK_KEYS.items()}
        return {key: value for key, value in keys.items() if value}
    if service == "events" and action == "PutTargets":
        return {
            "events:TargetArn": [target.get("Arn", "") for target in json.loads(body or b"{}")["Targets"]]
        }
    if service == "monitoring" and action == "PutMetricAlarm":
        actions = _actions_of_alarm(params, body)
        return {"cloudwatch:AlarmActions": actions} if actions else {}
    return {}


def _actions_of_alarm(params: Parameters, body: bytes) -> list[str]:
    """Whether the request is JSON or a query."""
    request = json.loads(body) if body[:1] == b"{" else {}
    queried = [_first(params, name) for name in params if name.partition(".member.")[0] in _ALARM_ACTIONS]
    return [*queried, *(str(one) for kind in _ALARM_ACTIONS for one in request.get(kind, []))]


def _rule(_action: str, request: dict[str, Any]) -> str | None:
    """A rule of the default bus goes without the bus in its ARN, whatever is done with it."""
    name = request.get("Rule") or request.get("Name")
    bus = request.get("EventBusName", "default")
    return f"rule/{name}" if isinstance(name, str) and bus == "default" else None


def _first(params: Parameters, name: str) -> str:
    value = params.get(name, "")
    return str(value[0] if isinstance(value, list) and value else value or "")


def _boundary_of(params: Parameters) -> str:
    from ministack.services import iam

    role = iam._roles.get_scoped(plugin.current_account(), None, _first(params, "RoleName"))
    return str((role or {}).get("PermissionsBoundary") or "")


def _create_provider(_logical_id: str, properties: Parameters, _stack_name: str) -> Any:
    from ministack.services import iam

    arn = f"arn:aws:iam::{plugin.current_account()}:oidc-provider/{_host(properties)}"
    if arn in iam._oidc_providers:
        raise ValueError(f"Provider with url {properties['Url']} already exists. (Service: Iam, 409)")
    iam._oidc_providers[arn] = {"Arn": arn, "CreateDate": iam._now(), **_record(properties)}
    return arn, {"Arn": arn}


def _update_provider(physical_id: str, _old: Parameters, new: Parameters, *_rest: Any, **_named: Any) -> Any:
    from ministack.services import iam

    if not physical_id.endswith(f":oidc-provider/{_host(new)}"):
        return _create_provider("", new, "")
    iam._oidc_providers[physical_id] = {**iam._oidc_providers[physical_id], **_record(new)}
    return physical_id, {"Arn": physical_id}


def _delete_provider(physical_id: str, _properties: Parameters) -> None:
    from ministack.services import iam

    iam._oidc_providers.pop(physical_id, None)


def _host(properties: Parameters) -> str:
    return str(properties["Url"]).removeprefix("https://").rstrip("/")


def _record(properties: Parameters) -> dict[str, Any]:
    """GetOpenIDConnectProvider shows the address without its scheme."""
    return {
        "Url": _host(properties),
        "ClientIDList": list(properties.get("ClientIdList", [])),
        "ThumbprintList": list(properties.get("ThumbprintList", [])),
        "Tags": list(properties.get("Tags", [])),
    }
