"""`information_schema`: schemata, tables and columns of the catalog as tables of SQL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from localcloud.athena.sql.errors import QueryError, refused
from localcloud.athena.sql.session import Session
from localcloud.athena.sql.tables.readable_types import trino_name
from localcloud.athena.sql.trino.types import BIGINT, VARCHAR, Type
from localcloud.glue.catalog.types import parse, quote

CATALOG = "awsdatacatalog"
COLUMNS = {
    "schemata": "catalog_name schema_name",
    "tables": "table_catalog table_schema table_name table_type",
    "columns": "table_catalog table_schema table_name column_name ordinal_position column_default "
    "is_nullable data_type",
}


def create_information_view(session: Session, name: str, where: str, view: str) -> list[tuple[str, Type]]:
    """Fill a DuckDB table of this name with what the caller may see of the catalog; returns its columns."""
    if name not in COLUMNS:
        raise QueryError(
            f"TABLE_NOT_FOUND: {where}: Table '{CATALOG}.information_schema.{name}' does not exist"
        )
    names = COLUMNS[name].split()
    types = {"ordinal_position": "BIGINT"}
    shape = ", ".join(f"{column} {types.get(column, 'VARCHAR')}" for column in names)
    session.connection.execute(f"CREATE TABLE {quote(view)} ({shape})")
    try:
        rows = list(_rows(session, name))
    except ClientError as error:
        raise refused(error, error.operation_name) from error
    if rows:
        marks = ", ".join("?" * len(names))
        session.connection.executemany(f"INSERT INTO {quote(view)} VALUES ({marks})", rows)  # noqa: S608
    return [(column, BIGINT if column in types else VARCHAR) for column in names]


def _rows(session: Session, name: str) -> Iterator[list[Any]]:
    for page in session.glue.get_paginator("get_databases").paginate():
        for database in page["DatabaseList"]:
            if name == "schemata":
                yield [CATALOG, database["Name"]]
            else:
                yield from _table_rows(session, name, database["Name"])


def _table_rows(session: Session, name: str, database: str) -> Iterator[list[Any]]:
    for page in session.glue.get_paginator("get_tables").paginate(DatabaseName=database):
        for table in page["TableList"]:
            start = [CATALOG, database, table["Name"]]
            if name == "tables":
                yield [*start, "VIEW" if table.get("TableType") == "VIRTUAL_VIEW" else "BASE TABLE"]
                continue
            columns = [*table["StorageDescriptor"]["Columns"], *(table.get("PartitionKeys") or [])]
            for position, column in enumerate(columns, 1):
                yield [*start, column["Name"], position, None, "YES", trino_name(parse(column["Type"]))]
