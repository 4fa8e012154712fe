"""What one running query holds: its caller's clients, its DuckDB, its temporary folder, its counters."""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
from botocore.exceptions import ClientError

from localcloud.athena.sql.errors import QueryCancelledError, QueryError, refused
from localcloud.athena.sql.trino.macros import prepare_engine
from localcloud.glue.catalog.table_objects import S3Object, data_objects
from localcloud.glue.catalog.types import literal

CATALOGS = ("awsdatacatalog", "hive", "")
Table = dict[str, Any]


@dataclass
class Result:
    """Columns with Trino's types, and the rows as text; None is NULL.

    `manifest` has the objects that were written; None for a statement that writes none.
    """

    columns: list[tuple[str, str]] = field(default_factory=list)
    rows: list[list[str | None]] = field(default_factory=list)
    update_count: int | None = None
    manifest: list[str] | None = None


@dataclass
class Session:
    """`glue` and `s3` are clients with the rights of the query's caller."""

    sql: str
    database: str
    glue: Any
    s3: Any
    folder: Path
    output: str
    cutoff: int | None = None
    scanned: int = 0
    stop: threading.Event = field(default_factory=threading.Event)
    connection: Any = None
    tables: dict[tuple[str, str], Table] = field(default_factory=dict)
    local: dict[S3Object, Path] = field(default_factory=dict)
    copies: dict[Path, S3Object] = field(default_factory=dict)
    """The object that each local copy was made of; readers put changed copies beside its folder."""
    parameters: list[str] = field(default_factory=list)
    query_id: str = ""
    workgroup: str = "primary"
    prepared: Callable[[str, dict[str, Any]], dict[str, Any]] = lambda _action, _request: {}
    """Asks for the prepared statements of the work group, as the API does."""
    written_rows: int = 0
    pending: list[Callable[[], None]] = field(default_factory=list)
    names: Iterator[int] = field(default_factory=itertools.count)

    def open(self) -> None:
        """Connect to a DuckDB that reads nothing but the query's own folder."""
        self.connection = duckdb.connect(
            config={
                "threads": 2,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "temp_directory": str(self.folder / "spill"),
            }
        )
        prepare_engine(self.connection)
        self.connection.execute(
            f"SET allowed_directories=[{literal(str(self.folder))}]; SET enable_external_access=false"
        )

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()

    def new_name(self) -> str:
        """A name for a DuckDB view that nothing else in this query has."""
        return f"t{next(self.names)}"

    def load(self) -> None:
        """Read the data of the tables that were bound so far: a query that does not bind reads nothing."""
        while self.pending:
            self.pending.pop(0)()

    def check(self) -> None:
        if self.stop.is_set():
            raise QueryCancelledError("Query cancelled by user")

    def interrupt(self) -> None:
        if self.connection is not None:
            with contextlib.suppress(duckdb.Error):
                self.connection.interrupt()

    def table(self, database: str, name: str, where: str = "line 1:1") -> Table:
        """A table's definition; TABLE_NOT_FOUND or SCHEMA_NOT_FOUND name the place in the statement."""
        key = (database.lower(), name.lower())
        if key not in self.tables:
            self.tables[key] = self._find_table(*key, where)
        return self.tables[key]

    def _find_table(self, database: str, name: str, where: str) -> Table:
        try:
            return dict(self.glue.get_table(DatabaseName=database, Name=name)["Table"])
        except self.glue.exceptions.EntityNotFoundException:
            self.require_database(database, where)
        except ClientError as error:
            raise refused(error, f"glue:GetTable of {database}.{name}") from error
        raise QueryError(f"TABLE_NOT_FOUND: {where}: Table 'awsdatacatalog.{database}.{name}' does not exist")

    def require_database(self, database: str, where: str = "line 1:1") -> dict[str, Any]:
        try:
            return dict(self.glue.get_database(Name=database)["Database"])
        except self.glue.exceptions.EntityNotFoundException:
            raise QueryError(f"SCHEMA_NOT_FOUND: {where}: Schema '{database}' does not exist") from None
        except ClientError as error:
            raise refused(error, f"glue:GetDatabase of {database}") from error

    def has_table(self, database: str, name: str) -> bool:
        try:
            self.glue.get_table(DatabaseName=database, Name=name)
        except self.glue.exceptions.EntityNotFoundException:
            return False
        except ClientError as error:
            raise refused(error, f"glue:GetTable of {database}.{name}") from error
        return True

    def partitions(self, table: Table) -> list[dict[str, Any]]:
        """The registered partitions, in the catalog's order."""
        pages = self.glue.get_paginator("get_partitions").paginate(
            DatabaseName=table["DatabaseName"], TableName=table["Name"]
        )
        try:
            return [partition for page in pages for partition in page["Partitions"]]
        except ClientError as error:
            raise refused(error, f"glue:GetPartitions of {table['DatabaseName']}.{table['Name']}") from error

    def objects(self, location: str) -> list[S3Object]:
        """The data objects under a location, listed with the caller's rights."""
        self.check()
        try:
            return data_objects(self.s3, location)
        except ClientError as error:
            raise QueryError(
                f"PERMISSION_DENIED: Access denied on operation: s3:ListBucket at {location}: "
                f"{error.response['Error'].get('Message')}"
                if error.response["Error"]["Code"] in ("AccessDenied", "403")
                else f"HIVE_METASTORE_ERROR: {location}: {error.response['Error'].get('Message')}"
            ) from error

    def rows(self, sql: str, parameters: Any = None) -> Iterator[tuple[Any, ...]]:
        """Stream the rows of a DuckDB statement, checking for a stop between batches."""
        cursor = self.connection.execute(sql, parameters)
        while batch := cursor.fetchmany(10_000):
            self.check()
            yield from batch
