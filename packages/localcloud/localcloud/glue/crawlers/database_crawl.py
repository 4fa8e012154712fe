"""The crawl of a database: what JdbcTargets name, in the form in which Glue describes it in the catalog."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.glue.catalog.globs import glob_pattern
from localcloud.glue.connections import jdbc, network
from localcloud.glue.crawlers.catalog_writer import CatalogWriter, Policy
from localcloud.glue.crawlers.database_tables import DatabaseTable, read_tables
from localcloud.plugin.refusals import UnsupportedError

CLASSIFICATION = "postgresql"


@dataclass(frozen=True)
class DatabaseTarget:
    """One of a crawler's JdbcTargets: `path` is database/schema/table, with `%` for any text."""

    connection: str
    path: str
    exclusions: tuple[str, ...]

    def includes(self, database: str, schema: str, table: str) -> bool:
        """Whether the path names this table and no exclusion does, by its name or its path."""
        names = (table, f"{schema}/{table}", f"{database}/{schema}/{table}")
        excluded = [glob_pattern(pattern.replace("%", "*")) for pattern in self.exclusions]
        return self._names(database, schema, table) and not any(
            pattern.fullmatch(name) for pattern in excluded for name in names
        )

    def _names(self, *parts: str) -> bool:
        """`a/%` has everything below it, whatever the depth."""
        wanted = self.path.strip("/").split("/")
        if len(wanted) < len(parts):
            wanted += ["%"] * (len(parts) - len(wanted)) if wanted[-1] == "%" else [""]
        pairs = zip(wanted, parts, strict=False)
        return len(wanted) == len(parts) and all(_like(pattern, part) for pattern, part in pairs)


def _like(pattern: str, name: str) -> bool:
    literal = re.sub(r"([*?\[])", r"[\1]", pattern)
    return fnmatch.fnmatchcase(name, literal.replace("%", "*"))


def database_targets(targets: Mapping[str, Any]) -> list[DatabaseTarget]:
    """The JDBC targets of a crawler. Raises `UnsupportedError` for what is not read here."""
    found = []
    for target in targets.get("JdbcTargets") or []:
        if target.get("EnableAdditionalMetadata"):
            raise UnsupportedError(f"EnableAdditionalMetadata of target {target.get('Path')}")
        exclusions = tuple(target.get("Exclusions") or ())
        found.append(DatabaseTarget(target["ConnectionName"], target.get("Path") or "", exclusions))
    return found


def crawl_database(
    target: DatabaseTarget,
    client: Callable[[str], Any],
    policy: Policy,
    writer: CatalogWriter,
    log: Callable[[str], None],
    stopped: Callable[[], bool],
) -> None:
    """Read one target with the crawler's role and write its tables; raises what stopped it."""
    connection = client("glue").get_connection(Name=target.connection)["Connection"]
    network.check(connection, client("ec2"))
    database = jdbc.address(connection).database
    with jdbc.connect(connection, client("secretsmanager")) as made:
        tables = [one for one in read_tables(made) if target.includes(database, one.schema, one.name)]
    log(f"{len(tables)} tables to crawl in {target.path} of connection {target.connection}")
    for table in tables:
        if stopped():
            return
        writer.write_described(table_input(table, database, target.connection, policy))


def table_input(table: DatabaseTable, database: str, connection: str, policy: Policy) -> dict[str, Any]:
    """`TableInput` of a table of a database: no input format, so that only Glue's own readers know it."""
    name = "_".join((database, table.schema, table.name)).lower()
    parameters = {
        "CrawlerSchemaDeserializerVersion": "1.0",
        "CrawlerSchemaSerializerVersion": "1.0",
        "UPDATED_BY_CRAWLER": policy.crawler,
        "classification": CLASSIFICATION,
        "compressionType": "none",
        "connectionName": connection,
        "typeOfData": "view" if table.is_view else "table",
    }
    return {
        "Name": policy.prefix.lower() + re.sub(r"[^a-z0-9_]", "_", name),
        "Retention": 0,
        "TableType": "EXTERNAL_TABLE",
        "PartitionKeys": [],
        "Parameters": parameters,
        "StorageDescriptor": {
            "Columns": [{"Name": column, "Type": kind} for column, kind in table.columns],
            "Location": f"{database}.{table.schema}.{table.name}",
            "Compressed": False,
            "NumberOfBuckets": -1,
            "SerdeInfo": {"Parameters": {}},
            "BucketColumns": [],
            "SortColumns": [],
            "Parameters": dict(parameters),
            "StoredAsSubDirectories": False,
        },
    }


def vanished_of(
    targets: list[DatabaseTarget], own: Iterable[dict[str, Any]], written: set[str]
) -> list[dict[str, Any]]:
    """The tables that this crawler once wrote for one of the targets, and that are not there any more."""
    return [table for table in own if table["Name"] not in written and _is_of(targets, table)]


def _is_of(targets: list[DatabaseTarget], table: Mapping[str, Any]) -> bool:
    parameters = table.get("Parameters") or {}
    parts = table["StorageDescriptor"].get("Location", "").split(".", 2)
    if parameters.get("classification") != CLASSIFICATION or len(parts) != 3:
        return False
    return any(
        target.connection == parameters.get("connectionName") and target.includes(*parts)
        for target in targets
    )
