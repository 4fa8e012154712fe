"""Objects of S3 behind a table: locations, listing and bounded reads, all judged by IAM."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast


@dataclass(frozen=True)
class S3Object:
    bucket: str
    key: str
    size: int

    @property
    def url(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


def split_location(location: str) -> tuple[str, str]:
    """Bucket and prefix of `s3://bucket/prefix`; ValueError for anything else."""
    match = re.fullmatch(r"s3[an]?://([^/]+)/?(.*)", location.strip(), re.DOTALL)
    if not match:
        raise ValueError(f"`{location}` is not an S3 location: write it as s3://bucket/prefix/")
    return match[1], match[2]


def folder_prefix(location: str) -> tuple[str, str]:
    """Bucket and prefix of a location read as a folder: the prefix is empty or ends with a slash."""
    bucket, prefix = split_location(location)
    return bucket, prefix.rstrip("/") + "/" if prefix.rstrip("/") else ""


def is_hidden(relative_key: str) -> bool:
    """Hive ignores what lies under a name that begins with an underscore or a full stop."""
    return any(part.startswith(("_", ".")) for part in relative_key.split("/"))


def list_objects(s3: Any, bucket: str, prefix: str) -> Iterator[S3Object]:
    """Every object under the prefix, in key order."""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for item in page.get("Contents", []):
            yield S3Object(bucket, item["Key"], item["Size"])


def data_objects(s3: Any, location: str) -> list[S3Object]:
    """The objects that hold data under a location: neither empty nor hidden.

    A location that names one object itself (a crawler makes such tables) yields that object.
    """
    bucket, prefix = split_location(location)
    folder = prefix.rstrip("/") + "/" if prefix else ""
    found = [
        item
        for item in list_objects(s3, bucket, folder)
        if item.size and not is_hidden(item.key[len(folder) :])
    ]
    if found or not prefix or prefix.endswith("/"):
        return found
    return [item for item in list_objects(s3, bucket, prefix) if item.key == prefix and item.size]


def read_range(s3: Any, item: S3Object, start: int, end: int) -> bytes:
    """The bytes from `start` to before `end`; the whole object when the range covers it."""
    span = {} if start <= 0 and end >= item.size else {"Range": f"bytes={max(0, start)}-{end - 1}"}
    return cast(bytes, s3.get_object(Bucket=item.bucket, Key=item.key, **span)["Body"].read())
