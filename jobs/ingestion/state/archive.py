"""Copies of the source's objects, for data sets that keep the rows of objects that vanish.

Each version of an object has a folder of its own, so a copy by a refused run replaces no loaded version.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from ingestion.errors import ConcurrentRunError
from ingestion.state.ledger import LoadedObject
from ingestion.state.storage import ChangedSinceError, Prefix, Storage, StoredObject

THREADS = 8


@dataclass(frozen=True)
class Archive:
    """`versions` are the ETags of the objects that can be read, by their keys at the source."""

    source: Prefix
    folder: Prefix
    versions: Mapping[str, str] = field(default_factory=dict)

    def placed(self, key: str) -> str:
        """Where the copy of an object is."""
        return f"{self.folder.key}{self.versions[key]}/{key.removeprefix(self.source.key)}"

    def copy(self, storage: Storage, objects: Iterable[StoredObject]) -> None:
        """Copy the listed version of each object.

        Raises ConcurrentRunError if an object has changed since it was listed.
        """

        def copy_one(item: StoredObject) -> None:
            storage.copy_from(self.source.bucket, item, self.folder.bucket, self.placed(item.key))

        try:
            with ThreadPoolExecutor(THREADS) as pool:
                list(pool.map(copy_one, objects))
        except ChangedSinceError as error:
            raise ConcurrentRunError(
                f"{error}: the publisher has changed it since it was listed; run again"
            ) from error

    def sweep(self, storage: Storage, loaded: Mapping[str, LoadedObject]) -> None:
        """Delete every version but the loaded ones."""
        needed = {(item.etag, key.removeprefix(self.source.key)) for key, item in loaded.items()}
        there = list(storage.list(self.folder))
        named = ((item.key, item.key.removeprefix(self.folder.key).partition("/")) for item in there)
        storage.delete(
            self.folder.bucket, [key for key, (etag, _, name) in named if (etag, name) not in needed]
        )
