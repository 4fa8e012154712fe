"""The S3 calls of the ingestion. Spark reads and writes the rows, everything smaller goes through here."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, cast

import boto3
from botocore.exceptions import ClientError

from ingestion.errors import UnreadablePrefixError, UnreadableStateError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CopySourceTypeDef

# S3's errors for a conditional write that lost: changed since, written at the same time, gone.
LOST_WRITE = {"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"}
DELETE_LIMIT = 1000  # keys in one DeleteObjects
GZIP = 31  # zlib's window bits for it
CHUNK = 65_536
REBUILD = "delete it to rebuild the table"


@dataclass(frozen=True)
class Prefix:
    """A bucket and the beginning of keys in it, which is empty or ends with a slash."""

    bucket: str
    key: str = ""

    @classmethod
    def parse(cls, uri: str) -> Prefix:
        """From `s3://bucket/folder/`, whose last slash may be left out. Raises ValueError."""
        match = re.fullmatch(r"s3://([a-z0-9][a-z0-9.-]+)(?:/(.*))?", uri)
        if match is None:
            raise ValueError(uri)
        key = (match[2] or "").strip("/")
        return cls(match[1], key and f"{key}/")

    def folder(self, name: str) -> Prefix:
        return Prefix(self.bucket, f"{self.key}{name.strip('/')}/")

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


class ChangedSinceError(Exception):
    """An object is not, or no longer, the version that was read; the message is its URI."""


@dataclass(frozen=True)
class Document:
    """A JSON object with the ETag of the version that was read."""

    content: dict[str, Any]
    etag: str


@dataclass(frozen=True)
class StoredObject:
    """What a listing says of an object; `etag` is without its quotes."""

    key: str
    etag: str
    size: int

    def is_hidden(self, prefix: Prefix) -> bool:
        """Whether Spark passes over the object, or over a folder of it below the prefix, by its name.

        As its HadoopFSUtils and its index of files do together: `_date=2022` names a folder of a partition,
        `._COPYING_` ends the name of a file that is not there as a whole yet.
        """
        parts = self.key.removeprefix(prefix.key).split("/")
        return any(
            (part.startswith("_") and "=" not in part) or part.startswith(".") or part.endswith("._COPYING_")
            for part in parts
        )


class Storage:
    """Lists, copies and deletes objects, and keeps small JSON documents.

    The client follows a bucket to its region, so the source may lie in another region than the job.
    """

    def __init__(self, client: S3Client | None = None) -> None:
        self._client = client or boto3.client("s3")

    def list(self, prefix: Prefix) -> Iterator[StoredObject]:
        """Every object under the prefix, in the order of the keys. Raises UnreadablePrefixError."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=prefix.bucket, Prefix=prefix.key
        )
        try:
            for page in pages:
                for item in page.get("Contents", ()):
                    yield StoredObject(item["Key"], item["ETag"].strip('"'), item["Size"])
        except ClientError as error:
            code = error.response["Error"].get("Code", "")
            message = error.response["Error"].get("Message", "")
            raise UnreadablePrefixError(f"{prefix}: {code}: {message}") from error

    def read_json(self, prefix: Prefix, name: str, hint: str = REBUILD) -> Document | None:
        """The document `name` under the prefix; None if it does not exist.

        Raises UnreadableStateError, with the hint.
        """
        try:
            answer = self._client.get_object(Bucket=prefix.bucket, Key=prefix.key + name)
        except self._client.exceptions.NoSuchKey:
            return None
        try:
            content = json.loads(answer["Body"].read())
        except ValueError as error:
            raise UnreadableStateError(f"{prefix}{name}: not JSON ({error}); {hint}") from error
        if not isinstance(content, dict):
            raise UnreadableStateError(f"{prefix}{name}: not a JSON object; {hint}")
        return Document(content, answer["ETag"])

    def write_json(self, prefix: Prefix, name: str, content: dict[str, Any], **conditions: Any) -> str:
        """Write the document and return its ETag."""
        body = json.dumps(content, separators=(",", ":")).encode()
        answer = self._client.put_object(
            Bucket=prefix.bucket,
            Key=prefix.key + name,
            Body=body,
            ContentType="application/json",
            **conditions,
        )
        return str(answer["ETag"])

    def replace_json(self, prefix: Prefix, name: str, content: dict[str, Any], etag: str) -> str:
        """Write the document only if the stored version has this ETag (empty: if none is stored).

        Returns the new ETag. Raises ChangedSinceError.
        """
        condition = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}
        try:
            return self.write_json(prefix, name, content, **condition)
        except ClientError as error:
            if error.response["Error"]["Code"] in LOST_WRITE:
                raise ChangedSinceError(f"{prefix}{name}") from error
            raise

    def read_start(self, bucket: str, key: str, size: int) -> bytes:
        """The first bytes of an object that is not empty."""
        answer = self._client.get_object(Bucket=bucket, Key=key, Range=f"bytes=0-{size - 1}")
        return bytes(answer["Body"].read())

    def damage(self, bucket: str, key: str) -> str:
        """What is wrong with a gzip object, which is read as a whole but not kept; empty if it is good."""
        body = cast("IO[bytes]", self._client.get_object(Bucket=bucket, Key=key)["Body"])
        try:
            return "something follows its end, such as zeros" if _is_followed(body) else ""
        except (EOFError, zlib.error) as error:
            return str(error)

    def copy_from(self, bucket: str, item: StoredObject, target_bucket: str, target_key: str) -> None:
        """Copy this version of an object of another bucket. Raises ChangedSinceError if it is gone."""
        source: CopySourceTypeDef = {"Bucket": bucket, "Key": item.key}
        try:
            self._client.copy_object(
                Bucket=target_bucket, Key=target_key, CopySource=source, CopySourceIfMatch=f'"{item.etag}"'
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in LOST_WRITE:
                raise ChangedSinceError(f"s3://{bucket}/{item.key}") from error
            raise

    def copy(self, bucket: str, source_key: str, target_key: str) -> None:
        """Replace the target as a whole: a reader gets either its old or its new content.

        Raises ChangedSinceError if the source is gone.
        """
        source: CopySourceTypeDef = {"Bucket": bucket, "Key": source_key}
        try:
            self._client.copy_object(Bucket=bucket, Key=target_key, CopySource=source)
        except self._client.exceptions.NoSuchKey as error:
            raise ChangedSinceError(f"s3://{bucket}/{source_key}") from error

    def delete(self, bucket: str, keys: Iterable[str]) -> None:
        """Delete objects; one that is gone already is not an error."""
        waiting = list(keys)
        for start in range(0, len(waiting), DELETE_LIMIT):
            batch = [{"Key": key} for key in waiting[start : start + DELETE_LIMIT]]
            answer = self._client.delete_objects(
                Bucket=bucket,
                Delete={"Objects": batch, "Quiet": True},  # type: ignore[typeddict-item]
            )
            for failure in answer.get("Errors", ()):
                raise PermissionError(
                    f"s3://{bucket}/{failure['Key']}: not deleted, {failure['Code']}: {failure['Message']}"
                )


def _is_followed(body: IO[bytes]) -> bool:
    """Whether zeros follow the last member of a gzip, which other readers than Spark's pass over.

    Raises EOFError and zlib.error for one that is damaged.
    """
    member = zlib.decompressobj(wbits=GZIP)
    while rest := member.unused_data or body.read(CHUNK):
        if member.eof and rest.startswith(b"\0"):
            return True
        if member.eof:
            member = zlib.decompressobj(wbits=GZIP)
        member.decompress(rest)
    if not member.eof:
        raise EOFError("it ended before its end-of-stream marker was reached")
    return False
