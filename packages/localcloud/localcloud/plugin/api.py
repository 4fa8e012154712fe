"""Where the plug-ins meet ministack: checked hooks, routed actions, loop-back clients and role credentials.

ministack keeps one table, `ministack.app.SERVICE_HANDLERS`, that its HTTP gateway goes through.
A plug-in routes some actions of a service to its own functions and leaves the rest to ministack.
"""

from __future__ import annotations

import asyncio
import contextvars
import hashlib
import inspect
import json
import os
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import boto3
from botocore.config import Config

Action = Callable[[dict[str, Any]], dict[str, Any]]
Headers = dict[str, str]
Response = tuple[int, Headers, bytes]

JSON_CONTENT_TYPE = "application/x-amz-json-1.1"
ROOT_SECRET = "test"  # noqa: S105 - the cloud listens on the loop-back interface only


class AwsError(Exception):
    """An error that the caller of an AWS API receives: `code` as AWS spells it, and `message`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class UnsupportedMinistackError(SystemExit):
    """The installed ministack or moto is not the one that the plug-ins were written for."""

    def __init__(self, finding: str) -> None:
        super().__init__(f"localcloud: {finding}; install localcloud again, with its dependencies")


@dataclass(frozen=True)
class Required:
    """A name of ministack or moto that a plug-in calls or replaces: what it was when it was looked at."""

    owner: Any
    name: str
    arguments: tuple[str, ...]
    value: Any
    asker: str

    @property
    def is_replaced(self) -> bool:
        return getattr(self.owner, self.name) is not self.value


REQUIRED: list[Required] = []


def require(owner: Any, name: str, arguments: list[str]) -> Any:
    """Return `owner.name`; refuse a release in which it no longer begins with these arguments."""
    function = getattr(owner, name, None)
    found = list(inspect.signature(function).parameters) if function else None
    if found is None or found[: len(arguments)] != arguments:
        raise UnsupportedMinistackError(
            f"{owner.__name__}.{name}{found} is not the {arguments} of the pinned release"
        )
    asker = sys._getframe(1).f_globals["__name__"]
    REQUIRED.append(Required(owner, name, tuple(arguments), function, asker))
    return function


def endpoint_url() -> str:
    return f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}"


def current_account() -> str:
    from ministack.core.responses import get_account_id

    return cast(str, get_account_id())


def current_region() -> str:
    from ministack.core.responses import get_region

    return cast(str, get_region())


def root_credentials(account: str | None = None) -> dict[str, str]:
    return {"aws_access_key_id": account or current_account(), "aws_secret_access_key": ROOT_SECRET}


def role_credentials(role_arn: str, session: str) -> dict[str, str]:
    """Register a session of the role and return its credentials: IAM judges every call made with them."""
    from ministack.services import sts

    account, role_name = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
    digest = hashlib.sha256(f"{role_arn}/{session}".encode()).hexdigest()
    key_id, secret = "ASIA" + digest[:16].upper(), digest[:40]
    sts.register_session(
        key_id,
        {
            "Arn": f"arn:aws:sts::{account}:assumed-role/{role_name}/{session}",
            "UserId": f"{role_name}:{session}",
            "SecretAccessKey": secret,
            "SessionToken": digest,
        },
    )
    return {
        "aws_access_key_id": key_id,
        "aws_secret_access_key": secret,
        "aws_session_token": digest,
    }


def role_trusts(role_arn: str, service: str, source_arn: str = "") -> bool:
    """Whether the role exists and its trust policy lets the service (`glue.amazonaws.com`) assume it.

    `source_arn` is the resource for which the service acts, for a condition on `aws:SourceArn`.
    """
    from ministack.core import iam_evaluator
    from ministack.services import iam

    account = role_arn.split(":")[4]
    role = iam._roles.get_scoped(account, None, role_arn.rsplit("/", 1)[-1])
    if role is None:
        return False
    document = role.get("AssumeRolePolicyDocument") or "{}"
    policy = json.loads(document) if isinstance(document, str) else dict(document)
    statements = policy.get("Statement", [])
    listed = [statements] if isinstance(statements, dict) else statements
    context = iam_evaluator.EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action="sts:AssumeRole",
        resource_arn=role_arn,
        region=current_region(),
        secure_transport=True,
        service_context={"aws:sourceaccount": account, "aws:sourcearn": source_arn},
    )
    trust = {"Statement": [{**statement, "Resource": "*"} for statement in listed]}
    return bool(iam_evaluator.evaluate_resource_policy(trust, context, service=service).decision == "Allow")


_session_lock = threading.Lock()


@cache
def _session() -> boto3.session.Session:
    """One for all clients: it keeps the services' models, whose reading takes longer than all the rest."""
    return boto3.session.Session()


