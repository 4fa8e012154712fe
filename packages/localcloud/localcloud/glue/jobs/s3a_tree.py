"""S3 seen as a tree of files and folders, the way Hadoop's S3A sees it, over boto3.

Spark's committers write below `_temporary` and `.spark-staging-*` and rename what is finished into place.
Such scratch paths stay on the local disk: S3 gets one PUT for each finished file and never half a job.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any, cast

from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from localcloud.glue.jobs.s3_errors import (
    NOT_FOUND,
    AlreadyExistsError,
    NotEmptyError,
    refused,
    status_code,
    translated,
)
from localcloud.glue.jobs.scratch import CHUNK, Entry, delete_local, is_scratch, local_entry, read_local

DELETE_BATCH = 1000
PARALLEL_UPLOADS = 8
READ_BLOCK = 8 << 20
TRANSFER = TransferConfig(multipart_threshold=64 << 20, multipart_chunksize=64 << 20, max_concurrency=4)


def split(path: str) -> tuple[str, str]:
    """`/bucket/key` -> (bucket, key)."""
    bucket, _, key = path.strip("/").partition("/")
    return bucket, key


class ObjectTree:
    """Paths are `/bucket/key`; every call is judged by IAM with the client's own credentials."""

    def __init__(self, s3: Any, scratch: Path) -> None:
        self._s3 = s3
        self._scratch = scratch
        self._folders: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    def status(self, path: str) -> Entry | None:
        """The file or folder at `path`; None when there is neither.

        As S3A does: HEAD, then LIST. A 403 of either is an error, not an absence.
        """
        if is_scratch(path):
            return local_entry(self._local(path))
        bucket, key = split(path)
        if not key:
            return Entry(is_folder=True)
        found = self._head(bucket, key)
        if found or (bucket, key) not in self._folders:
            return found or self._prefix(bucket, key)
        return Entry(is_folder=True)

    def _head(self, bucket: str, key: str) -> Entry | None:
        try:
            head = self._s3.head_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if status_code(error) == 404:
                return None
            raise self._explained(error, bucket, key) from error
        return Entry(size=head["ContentLength"], modified=_milliseconds(head["LastModified"]))

    def _explained(self, error: ClientError, bucket: str, key: str) -> Exception:
        # The answer to a HEAD has no body; a GET of the same key says why it was refused.
        if status_code(error) == 403:
            try:
                self._s3.get_object(Bucket=bucket, Key=key, Range="bytes=0-0")["Body"].close()
            except ClientError as explanation:
                return translated(explanation, bucket, key)
        return translated(error, bucket, key)

    def _prefix(self, bucket: str, key: str) -> Entry | None:
        answer = self._call(bucket, key, self._s3.list_objects_v2, Bucket=bucket, Prefix=f"{key}/", MaxKeys=1)
        return Entry(is_folder=True) if answer.get("KeyCount") else None

    def _call(self, bucket: str, key: str, operation: Callable[..., Any], **arguments: Any) -> Any:
        try:
            return operation(**arguments)
        except ClientError as error:
            raise translated(error, bucket, key) from error

    def listing(self, path: str) -> list[Entry] | None:
        """What is directly in the folder, sorted by name; the file itself for a file; None when absent."""
        found = self.status(path)
        if found is None or not found.is_folder:
            return None if found is None else [found]
        if is_scratch(path):
            local = self._local(path)
            entries = (local_entry(child, child.name) for child in sorted(local.iterdir()))
            return [entry for entry in entries if entry]
        bucket, key = split(path)
        children = self._made_folders(bucket, key) | self._children(bucket, key)
        return [children[name] for name in sorted(children)]

    def _children(self, bucket: str, key: str) -> dict[str, Entry]:
        prefix = f"{key}/" if key else ""
        found: dict[str, Entry] = {}
        for page in self._pages(bucket, prefix, Delimiter="/"):
            for common in page.get("CommonPrefixes", []):
                name = common["Prefix"][len(prefix) :].rstrip("/")
                found[name] = Entry(name, is_folder=True)
            for item in page.get("Contents", []):
                name = item["Key"][len(prefix) :]
                if name:
                    found[name] = Entry(name, item["Size"], _milliseconds(item["LastModified"]))
        return found

    def _made_folders(self, bucket: str, key: str) -> dict[str, Entry]:
        prefix = f"{key}/" if key else ""
        with self._lock:
            inside = [name for owner, name in self._folders if owner == bucket and name.startswith(prefix)]
        names = {name[len(prefix) :].split("/")[0] for name in inside} - {""}
        return {name: Entry(name, is_folder=True) for name in names}

    def _pages(self, bucket: str, prefix: str, **arguments: Any) -> Iterator[dict[str, Any]]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, **arguments)
        try:
            yield from pages
        except ClientError as error:
            raise translated(error, bucket, prefix) from error

    def _keys(self, bucket: str, key: str) -> list[str]:
        prefix = f"{key}/" if key else ""
        return [item["Key"] for page in self._pages(bucket, prefix) for item in page.get("Contents", [])]

    def summary(self, path: str) -> tuple[int, int, int] | None:
        """(bytes, files, folders) below `path`; None when it is absent."""
        entries = self.listing(path)
        found = self.status(path)
        if entries is None or found is None:
            return None
        totals = [0, 0, int(found.is_folder)]
        for entry in entries:
            child = f"{path.rstrip('/')}/{entry.name}"
            below = self.summary(child) if entry.is_folder else (entry.size, 1, 0)
            totals = [total + more for total, more in zip(totals, below or (0, 0, 0), strict=True)]
        return totals[0], totals[1], totals[2]

    def read(self, path: str, offset: int, length: int | None) -> tuple[int, Iterator[bytes]] | None:
        """(number of bytes, chunks) of a part of a file; None when there is no such file."""
        if is_scratch(path):
            return read_local(self._local(path), offset, length)
        bucket, key = split(path)
        try:
            first = self._get_block(bucket, key, offset, length)
        except ClientError as error:
            if error.response["Error"]["Code"] in NOT_FOUND:
                return None
            if error.response["Error"]["Code"] == "InvalidRange":
                return 0, iter(())
            raise translated(error, bucket, key) from error
        rest = int(first["ContentRange"].rpartition("/")[2]) - offset
        size = rest if length is None else min(rest, length)
        return size, self._blocks(bucket, key, first, offset, size)

    def _get_block(
        self, bucket: str, key: str, offset: int, length: int | None, **arguments: str
    ) -> dict[str, Any]:
        end = offset + min(length or READ_BLOCK, READ_BLOCK) - 1
        answer = self._s3.get_object(Bucket=bucket, Key=key, Range=f"bytes={offset}-{end}", **arguments)
        return cast("dict[str, Any]", answer)

    def _blocks(
        self, bucket: str, key: str, block: dict[str, Any], offset: int, size: int
    ) -> Iterator[bytes]:
        """The rest of a read, a block at a time: Hadoop asks for all up to the end and seldom reads it."""
        end, etag = offset + size, block["ETag"]
        while True:
            for chunk in block["Body"].iter_chunks(CHUNK):
                offset += len(chunk)
                yield chunk
            if offset >= end:
                return
            block = self._get_block(bucket, key, offset, end - offset, IfMatch=etag)

    def require_absent(self, path: str) -> None:
        """Raises `AlreadyExistsError`."""
        if self.status(path) is not None:
            raise AlreadyExistsError(f"{path} already exists")

    def write(self, path: str, copy_into: Callable[[IO[bytes]], None]) -> None:
        """Create or replace a file; `copy_into` writes its bytes to the stream that it is given.

        An object is put only after `copy_into` returned: a writer that dies leaves nothing behind.
        """
        local = self._local(path)
        local.parent.mkdir(parents=True, exist_ok=True)
        with local.open("wb") as stream:
            copy_into(stream)
        if not is_scratch(path):
            try:
                self._upload(local, *split(path))
            finally:
                local.unlink()

    def make_folder(self, path: str) -> None:
        if is_scratch(path):
            self._local(path).mkdir(parents=True, exist_ok=True)
            return
        bucket, key = split(path)
        parts = key.split("/") if key else []
        with self._lock:
            self._folders.update((bucket, "/".join(parts[: index + 1])) for index in range(len(parts)))

    def delete(self, path: str, recursive: bool) -> bool:
        """False when there is nothing at `path`, and for a bucket itself, which S3A never deletes either."""
        found = self.status(path)
        if found is None or not split(path)[1]:
            return False
        if found.is_folder and not recursive and self.listing(path):
            raise NotEmptyError(f"{path} is a folder that is not empty")
        if is_scratch(path):
            delete_local(self._local(path))
            return True
        bucket, key = split(path)
        self._delete_keys(bucket, self._keys(bucket, key) if found.is_folder else [key])
        with self._lock:
            self._folders -= {
                (owner, name)
                for owner, name in self._folders
                if owner == bucket and (name == key or name.startswith(f"{key}/"))
            }
        self._keep_parent(bucket, key)
        return True

    def _delete_keys(self, bucket: str, keys: list[str]) -> None:
        for start in range(0, len(keys), DELETE_BATCH):
            batch = [{"Key": key} for key in keys[start : start + DELETE_BATCH]]
            answer = self._call(
                bucket, "", self._s3.delete_objects, Bucket=bucket, Delete={"Objects": batch, "Quiet": True}
            )
            for failed in answer.get("Errors", []):
                raise refused(
                    failed["Code"], failed.get("Message", ""), "DeleteObjects", bucket, failed["Key"]
                )

    def _keep_parent(self, bucket: str, key: str) -> None:
        # Hadoop expects a folder to stay when its last child goes.
        parent = key.rpartition("/")[0]
        if parent:
            self.make_folder(f"/{bucket}/{parent}")

    def rename(self, source: str, target: str) -> bool:
        """Move a file or a folder, into `target` when that is a folder; False as Hadoop wants it."""
        found, there = self.status(source), self.status(target)
        if found is None or (there and not there.is_folder):
            return False
        if there:
            target = f"{target.rstrip('/')}/{source.rstrip('/').rpartition('/')[2]}"
        if is_scratch(source) and is_scratch(target):
            local = self._local(target)
            local.parent.mkdir(parents=True, exist_ok=True)
            self._local(source).rename(local)
        elif is_scratch(source):
            self._publish(self._local(source), target)
        elif is_scratch(target):
            return False
        else:
            self._move_objects(found, source, target)
        return True

    def _publish(self, local: Path, target: str) -> None:
        """Commit: put each finished scratch file once, then drop the scratch."""
        bucket, key = split(target)
        if local.is_file():
            self._upload(local, bucket, key)
            local.unlink()
            return
        files = [file for file in sorted(local.rglob("*")) if file.is_file()]
        with ThreadPoolExecutor(PARALLEL_UPLOADS) as pool:
            keys = [f"{key}/{file.relative_to(local).as_posix()}" for file in files]
            list(pool.map(self._upload, files, [bucket] * len(files), keys))
        self.make_folder(target)
        shutil.rmtree(local)

    def _move_objects(self, found: Entry, source: str, target: str) -> None:
        (bucket, key), (to_bucket, to_key) = split(source), split(target)
        keys = self._keys(bucket, key) if found.is_folder else [key]
        for name in keys:
            origin, new_key = {"Bucket": bucket, "Key": name}, to_key + name[len(key) :]
            self._call(bucket, name, self._s3.copy, CopySource=origin, Bucket=to_bucket, Key=new_key)
        self._delete_keys(bucket, keys)
        if found.is_folder:
            self.make_folder(target)
        self._keep_parent(bucket, key)

    def _upload(self, file: Path, bucket: str, key: str) -> None:
        with file.open("rb") as stream:
            if file.stat().st_size < TRANSFER.multipart_threshold:
                self._call(bucket, key, self._s3.put_object, Bucket=bucket, Key=key, Body=stream)
            else:
                arguments = {"Fileobj": stream, "Bucket": bucket, "Key": key, "Config": TRANSFER}
                self._call(bucket, key, self._s3.upload_fileobj, **arguments)

    def _local(self, path: str) -> Path:
        return self._scratch.joinpath(*path.strip("/").split("/"))


def _milliseconds(moment: Any) -> int:
    return int(moment.timestamp() * 1000)
