"""Make a bucket hold exactly the objects of a folder."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from botocore.exceptions import ClientError

from covidlake import aws
from covidlake.aws import buckets
from covidlake.base.errors import SourceError
from covidlake.base.text import shorten
from covidlake.laptop.source import objects

MARK, UNFINISHED, WHOLE = "covidlake:mirror", "unfinished", "whole"
DELETE_LIMIT = 1000  # keys in one DeleteObjects call


@dataclass(frozen=True)
class Mirrored:
    objects: int
    sent: int
    removed: int
    left_out: tuple[str, ...] = ()

    @property
    def remark(self) -> str:
        """What was left out, to say after the counts; empty if nothing was."""
        names = shorten(", ".join(self.left_out))
        return f"; {len(self.left_out)} left out, at the root or hidden: {names}" if names else ""


def mirror(folder: Path, bucket: str) -> Mirrored:
    """Send what is new or changed (by MD5, the ETag of a single put) and remove what the folder lacks.

    What belongs to no data set is left out: hidden files, and files at the folder's root.
    """
    found = objects.found_in(folder)
    wanted = found.files
    if not buckets.exists(bucket):
        buckets.create(bucket)
    _mark(bucket, UNFINISHED)
    present = _etags(bucket)
    with ThreadPoolExecutor(max_workers=8) as pool:
        sent = sum(pool.map(lambda key: _send(bucket, key, wanted[key], present.get(key)), sorted(wanted)))
    removed = sorted(set(present) - set(wanted))
    for start in range(0, len(removed), DELETE_LIMIT):
        keys = removed[start : start + DELETE_LIMIT]
        aws.client("s3").delete_objects(
            Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True}
        )
    _mark(bucket, WHOLE)
    return Mirrored(len(wanted), sent, len(removed), tuple(found.left_out))


def is_whole(bucket: str) -> bool:
    """Whether the bucket exists and its last copy was not interrupted; one made by hand counts as whole."""
    if not buckets.exists(bucket):
        return False
    try:
        tags = aws.client("s3").get_bucket_tagging(Bucket=bucket)["TagSet"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchTagSet":
            raise
        return True
    return {"Key": MARK, "Value": UNFINISHED} not in tags


def _mark(bucket: str, state: str) -> None:
    aws.client("s3").put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": MARK, "Value": state}]})


def _etags(bucket: str) -> dict[str, str]:
    pages = aws.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return {item["Key"]: item["ETag"].strip('"') for page in pages for item in page.get("Contents", [])}


def _send(bucket: str, key: str, path: Path, etag: str | None) -> bool:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SourceError(f"{key}: {error.strerror}: give a folder whose files you may read") from error
    if hashlib.md5(content, usedforsecurity=False).hexdigest() == etag:
        return False
    aws.client("s3").put_object(Bucket=bucket, Key=key, Body=content)
    return True
