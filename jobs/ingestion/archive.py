"""Copies of the source's objects, for data sets that keep the rows of objects that vanish."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from ingestion.errors import ConcurrentRunError
from ingestion.storage import ChangedSinceError, Prefix, Storage, StoredObject

THREADS = 8


def copy(storage: Storage, objects: Iterable[StoredObject], source: Prefix, archive: Prefix) -> None:
    """Copy the listed version of each object.

    Raises ConcurrentRunError where an object has changed since it was listed.
    """

    def copy_one(item: StoredObject) -> None:
        target = archive.key + item.key.removeprefix(source.key)
        storage.copy_from(source.bucket, item, archive.bucket, target)

    try:
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(copy_one, objects))
    except ChangedSinceError as error:
        raise ConcurrentRunError(
            f"{error}: the publisher has changed it since it was listed; run again"
        ) from error
