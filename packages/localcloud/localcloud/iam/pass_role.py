"""Who gives a role to a service must be let pass it: IAM judges iam:PassRole, as AWS does.

ministack looks at the right to make a job, a function, a state machine, a target or a stack, and not at the
right over the role that is to be used for it.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any, cast
from urllib.parse import parse_qs

from localcloud import plugin
from localcloud.plugin import Headers, Response

Roles = Callable[[str, str, Headers, bytes], Iterator[str]]


def install(app: Any) -> None:
    """Check each role that a request names, in front of the services that take on roles."""
    for service, (principal, roles_of) in SERVICES.items():
        _guard(app, service, principal, roles_of)


def _guard(app: Any, service: str, principal: str, roles_of: Roles) -> None:
    original = app.SERVICE_HANDLERS[service]

    async def handler(method: str, path: str, headers: Headers, body: bytes, query: Any) -> Response:
        for role in roles_of(method, path, headers, body):
            if (refused := _refusal(app, service, principal, role, headers, query)) is not None:
                return refused
        return cast(Response, await original(method, path, headers, body, query))

    app.SERVICE_HANDLERS[service] = handler


def _refusal(
    app: Any, service: str, principal: str, role: str, headers: Headers, query: Any
) -> Response | None:
    """The service's own AccessDenied answer when the caller may not pass the role, else None."""
    from ministack.core import iam_actions, iam_evaluator

    arn = role if role.startswith("arn:") else f"arn:aws:iam::{plugin.current_account()}:role/{role}"
    caller, region = app.extract_access_key_id(headers, query), app.extract_region(headers, query)
    if not caller:  # the cloud itself, on behalf of a stack
        return None
    denied = iam_evaluator.enforce(
        caller,
        "iam:PassRole",
        "iam",
        region,
        resource_arn=arn,
        service_context={"iam:PassedToService": principal},
    )
    if denied is None or isinstance(denied, iam_evaluator.AuthError):
        return None  # credentials were checked when the request came in
    answer = iam_actions.access_denied_response(
        service,
        "iam:PassRole",
        denied.principal_arn,
        str(uuid.uuid4()),
        headers=headers,
        resource_arn=arn,
        explicit_deny=denied.decision == "Deny",
    )
    return cast(Response, answer)


def _in_json(_method: str, _path: str, headers: Headers, body: bytes) -> Iterator[str]:
    """`Role`, `roleArn` or `RoleArn` of what a request makes, changes or tries, wherever it stands."""
    action = headers.get("x-amz-target", "").rpartition(".")[2]
    if not action.startswith(("Create", "Put", "TestState", "Update")):
        return
    request = json.loads(body or b"{}")
    for part in (request, request.get("JobUpdate"), *request.get("Targets", [])):
        yield from _roles_in(part)


def _in_rest(method: str, path: str, _headers: Headers, body: bytes) -> Iterator[str]:
    """The role of a function: when it is made, or its configuration is changed."""
    if (method == "POST" and path.endswith("/functions")) or (
        method == "PUT" and path.endswith("/configuration")
    ):
        yield from _roles_in(json.loads(body or b"{}"))


def _in_form(_method: str, _path: str, _headers: Headers, body: bytes) -> Iterator[str]:
    yield from parse_qs(body.decode(errors="replace")).get("RoleARN", [])


def _roles_in(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        yield from (part[name] for name in ("Role", "roleArn", "RoleArn") if isinstance(part.get(name), str))


SERVICES: dict[str, tuple[str, Roles]] = {
    "cloudformation": ("cloudformation.amazonaws.com", _in_form),
    "events": ("events.amazonaws.com", _in_json),
    "glue": ("glue.amazonaws.com", _in_json),
    "lambda": ("lambda.amazonaws.com", _in_rest),
    "states": ("states.amazonaws.com", _in_json),
}
