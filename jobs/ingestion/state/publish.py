"""Put staged files in the place of the published ones, in a way that a later run can finish.

A partition of a table is one file, which one S3 copy on the same key replaces: a query sees it whole, old or
new. What is to be copied and deleted, and the ledger that is true afterwards, are written down beside the
staged files first. Carrying that out twice changes nothing, so the next run finishes what a killed one began.
Both pipelines publish so; the segmentation's tables are cut by their keys' hashes, each part one file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from ingestion.state.ledger import Ledger
from ingestion.state.places import Table, is_data
from ingestion.state.storage import Prefix, Storage, StoredObject

THREADS = 8
NAME = "publication.json"


@dataclass(frozen=True)
class Change:
    """One partition of one table that is replaced: `table` is the table's folder, `partition` the folder in
    it.

    Both are relative to the root of the lake and end with a slash; a table without a partition key has the
    partition "". `staged` is the file to publish, None if the partition is removed.
    """

    table: str
    partition: str
    staged: StoredObject | None

    @classmethod
    def of(cls, table: Table, partition: str, staged: StoredObject | None) -> Change:
        """`partition` is the value of the partition key."""
        return cls(table.place, table.partition_folder(partition), staged)


@dataclass(frozen=True)
class Publication:
    """`copies` are pairs of a staged key and the key that it is published under."""

    copies: tuple[tuple[str, str], ...] = ()
    deletions: tuple[str, ...] = ()
    size: int = 0
    ledger: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, storage: Storage, lake: Prefix, changes: Iterable[Change], after: Ledger) -> Publication:
        """What the changes mean: all files in a partition's folder but the new one are deleted."""
        copies: list[tuple[str, str]] = []
        deletions: list[str] = []
        size = 0
        changes = list(changes)
        existing = _files(storage, lake, {change.table for change in changes})
        for change in changes:
            target = f"{lake.key}{change.table}{change.partition}part-00000.parquet"
            if change.staged:
                copies.append((change.staged.key, target))
                size += change.staged.size
            there = existing.get((change.table, change.partition), ())
            deletions += [key for key in there if key != target or not change.staged]
        return cls(tuple(copies), tuple(sorted(deletions)), size, after.document())

    def save(self, storage: Storage, staging: Prefix) -> None:
        """Beside the staged files, where `load` finds it as long as they are there."""
        content = {
            "copies": self.copies,
            "deletions": self.deletions,
            "size": self.size,
            "ledger": self.ledger,
        }
        storage.write_json(staging, NAME, content)

    @classmethod
    def load(cls, storage: Storage, staging: Prefix) -> Publication | None:
        """What a run with this staging prefix was about to do; None if it or a staged file is gone."""
        stored = storage.read_json(staging, NAME)
        if stored is None:
            return None
        content = stored.content
        copies = tuple((source, target) for source, target in content["copies"])
        there = {item.key for item in storage.list(staging)}
        if any(source not in there for source, _ in copies):
            return None
        return cls(copies, tuple(content["deletions"]), content["size"], content["ledger"])

    def carry_out(self, storage: Storage, bucket: str) -> None:
        """Copy, then delete; doing it twice is safe. Raises ChangedSinceError if a staged file is gone."""
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(lambda pair: storage.copy(bucket, *pair), self.copies))
        storage.delete(bucket, self.deletions)


def sweep(storage: Storage, folder: Prefix) -> None:
    """Delete everything under the prefix: what this run staged, and what killed ones left behind."""
    storage.delete(folder.bucket, [item.key for item in storage.list(folder)])


def _files(storage: Storage, lake: Prefix, tables: set[str]) -> dict[tuple[str, str], list[str]]:
    """The keys in each partition folder of the tables, without the marks by which S3A keeps folders."""
    found: dict[tuple[str, str], list[str]] = {}
    for table in tables:
        folder = lake.folder(table)
        for item in storage.list(folder):
            partition, slash, name = item.key.removeprefix(folder.key).rpartition("/")
            if is_data(name):
                found.setdefault((table, partition + slash), []).append(item.key)
    return found
