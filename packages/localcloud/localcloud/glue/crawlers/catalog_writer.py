"""Writes crawled tables and partitions into the Data Catalog, as the crawler's policies say."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from localcloud.glue.crawlers.describe import hashed_name, partition_inputs, table_input, table_name
from localcloud.glue.crawlers.grouping import CrawledTable

BATCH = 100


@dataclass
class Changes:
    """Names of what a crawl changed, by kind and by what happened to it."""

    tables: dict[str, list[str]] = field(default_factory=dict)
    partitions: dict[str, int] = field(default_factory=dict)

    def table(self, action: str, name: str) -> None:
        self.tables.setdefault(action, []).append(name)

    def partition(self, action: str, count: int) -> None:
        if count:
            self.partitions[action] = self.partitions.get(action, 0) + count


@dataclass(frozen=True)
class Policy:
    """The options of a crawler that decide what is written."""

    crawler: str
    database: str
    prefix: str
    update: str
    delete: str
    merge_new_columns: bool
    inherit_from_table: bool


@dataclass
class CatalogWriter:
    """`glue` is a client with the crawler's role: IAM judges every write."""

    glue: Any
    policy: Policy
    log: Callable[[str], None]
    changes: Changes = field(default_factory=Changes)
    written: set[str] = field(default_factory=set)

    def write(self, bucket: str, table: CrawledTable) -> None:
        """A table of objects in S3, with its partitions."""
        location = f"s3://{bucket}/{table.root}"
        name, existing = self._resolve(table_name(bucket, table.root, self.policy.prefix), location)
        described = self._put(existing, table_input(table, name, location, self.policy.crawler))
        if described["PartitionKeys"]:
            inputs = partition_inputs(table, described, self.policy.crawler, self.policy.inherit_from_table)
            self._write_partitions(name, inputs)

    def write_described(self, described: dict[str, Any]) -> None:
        """A table that is described already and has no partitions."""
        self._put(self._table(described["Name"]), described)

    def _put(self, existing: dict[str, Any] | None, described: dict[str, Any]) -> dict[str, Any]:
        """Create a table or bring it up to date; returns the definition that now holds."""
        name = described["Name"]
        if existing is None:
            self.glue.create_table(DatabaseName=self.policy.database, TableInput=described)
            self.changes.table("ADD", name)
            self.log(f"Created table {name} in database {self.policy.database}")
        else:
            described = self._update(existing, described)
        self.written.add(name)
        return described

    def _resolve(self, name: str, location: str) -> tuple[str, dict[str, Any] | None]:
        """The table's name and definition; a name taken by another location gets a hash appended."""
        existing = self._table(name)
        taken = existing and existing["StorageDescriptor"].get("Location", "").rstrip("/") != location.rstrip(
            "/"
        )
        if taken or name in self.written:
            name = hashed_name(name, location)
            existing = self._table(name)
        return name, existing

    def _table(self, name: str) -> dict[str, Any] | None:
        try:
            found = self.glue.get_table(DatabaseName=self.policy.database, Name=name)
        except self.glue.exceptions.EntityNotFoundException:
            return None
        return dict(found["Table"])

    def _update(self, existing: dict[str, Any], described: dict[str, Any]) -> dict[str, Any]:
        """Bring a table up to date, unless the policy only logs; returns the definition that now holds."""
        old, new = existing["StorageDescriptor"], described["StorageDescriptor"]
        if self.policy.merge_new_columns:
            known = {column["Name"] for column in old["Columns"]}
            added = [column for column in new["Columns"] if column["Name"] not in known]
            new["Columns"] = [*old["Columns"], *added]
        described["Parameters"] = {**existing.get("Parameters", {}), **described["Parameters"]}
        described["Parameters"].pop("DEPRECATED_BY_CRAWLER", None)
        same = all(existing.get(part) == described[part] for part in ("Parameters", "PartitionKeys"))
        if same and old["Columns"] == new["Columns"] and old.get("SerdeInfo") == new["SerdeInfo"]:
            return described
        if self.policy.update == "LOG":
            self.log(f"Table {described['Name']} differs from the data; left as it is (UpdateBehavior LOG)")
            return existing
        self.glue.update_table(DatabaseName=self.policy.database, TableInput=described)
        self.changes.table("UPDATE", described["Name"])
        self.log(f"Updated table {described['Name']} in database {self.policy.database}")
        return described

    def _write_partitions(self, table: str, inputs: list[dict[str, Any]]) -> None:
        known = {tuple(partition["Values"]): partition for partition in self.partitions(table)}
        wanted = {tuple(item["Values"]): item for item in inputs}
        new = [item for values, item in wanted.items() if values not in known]
        changed = [
            item
            for values, item in wanted.items()
            if values in known and any(known[values].get(key) != value for key, value in item.items())
        ]
        target = {"DatabaseName": self.policy.database, "TableName": table}
        for batch in _batches(new):
            self.glue.batch_create_partition(**target, PartitionInputList=batch)
        if self.policy.update != "LOG":
            self._update_partitions(table, changed)
        self.changes.partition("ADD", len(new))
        if new:
            self.log(f"Created {len(new)} partitions of table {table}")
        self._retire_partitions(table, [part for values, part in known.items() if values not in wanted])

    def partitions(self, table: str) -> Iterable[dict[str, Any]]:
        pages = self.glue.get_paginator("get_partitions").paginate(
            DatabaseName=self.policy.database, TableName=table
        )
        return (partition for page in pages for partition in page["Partitions"])

    def _update_partitions(self, table: str, inputs: list[dict[str, Any]]) -> None:
        for batch in _batches(inputs):
            entries = [{"PartitionValueList": item["Values"], "PartitionInput": item} for item in batch]
            self.glue.batch_update_partition(
                DatabaseName=self.policy.database, TableName=table, Entries=entries
            )
        self.changes.partition("UPDATE", len(inputs))

    def _retire_partitions(self, table: str, vanished: list[dict[str, Any]]) -> None:
        if not vanished:
            return
        self.log(f"{len(vanished)} partitions of table {table} have no data: {self.policy.delete}")
        if self.policy.delete == "DELETE_FROM_DATABASE":
            for partition in vanished:
                self.glue.delete_partition(
                    DatabaseName=self.policy.database, TableName=table, PartitionValues=partition["Values"]
                )
            self.changes.partition("DELETE", len(vanished))
        elif self.policy.delete == "DEPRECATE_IN_DATABASE":
            fresh = [part for part in vanished if "DEPRECATED_BY_CRAWLER" not in part.get("Parameters", {})]
            self._update_partitions(table, [_deprecated(part, PARTITION_INPUT) for part in fresh])

    def retire(self, tables: Iterable[dict[str, Any]]) -> None:
        """Apply the delete behaviour to tables of this crawler whose data has vanished."""
        for table in tables:
            name = table["Name"]
            self.log(f"Table {name} has no data: {self.policy.delete}")
            if self.policy.delete == "DELETE_FROM_DATABASE":
                self.glue.delete_table(DatabaseName=self.policy.database, Name=name)
                self.changes.table("DELETE", name)
            elif self.policy.delete == "DEPRECATE_IN_DATABASE":
                if "DEPRECATED_BY_CRAWLER" in table.get("Parameters", {}):
                    continue
                deprecated = _deprecated(table, TABLE_INPUT)
                self.glue.update_table(DatabaseName=self.policy.database, TableInput=deprecated)
                self.changes.table("UPDATE", name)


PARTITION_INPUT = ("Values", "StorageDescriptor", "Parameters")
TABLE_INPUT = (
    "Name", "Description", "Owner", "StorageDescriptor", "PartitionKeys", "TableType", "Parameters",
)  # fmt: skip


def _deprecated(entry: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    kept = {key: entry[key] for key in keys if entry.get(key) not in (None, "")}
    now = str(int(time.time() * 1000))
    return {**kept, "Parameters": {**entry.get("Parameters", {}), "DEPRECATED_BY_CRAWLER": now}}


def _batches(items: list[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))
