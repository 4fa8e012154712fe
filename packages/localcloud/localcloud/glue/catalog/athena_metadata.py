"""Athena's view of the Data Catalog: GetDatabase, ListDatabases, GetTableMetadata, ListTableMetadata."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from localcloud.glue.catalog.databases import Databases
from localcloud.glue.catalog.requests import Request, folded
from localcloud.glue.catalog.tables import Tables, name_pattern
from localcloud.plugin import AwsError
from localcloud.plugin.paging import page

LARGEST_PAGE = 50
CATALOG = "awsdatacatalog"


def actions(databases: Databases, tables: Tables) -> dict[str, Callable[[Request], Request]]:
    """The operations of Athena's API; what is absent is a MetadataException, as there."""

    def get_database(request: Request) -> Request:
        name = _checked(request).get("DatabaseName")
        return {"Database": _database(_known(databases.found, name))}

    def list_databases(request: Request) -> Request:
        databases.begin()
        _checked(request)
        shown, token = page([_database(one) for one in databases.all()], request, LARGEST_PAGE)
        return {"DatabaseList": shown, **token}

    def get_table(request: Request) -> Request:
        request = _checked(request)
        found = _known(tables.found, request.get("DatabaseName"), request.get("TableName"))
        return {"TableMetadata": _table(found)}

    def list_tables(request: Request) -> Request:
        request = _checked(request)
        name = request.get("DatabaseName")
        _known(databases.found, name)
        found = tables.of(str(name))
        if expression := request.get("Expression"):
            pattern = name_pattern(expression)
            found = [table for table in found if pattern.fullmatch(table["Name"])]
        shown, token = page([_table(one) for one in found], request, LARGEST_PAGE)
        return {"TableMetadataList": shown, **token}

    return {
        "GetDatabase": get_database,
        "ListDatabases": list_databases,
        "GetTableMetadata": get_table,
        "ListTableMetadata": list_tables,
    }


def _checked(request: Mapping[str, Any]) -> Request:
    catalog = str(request.get("CatalogName") or CATALOG)
    if catalog.lower() != CATALOG:
        raise AwsError("InvalidRequestException", f"DataCatalog {catalog} was not found")
    return folded(request)


def _known(find: Callable[..., dict[str, Any]], *names: Any) -> dict[str, Any]:
    try:
        return find(*names)
    except AwsError as error:
        raise AwsError("MetadataException", f"{error.code}: {error.message}") from error


def _database(record: Mapping[str, Any]) -> dict[str, Any]:
    names = ("Name", "Description", "Parameters")
    return {name: record[name] for name in names if record.get(name) not in (None, "")}


def _table(record: Mapping[str, Any]) -> dict[str, Any]:
    """Location and formats are among the parameters, as Hive has them."""
    descriptor = record.get("StorageDescriptor") or {}
    serde = descriptor.get("SerdeInfo") or {}
    formats = {
        "comment": record.get("Description"),
        "inputformat": descriptor.get("InputFormat"),
        "location": (descriptor.get("Location") or "").rstrip("/"),
        "outputformat": descriptor.get("OutputFormat"),
        "serde.serialization.lib": serde.get("SerializationLibrary"),
        **{f"serde.param.{name}": value for name, value in (serde.get("Parameters") or {}).items()},
    }
    given = {name: value for name, value in formats.items() if value}
    times = {name: record[name] for name in ("CreateTime", "LastAccessTime") if name in record}
    return {
        "Name": record["Name"],
        **times,
        "TableType": record.get("TableType", "EXTERNAL_TABLE"),
        "Columns": [_column(one) for one in descriptor.get("Columns") or []],
        "PartitionKeys": [_column(one) for one in record.get("PartitionKeys") or []],
        "Parameters": {**(record.get("Parameters") or {}), **given},
    }


def _column(column: Mapping[str, Any]) -> dict[str, Any]:
    comment = {"Comment": column["Comment"]} if column.get("Comment") else {}
    return {"Name": column["Name"], "Type": column.get("Type", "string"), **comment}
