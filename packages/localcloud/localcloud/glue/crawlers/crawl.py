"""One crawl from its targets to the catalog, with the rights of the crawler's role."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.glue.catalog.table_objects import S3Object, split_location
from localcloud.glue.catalog.types import parse
from localcloud.glue.crawlers.catalog_writer import CatalogWriter, Policy
from localcloud.glue.crawlers.classify import classify_objects
from localcloud.glue.crawlers.database_crawl import crawl_database, database_targets, vanished_of
from localcloud.glue.crawlers.grouping import group_at_level, group_files
from localcloud.glue.crawlers.schema import DataFile, FileSchema
from localcloud.glue.crawlers.targets import s3_targets, target_objects
from localcloud.plugin.refusals import UnsupportedError


@dataclass(frozen=True)
class Grouping:
    combine: bool
    level: int | None


@dataclass(frozen=True)
class KnownCatalog:
    """What the cloud itself remembers of a database: tables and partitions, past IAM."""

    tables: Callable[[str], list[dict[str, Any]]]
    partitions: Callable[[str, str], list[dict[str, Any]]]


def read_configuration(crawler: Mapping[str, Any]) -> tuple[Grouping, Policy]:
    """The crawler's Configuration JSON and policies; `UnsupportedError` names what is not supported."""
    document = json.loads(crawler.get("Configuration") or "{}")
    grouping, output = document.get("Grouping", {}), document.get("CrawlerOutput", {})
    if crawler.get("Classifiers"):
        raise UnsupportedError(
            f"the classifiers {', '.join(crawler['Classifiers'])} of a crawler",
            "it has the built-in ones only; remove them",
        )
    if (crawler.get("RecrawlPolicy") or {}).get("RecrawlBehavior") == "CRAWL_EVENT_MODE":
        raise UnsupportedError("RecrawlBehavior CRAWL_EVENT_MODE")
    change = crawler.get("SchemaChangePolicy") or {}
    policy = Policy(
        crawler["Name"],
        crawler["DatabaseName"],
        crawler.get("TablePrefix") or "",
        change.get("UpdateBehavior") or "UPDATE_IN_DATABASE",
        change.get("DeleteBehavior") or "DEPRECATE_IN_DATABASE",
        output.get("Tables", {}).get("AddOrUpdateBehavior") == "MergeNewColumns",
        output.get("Partitions", {}).get("AddOrUpdateBehavior") == "InheritFromTable",
    )
    level = grouping.get("TableLevelConfiguration")
    combine = grouping.get("TableGroupingPolicy") == "CombineCompatibleSchemas"
    return Grouping(combine, int(level) if level else None), policy


@dataclass
class Crawl:
    """The work of one crawl; `run` raises what stopped it."""

    crawler: Mapping[str, Any]
    s3: Any
    glue: Any
    known: KnownCatalog
    log: Callable[[str], None]
    warn: Callable[[str], None]
    stopped: Callable[[], bool]
    client: Callable[[str], Any] | None = None  # of another service, with the crawler's role

    def run(self) -> CatalogWriter:
        targets = s3_targets(self.crawler.get("Targets") or {})
        databases = database_targets(self.crawler.get("Targets") or {})
        grouping, policy = read_configuration(self.crawler)
        writer = CatalogWriter(self.glue, policy, self.log)
        self.glue.get_database(Name=policy.database)
        remembered = dict(self._remembered(policy))
        for target in targets:
            self._crawl_target(target, grouping, writer, remembered)
        for database in databases:
            assert self.client is not None
            crawl_database(database, self.client, policy, writer, self.log, self.stopped)
        if not self.stopped():
            writer.retire(self._vanished(policy, targets, writer.written))
            writer.retire(vanished_of(databases, self._own_tables(policy), writer.written))
        return writer

    def _crawl_target(
        self,
        target: Mapping[str, Any],
        grouping: Grouping,
        writer: CatalogWriter,
        remembered: dict[str, FileSchema],
    ) -> None:
        bucket, _ = split_location(target["Path"])
        root, items = target_objects(self.s3, target)
        old = [item for item in items if _folder(item) in remembered]
        new = [item for item in items if _folder(item) not in remembered]
        self.log(f"{len(items)} objects to crawl under {target['Path']}, {len(old)} of them in known folders")
        files = [DataFile(item, remembered[_folder(item)]) for item in old]
        files += classify_objects(self.s3, new, self.warn, self.stopped)
        tables = (
            group_at_level(grouping.level, root, files, grouping.combine)
            if grouping.level
            else group_files(root, files, grouping.combine)
        )
        for table in tables:
            if self.stopped():
                return
            writer.write(bucket, table)

    def _remembered(self, policy: Policy) -> Iterator[tuple[str, FileSchema]]:
        """Folders that CRAWL_NEW_FOLDERS_ONLY does not read again, with the schema in the catalog."""
        if (self.crawler.get("RecrawlPolicy") or {}).get("RecrawlBehavior") != "CRAWL_NEW_FOLDERS_ONLY":
            return
        for table in self._own_tables(policy):
            entries = (
                self.known.partitions(policy.database, table["Name"]) if table["PartitionKeys"] else [table]
            )
            for entry in entries:
                stored = entry["StorageDescriptor"]
                yield stored["Location"].rstrip("/"), _schema_in_catalog(stored)

    def _own_tables(self, policy: Policy) -> list[dict[str, Any]]:
        return [
            table
            for table in self.known.tables(policy.database)
            if (table.get("Parameters") or {}).get("UPDATED_BY_CRAWLER") == policy.crawler
        ]

    def _vanished(
        self, policy: Policy, targets: list[dict[str, Any]], written: set[str]
    ) -> list[dict[str, Any]]:
        paths = [target["Path"].rstrip("/") + "/" for target in targets]
        return [
            table
            for table in self._own_tables(policy)
            if table["Name"] not in written
            and any((table["StorageDescriptor"]["Location"] + "/").startswith(path) for path in paths)
        ]


def _folder(item: S3Object) -> str:
    return item.url.rpartition("/")[0]


def _schema_in_catalog(stored: Mapping[str, Any]) -> FileSchema:
    parameters = dict(stored.get("Parameters") or {})
    kept = ("delimiter", "skip.header.line.count", "columnsOrdered", "areColumnsQuoted")
    return FileSchema(
        parameters.get("classification", ""),
        tuple((column["Name"], parse(column["Type"])) for column in stored["Columns"]),
        parameters.get("compressionType", "none"),
        int(parameters.get("recordCount", 0)) // max(1, int(parameters.get("objectCount", 1))),
        {key: parameters[key] for key in kept if key in parameters},
        {k: v for k, v in stored["SerdeInfo"]["Parameters"].items() if k == "field.delim"},
    )
