"""What ministack lacks for conditional writes to S3: the condition keys, and the one value that S3 takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud import plugin

_HEADERS = {"if-match": "s3:if-match", "if-none-match": "s3:if-none-match"}
# Requests for s3:PutObject that make no object yet: the beginning of a multipart upload, and its parts.
_PREPARING = ("uploads", "partNumber")


def install(_app: Any) -> None:
    """Add the keys to every S3 request, refuse an If-None-Match other than `*`, and judge copies too."""
    from ministack.core import iam_actions
    from ministack.services import s3

    arguments = ["iam_action", "query_params", "path", "headers"]
    context_of = plugin.require(iam_actions, "s3_service_context", arguments)
    check = plugin.require(s3, "_check_put_preconditions", ["headers", "existing_obj"])
    error = plugin.require(s3, "_error", ["code", "message", "status"])
    copy = plugin.require(s3, "_copy_object", ["bucket_name", "dest_key", "headers"])

    def context(iam_action: str, query_params: Any, path: str = "", headers: Any = None) -> dict[str, Any]:
        found: dict[str, Any] = context_of(iam_action, query_params, path, headers)
        return {**found, **_keys(iam_action, query_params or {}, headers or {})}

    def checked(headers: Mapping[str, str], existing: Any) -> Any:
        if headers.get("if-none-match", "*").strip() != "*":
            message = "A header you provided implies functionality that is not implemented"
            return error("NotImplemented", message, 501)
        return check(headers, existing)

    def copy_checked(bucket: str, key: str, headers: Mapping[str, str]) -> Any:
        objects = (s3._ensure_bucket(bucket) or {}).get("objects", {})
        return checked(headers, objects.get(key)) or copy(bucket, key, headers)

    iam_actions.s3_service_context = context
    s3._copy_object = copy_checked
    s3._check_put_preconditions = checked


def _keys(iam_action: str, query: Mapping[str, Any], headers: Mapping[str, str]) -> dict[str, str]:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html"""
    if iam_action != "s3:PutObject":
        return {}
    creates = not any(name in query for name in _PREPARING)
    given = {key: headers[name] for name, key in _HEADERS.items() if headers.get(name)}
    return {**given, "s3:ObjectCreationOperation": str(creates).lower()}
