"""IAM as AWS evaluates it: every AWS managed policy, transport security on loop-back, trust of a role.

Deliveries between services, which ministack mostly makes without asking, are judged in `delivery_policies`;
what a denial says is in `denials`.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from localcloud import plugin
from localcloud.iam import delivery_policies, denials

_MANAGED_PREFIX = "arn:aws:iam::aws:policy/"
_SESSION = re.compile(r"arn:([\w-]+):sts::(\d+):assumed-role/([^/]+)/.+")
_GLUE_BY_NAME = re.compile(
    r"(?:Create|Delete|Get|Start|Stop|Update)(Connection|Crawler|Database|Job|Trigger|Workflow)"
)


def install(app: Any) -> None:
    """Plug into ministack's policy look-up, request origin and deliveries."""
    _complete_managed_policies()
    _trust_loop_back(app)
    _name_resources()
    _name_roles_of_sessions()
    delivery_policies.install()
    denials.install()


def _complete_managed_policies() -> None:
    """ministack abridges a few dozen managed policies; moto carries all of them, as AWS publishes them."""
    from ministack.services import iam

    original = plugin.require(iam, "_lookup_policy", ["arn"])
    make_record = plugin.require(iam, "_make_aws_managed_record", ["name", "document"])
    complete: set[str] = set()

    def lookup(arn: str) -> Any:
        if arn.startswith(_MANAGED_PREFIX) and arn not in complete and arn in managed_documents():
            complete.add(arn)
            name = arn.removeprefix(_MANAGED_PREFIX)
            iam._aws_managed_policies[arn] = make_record(name, managed_documents()[arn])
        return original(arn)

    iam._lookup_policy = lookup


@functools.cache
def managed_documents() -> dict[str, str]:
    """Policy documents by ARN. The module that holds them is read alone: moto's IAM would take a second."""
    package = importlib.util.find_spec("moto")
    if package is None or package.submodule_search_locations is None:
        raise plugin.UnsupportedMinistackError("moto is missing")
    path = Path(package.submodule_search_locations[0]) / "iam" / "aws_managed_policies.py"
    spec = importlib.util.spec_from_file_location("localcloud_managed_policies", path)
    if spec is None or spec.loader is None:
        raise plugin.UnsupportedMinistackError(f"{path} is missing")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    policies = json.loads(module.aws_managed_policies_data)
    return {
        f"{_MANAGED_PREFIX.removesuffix('/')}{policy.get('Path', '/')}{name}": json.dumps(policy["Document"])
        for name, policy in policies.items()
    }


def _trust_loop_back(app: Any) -> None:
    """`aws:SecureTransport` is true: the usual "TLS only" policy must not lock the laptop out.

    Nothing on the loop-back interface leaves the machine, which is what such a policy is for.
    """
    pin = plugin.require(app, "pin_request_origin", ["source_ip", "secure_transport"])

    def pin_secure(source_ip: str, _secure_transport: bool) -> None:
        pin(source_ip, True)

    app.pin_request_origin = pin_secure


def _name_resources() -> None:
    """Let a plug-in say what a request is about, where ministack does not know: see `RESOURCE_OF`."""
    from ministack.core import iam_actions

    arguments = ["service", "method", "path", "headers", "body", "query_params", "region", "account_id"]
    original = plugin.require(iam_actions, "extract_resource_arn", arguments)

    def extract(service: str, *rest: Any) -> str:
        _, _, headers, body, query, region, account = rest
        if service == "cloudformation" and (change_set := _change_set_alone(query)):
            return change_set
        if resource_of := RESOURCE_OF.get(service):
            action = headers.get("x-amz-target", "").rpartition(".")[2]
            if resource := resource_of(action, json.loads(body or b"{}")):
                return f"arn:aws:{service}:{region}:{account}:{resource}"
        return str(original(service, *rest))

    iam_actions.extract_resource_arn = extract


def _change_set_alone(query: dict[str, Any]) -> str | None:
    """The ARN of a change set that a request names without its stack, as DescribeEvents takes it."""
    given = {name: value[0] if isinstance(value, list) else value for name, value in query.items()}
    name = str(given.get("ChangeSetName", ""))
    return name if name.startswith("arn:") and not given.get("StackName") else None


def _name_roles_of_sessions() -> None:
    """`aws:PrincipalArn` of a session is its role, as on AWS; ministack gives the session."""
    from ministack.core import iam_evaluator

    original = plugin.require(iam_evaluator, "_resolve_condition_key", ["key", "ctx"])

    def resolve(key: str, context: Any) -> Any:
        value = original(key, context)
        session = _SESSION.fullmatch(value) if key.lower() == "aws:principalarn" else None
        return "arn:{}:iam::{}:role/{}".format(*session.groups()) if session else value

    iam_evaluator._resolve_condition_key = resolve


def _glue_resource(action: str, request: dict[str, Any]) -> str | None:
    """ministack takes whatever Glue calls `Name` for a table, and knows no connections."""
    kind, name = _GLUE_BY_NAME.fullmatch(action), request.get("Name")
    if kind and kind[1] == "Connection":
        name = name or request.get("ConnectionName") or request.get("ConnectionInput", {}).get("Name")
    return f"{kind[1].lower()}/{name}" if kind and isinstance(name, str) else None


# By service: the last part of the ARN that IAM judges, from an action and its request; None: ask ministack.
RESOURCE_OF: dict[str, Callable[[str, dict[str, Any]], str | None]] = {"glue": _glue_resource}
