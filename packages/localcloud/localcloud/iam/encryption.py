"""Encrypted buckets and topics need their key: IAM judges the caller's KMS permissions, as AWS does.

ministack stores which key encrypts a bucket or a topic but asks nobody whether they may use it, so that a
role without `kms:Decrypt` would work on the laptop and fail on AWS.
"""

from __future__ import annotations

import functools
import uuid
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast
from urllib.parse import parse_qs, unquote

from localcloud import plugin
from localcloud.iam import keys
from localcloud.plugin import Headers, Response

_READ, _WRITE = "kms:Decrypt", "kms:GenerateDataKey"
_KEY_HEADER = "x-amz-server-side-encryption-aws-kms-key-id"
_MODE = "x-amz-server-side-encryption"
_WITHOUT_DATA = {"acl", "attributes", "legal-hold", "object-lock", "retention", "tagging", "torrent"}

Context = dict[str, str]
# What a request does with a key, and what the service says to KMS that it is for.
Need = tuple[str, str, Context]
Needs = Callable[[str, str, Headers, bytes, Mapping[str, Any]], Iterator[Need]]


def install(app: Any) -> None:
    """Check the use of keys in front of S3 and SNS."""
    from ministack.services import kms, sns

    plugin.require(kms, "_resolve_key", ["key_id_or_arn"])
    plugin.require(sns, "_topic_by_arn_any_scope", ["topic_arn"])
    _guard(app, "s3", _s3_needs)
    _guard(app, "sns", _sns_needs)


def _guard(app: Any, service: str, needs: Needs) -> None:
    original = app.SERVICE_HANDLERS[service]

    async def handler(method: str, path: str, headers: Headers, body: bytes, query: Any) -> Response:
        for need in needs(method, path, headers, body, query):
            refused = _refusal(app, service, headers, query, need)
            if refused is not None:
                return refused
        return cast(Response, await original(method, path, headers, body, query))

    app.SERVICE_HANDLERS[service] = handler


def _refusal(app: Any, service: str, headers: Headers, query: Any, need: Need) -> Response | None:
    """The service's own AccessDenied answer when the caller may not use the key, else None."""
    from ministack.core import iam_actions, iam_evaluator
    from ministack.services import kms

    action, key, context = need
    record = kms._resolve_key(key)
    if problem := keys.problem(key, record, plugin.current_region(), plugin.current_account()):
        return _unusable(service, *problem)
    if record is None:  # a key that AWS manages for the account, whose policy lets its principals in
        return None
    caller, region = app.extract_access_key_id(headers, query), app.extract_region(headers, query)
    conditions = {**_condition_keys(record), **context}
    denied = iam_evaluator.enforce(
        caller, action, "kms", region, resource_arn=record["Arn"], service_context=conditions
    )
    if denied is None or isinstance(denied, iam_evaluator.AuthError):
        return None  # credentials were checked when the request came in
    answer = iam_actions.access_denied_response(
        service,
        action,
        denied.principal_arn,
        str(uuid.uuid4()),
        headers=headers,
        resource_arn=record["Arn"],
        explicit_deny=denied.decision == "Deny",
    )
    return cast(Response, answer)


def _unusable(service: str, code: str, message: str) -> Response:
    from ministack.services import s3, sns

    if service == "s3":
        return cast(Response, s3._error(f"KMS.{code}", message, 400))
    name = code.removesuffix("Exception")
    return cast(Response, sns._error(name if name.startswith("KMS") else f"KMS{name}", message, 400))


def _condition_keys(record: Mapping[str, Any]) -> dict[str, Any]:
    """The names of the key, by which a policy may know a key whose id it cannot know."""
    from ministack.services import kms

    names = [name[name.index("alias/") :] for name, key in kms._aliases.items() if key == record["KeyId"]]
    return {"kms:ResourceAliases": sorted(names)}


def _s3_needs(
    method: str, path: str, headers: Headers, _body: bytes, query: Mapping[str, Any]
) -> Iterator[Need]:
    """See "Required permissions" of GetObject, PutObject, CopyObject and UploadPart in the S3 API."""
    bucket, _, name = path.lstrip("/").partition("/")
    if not name or _WITHOUT_DATA & set(query):
        return
    if method == "GET" and "uploadId" not in query:
        if key := _object_key(bucket, unquote(name)):
            yield _READ, key, _for_bucket(bucket)
    elif (method == "PUT" or (method == "POST" and "uploads" in query)) and (
        key := _asked_key(headers) if _MODE in headers else _bucket_key(bucket)
    ):
        yield (_READ if "uploadId" in query else _WRITE), key, _for_bucket(bucket)
    given = headers.get("x-amz-copy-source", "").partition("?")[0]
    source, _, source_name = unquote(given).lstrip("/").partition("/")
    if source and (source_key := _object_key(source, source_name)):
        yield _READ, source_key, _for_bucket(source)


def _asked_key(headers: Mapping[str, str]) -> str | None:
    """The key that a request, or an object that it made, names."""
    return headers.get(_KEY_HEADER) if headers.get(_MODE, "").startswith("aws:kms") else None


def _object_key(bucket: str, name: str) -> str | None:
    """The key that encrypts an object; that of its bucket where the object does not say how it is kept."""
    from ministack.services import s3

    found = ((s3._ensure_bucket(bucket) or {}).get("objects") or {}).get(name) or {}
    kept = found.get("preserved_headers") or {}
    return _asked_key(kept) if _MODE in kept else _bucket_key(bucket)


def _for_bucket(bucket: str) -> Context:
    """The encryption context that S3 gives with a bucket key; without one it names the object."""
    return {"kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{bucket}"}


def _bucket_key(bucket: str) -> str | None:
    """The key that encrypts new objects of the bucket by default, if there is one."""
    from ministack.services import s3

    document = s3._bucket_encryption.get(bucket)
    return _key_in(document) if document else None


@functools.lru_cache(maxsize=256)
def _key_in(document: str) -> str | None:
    found = {e.tag.rpartition("}")[2]: e.text for e in ElementTree.fromstring(document).iter()}  # noqa: S314
    return found.get("KMSMasterKeyID") if (found.get("SSEAlgorithm") or "").startswith("aws:kms") else None


def _sns_needs(
    _method: str, _path: str, _headers: Headers, body: bytes, _query: Mapping[str, Any]
) -> Iterator[Need]:
    """Publishing to an encrypted topic makes a data key and reads it back."""
    from ministack.services import sns

    form = parse_qs(body.decode(errors="replace"))
    if form.get("Action", [""])[0] not in ("Publish", "PublishBatch"):
        return
    arn = form.get("TopicArn", [""])[0]
    topic = sns._topic_by_arn_any_scope(arn) or {}
    key = topic.get("attributes", {}).get("KmsMasterKeyId")
    if key:
        context = {"kms:EncryptionContext:aws:sns:topicArn": arn}
        yield _WRITE, key, context
        yield _READ, key, context
