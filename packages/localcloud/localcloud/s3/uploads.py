"""Uploads to S3 as it takes them: no part of several under 5 MB, each object with its type and encryption."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from typing import Any

from localcloud import plugin

_ORDER = "The list of parts was not in ascending order. Parts must be ordered by part number."
SMALLEST_PART = 5 * 1024 * 1024
_ENCRYPTION = "x-amz-server-side-encryption"
_TYPE = {"content-type": "binary/octet-stream"}  # of an object for which none is named


def install(_app: Any) -> None:
    from ministack.services import s3

    complete = plugin.require(
        s3, "_complete_multipart_upload", ["bucket_name", "key", "body", "query_params"]
    )
    error = plugin.require(s3, "_error", ["code", "message", "status"])
    value = plugin.require(s3, "_qp", ["params", "key"])
    record = plugin.require(s3, "_build_object_record", ["body", "headers"])
    begin = plugin.require(s3, "_create_multipart_upload", ["bucket_name", "key", "headers"])
    default = plugin.require(s3, "_bucket_default_sse_headers", ["bucket_name"])

    def completed(bucket: str, key: str, body: bytes, query: Any, headers: Any = None) -> Any:
        upload = s3._multipart_uploads.get(value(query, "uploadId")) or {}
        if not _ascends(_part_numbers(body)):
            return error("InvalidPartOrder", _ORDER, 400)
        if _has_small_part(upload.get("parts") or {}, body):
            message = "Your proposed upload is smaller than the minimum allowed size"
            return error("EntityTooSmall", message, 400)
        return complete(bucket, key, body, query, headers)

    def encrypted(bucket: str) -> dict[str, str]:
        """Where a bucket says nothing, S3 encrypts with its own keys."""
        return dict(default(bucket)) or {_ENCRYPTION: "AES256"}

    def recorded(body: bytes, headers: Mapping[str, str], *rest: Any, **named: Any) -> Any:
        return record(body, {**_TYPE, **headers}, *rest, **named)

    def begun(bucket: str, key: str, headers: Mapping[str, str]) -> Any:
        return begin(bucket, key, {**_TYPE, **headers})

    s3._build_object_record, s3._create_multipart_upload = recorded, begun
    s3._complete_multipart_upload, s3._bucket_default_sse_headers = completed, encrypted


def _part_numbers(body: bytes) -> list[int]:
    """Of a request that completes an upload, in its order."""
    return [int(number) for number in re.findall(rb"<PartNumber>\s*(\d+)\s*</PartNumber>", body)]


def _ascends(numbers: list[int]) -> bool:
    return all(first < second for first, second in itertools.pairwise(numbers))


def _has_small_part(parts: Mapping[int, Mapping[str, Any]], body: bytes) -> bool:
    """Whether a part that is not the last one is too small."""
    numbers = sorted(_part_numbers(body))
    sizes = [int(parts[number]["size"]) for number in numbers if number in parts]
    return any(size < SMALLEST_PART for size in sizes[:-1])
