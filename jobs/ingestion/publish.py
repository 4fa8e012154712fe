"""Put staged files in the place of the published ones.

A partition of one file, the usual case, is replaced by one S3 copy on the same key: a query sees it whole,
old or new. Of a partition that needs several files (over 4 million rows) a query that runs at this moment may
see old ones beside new ones. Partitions are replaced one after the other, never emptied in between.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ingestion.storage import Prefix, Storage, StoredObject

THREADS = 8


@dataclass(frozen=True)
class Published:
    """The files put in place, their bytes, and the partitions that are gone."""

    files: int
    size: int
    removed_partitions: tuple[str, ...]


def publish(
    storage: Storage, staging: Prefix, table: Prefix, key: str, affected: Iterable[str] | None
) -> Published:
    """Replace the affected partitions (None: all of the table) by what is staged for them.

    `key` is the name of the partition key. A partition for which nothing is staged is removed.
    """
    staged = _by_partition(storage.list(staging), staging, key)
    existing = _by_partition(storage.list(table), table, key)
    replaced = set(existing) | set(staged) if affected is None else set(affected)
    with ThreadPoolExecutor(THREADS) as pool:
        list(
            pool.map(
                lambda name: _replace(
                    storage, table.folder(f"{key}={name}"), staged.get(name, ()), existing.get(name, ())
                ),
                sorted(replaced),
            )
        )
    files = [item for items in staged.values() for item in items]
    removed = sorted(name for name in replaced if name in existing and name not in staged)
    return Published(len(files), sum(item.size for item in files), tuple(removed))


def sweep(storage: Storage, folder: Prefix) -> None:
    """Delete everything under the prefix: what this run staged, and what killed ones left behind."""
    storage.delete(folder.bucket, [item.key for item in storage.list(folder)])


def _replace(
    storage: Storage, partition: Prefix, staged: Iterable[StoredObject], existing: Iterable[StoredObject]
) -> None:
    targets = {f"{partition.key}part-{index:05}.parquet": item for index, item in enumerate(staged)}
    for target, item in targets.items():
        storage.copy(partition.bucket, item.key, target)
    storage.delete(partition.bucket, [item.key for item in existing if item.key not in targets])


def _by_partition(objects: Iterable[StoredObject], root: Prefix, key: str) -> dict[str, list[StoredObject]]:
    """The files of each partition, without the empty `month=2022-12/` by which S3A may mark a folder."""
    found: dict[str, list[StoredObject]] = {}
    for item in objects:
        folder, _, name = item.key.removeprefix(root.key).rpartition("/")
        if folder.startswith(f"{key}=") and name and not name.startswith(("_", ".")):
            found.setdefault(folder.removeprefix(f"{key}="), []).append(item)
    return found