def client(service: str, credentials: Mapping[str, str] | None = None, region: str | None = None) -> Any:
    """A boto3 client on this cloud over loop-back HTTP, as the account's root or with a role's credentials.

    Calls as root are the cloud's own housekeeping (CloudWatch logs of a service, metrics); what a
    principal of the stack does must be called with `role_credentials`.
    """
    config = Config(
        retries={"max_attempts": 0},
        read_timeout=900,
        max_pool_connections=32,
        s3={"addressing_style": "path"},
    )
    with _session_lock:  # building a client is not thread safe
        return _session().client(  # type: ignore[call-overload]
            service,
            endpoint_url=endpoint_url(),
            region_name=region or current_region(),
            config=config,
            **(credentials or root_credentials()),
        )


_caller_access_key: contextvars.ContextVar[str] = contextvars.ContextVar("caller_access_key", default="")


def caller_credentials() -> dict[str, str]:
    """The credentials of the principal whose request a routed action is answering.

    A service that acts with its caller's rights (Athena reads S3 and the catalog so) makes its
    loop-back clients with them, and IAM judges each call.
    """
    from ministack.core import iam_evaluator

    access_key = _caller_access_key.get()
    found = iam_evaluator.resolve_credential(access_key, current_account()) if access_key else None
    if found is None or not hasattr(found, "secret_access_key"):
        return root_credentials()
    credentials = {
        "aws_access_key_id": found.access_key_id,
        "aws_secret_access_key": found.secret_access_key,
    }
    if found.session_token:
        credentials["aws_session_token"] = found.session_token
    return credentials


def note_caller(headers: Headers, query: Any) -> None:
    """Have `caller_credentials` answer for whoever sent a request, where `route` does not serve it."""
    from ministack.core import router

    _caller_access_key.set(router.extract_access_key_id(headers, query))


def to_json(value: Any) -> bytes:
    """JSON as AWS's services send it: a datetime becomes seconds since the epoch."""

    def default(item: Any) -> Any:
        return item.timestamp() if hasattr(item, "timestamp") else str(item)

    return json.dumps(value, default=default).encode()


def in_thread(function: Callable[..., Any], *arguments: Any) -> threading.Thread:
    """Start a daemon thread that keeps the request's account and region."""
    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(function, *arguments), daemon=True)
    thread.start()
    return thread


def route(
    app: Any, service: str, actions: Mapping[str, Action]
) -> Callable[[str, dict[str, Any]], dict[str, Any]]:
    """Answer these X-Amz-Target actions of a JSON service ourselves; anything else stays ministack's.

    Returns a function that calls the original of an action, past IAM, and raises `AwsError`.
    """
    from ministack.core import iam_evaluator, router

    require(iam_evaluator, "resolve_credential", ["access_key_id", "account_id", "session_token"])
    extract_access_key_id = require(router, "extract_access_key_id", ["headers", "query_params"])
    original = app.SERVICE_HANDLERS[service]

    async def handler(method: str, path: str, headers: Headers, body: bytes, query: Any) -> Response:
        action = actions.get(headers.get("x-amz-target", "").split(".")[-1])
        if action is None:
            return cast(Response, await original(method, path, headers, body, query))
        _caller_access_key.set(extract_access_key_id(headers, query))
        try:
            context = contextvars.copy_context()
            answer = await asyncio.to_thread(context.run, action, json.loads(body or b"{}"))
        except AwsError as error:
            reply = to_json({"__type": error.code, "message": error.message})
            return 400, {"Content-Type": JSON_CONTENT_TYPE, "x-amzn-errortype": error.code}, reply
        return 200, {"Content-Type": JSON_CONTENT_TYPE}, to_json(answer)

    def call_original(action: str, request: dict[str, Any]) -> dict[str, Any]:
        headers = {"x-amz-target": f"AWS.{action}", "content-type": JSON_CONTENT_TYPE}
        status, _, body = app.call_service_handler_sync(original, "POST", "/", headers, to_json(request), {})
        answer = cast("dict[str, Any]", json.loads(body or b"{}"))
        if status >= 400:
            raise AwsError(answer.get("__type", "InternalFailure").split("#")[-1], answer.get("message", ""))
        return answer

    app.SERVICE_HANDLERS[service] = handler
    return call_original
