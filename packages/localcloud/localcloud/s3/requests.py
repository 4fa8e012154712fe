"""What S3 refuses and ministack takes: another expected owner, a copy of an object onto itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import unquote

from localcloud import plugin
from localcloud.plugin import Headers, Response

_OWNERS = ("x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner")
_ACCOUNT = re.compile(r"\d{12}")
# What makes a copy of an object onto itself legal: S3 does not look whether the value is another one.
_CHANGES = (
    *("x-amz-storage-class", "x-amz-website-redirect-location"),
    *("x-amz-server-side-encryption", "x-amz-server-side-encryption-customer-algorithm"),
)
_NO_ACCOUNT = "The value of the expected bucket owner parameter must be an AWS Account ID... [{}]"
_ONTO_ITSELF = (
    "This copy request is illegal because it is trying to copy an object to itself without changing the "
    "object's metadata, storage class, website redirect location or encryption attributes."
)
Problem = tuple[str, str, int]  # code, message, HTTP status


def install(app: Any) -> None:
    """Look at each request before ministack does; IAM has let it in."""
    from ministack.services import s3

    original = app.SERVICE_HANDLERS["s3"]
    error = plugin.require(s3, "_error", ["code", "message", "status"])

    async def handler(method: str, path: str, headers: Headers, body: bytes, query: Any) -> Response:
        problem = owner_problem(headers, plugin.current_account())
        copies = method == "PUT" and "uploadId" not in query
        if not problem and copies and is_onto_itself(path, headers) and _keeps_encryption(path):
            problem = ("InvalidRequest", _ONTO_ITSELF, 400)
        if problem:
            return cast(Response, error(*problem))
        return cast(Response, await original(method, path, headers, body, query))

    app.SERVICE_HANDLERS["s3"] = handler


def owner_problem(headers: Mapping[str, str], account: str) -> Problem | None:
    """What is wrong with the owner that a request expects of a bucket; all buckets here are the account's."""
    for owner in (headers[name] for name in _OWNERS if name in headers):
        if not _ACCOUNT.fullmatch(owner):
            return "InvalidBucketOwnerAWSAccountID", _NO_ACCOUNT.format(owner), 400
        if owner != account:
            return "AccessDenied", "Access Denied", 403
    return None


def is_onto_itself(path: str, headers: Mapping[str, str]) -> bool:
    """Whether a request copies an object, and no older version of it, onto itself and names no change."""
    source = headers.get("x-amz-copy-source", "")
    if not source or "?" in source or unquote(source).lstrip("/") != unquote(path).lstrip("/"):
        return False
    replaces = headers.get("x-amz-metadata-directive", "").upper() == "REPLACE"
    return not replaces and not any(name in headers for name in _CHANGES)


def _keeps_encryption(path: str) -> bool:
    """Whether the object is there, encrypted by S3's own keys, in a bucket that asks for nothing else."""
    from ministack.services import s3

    bucket, _, key = unquote(path).lstrip("/").partition("/")
    found = ((s3._ensure_bucket(bucket) or {}).get("objects") or {}).get(key)
    if found is None or bucket in s3._bucket_encryption:
        return False
    kept = {**found, **found.get("preserved_headers", {})}
    return str(kept.get("x-amz-server-side-encryption", "AES256")) == "AES256"
