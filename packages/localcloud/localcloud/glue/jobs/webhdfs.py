"""The words of WebHDFS: statuses, blocks and Java's exceptions, as Hadoop's client reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.glue.jobs.s3_errors import AccessDeniedError, AlreadyExistsError, NotEmptyError, S3Error
from localcloud.glue.jobs.scratch import Entry

BLOCK_SIZE = 128 << 20


class UnsupportedError(Exception):
    """An operation of HDFS that S3 has no counterpart of."""


REMOTE_EXCEPTIONS: Mapping[type[Exception], tuple[int, str]] = {
    AccessDeniedError: (403, "org.apache.hadoop.security.AccessControlException"),
    AlreadyExistsError: (403, "org.apache.hadoop.fs.FileAlreadyExistsException"),
    NotEmptyError: (403, "org.apache.hadoop.fs.PathIsNotEmptyDirectoryException"),
    FileNotFoundError: (404, "java.io.FileNotFoundException"),
    S3Error: (403, "java.io.IOException"),
    UnsupportedError: (400, "java.lang.UnsupportedOperationException"),
}


def located_blocks(entry: Entry) -> dict[str, Any]:
    """Blocks without a place: an S3 object is equally near to every task."""
    blocks = [
        _located_block(start, min(BLOCK_SIZE, entry.size - start))
        for start in range(0, entry.size, BLOCK_SIZE)
    ]
    return {
        "fileLength": entry.size,
        "isUnderConstruction": False,
        "isLastBlockComplete": True,
        "locatedBlocks": blocks,
        "lastLocatedBlock": blocks[-1] if blocks else None,
    }


def _located_block(start: int, size: int) -> dict[str, Any]:
    block = {"blockPoolId": "s3", "blockId": start, "numBytes": size, "generationStamp": 1}
    nowhere: dict[str, Any] = {"locations": [], "cachedLocations": [], "storageTypes": []}
    return {"block": block, "startOffset": start, "isCorrupt": False, "blockToken": None, **nowhere}


def file_status(entry: Entry) -> dict[str, Any]:
    return {
        "pathSuffix": entry.name,
        "type": "DIRECTORY" if entry.is_folder else "FILE",
        "length": entry.size,
        "blockSize": 0 if entry.is_folder else BLOCK_SIZE,
        "modificationTime": entry.modified,
        "accessTime": entry.modified,
        "owner": "s3",
        "group": "s3",
        "permission": "777" if entry.is_folder else "666",
        "replication": 0 if entry.is_folder else 1,
        "childrenNum": 0,
        "fileId": 0,
        "storagePolicy": 0,
    }
