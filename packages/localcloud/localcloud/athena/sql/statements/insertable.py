"""Tables that INSERT INTO cannot fill: their rows would be lost where they are read."""

from __future__ import annotations

from localcloud.athena.sql.errors import QueryError, unsupported
from localcloud.athena.sql.session import Table
from localcloud.athena.sql.tables.json_rows import maps_names
from localcloud.athena.sql.tables.projection import TEMPLATE, is_projected
from localcloud.athena.sql.tables.serde_properties import check, serde_parameters
from localcloud.glue.catalog.storage import format_of
from localcloud.glue.catalog.types import HiveType

_HEADER, _FOOTER = "skip.header.line.count", "skip.footer.line.count"
_HIVE_FORMATS = {"date": "yyyy-MM-dd"}
"""Formats of projected values in which a value of the key's type is written."""


def check_insert(table: Table, columns: list[tuple[str, HiveType]]) -> dict[str, str]:
    """The properties of the SerDe; raise `QueryError` for a table that rows cannot be added to."""
    if table["StorageDescriptor"].get("BucketColumns"):
        raise QueryError("NOT_SUPPORTED: INSERT INTO is not supported on bucketed tables")
    form = format_of(table["StorageDescriptor"])
    _check_skipped_lines(table, form)
    if is_projected(table):
        _check_projection(table)
    parameters = serde_parameters(table["StorageDescriptor"], table.get("Parameters"))
    if form != "parquet":
        check(form, parameters, columns)
    if form == "lazy" and parameters.get("escape.delim"):
        raise unsupported(f"INSERT INTO {table['Name']}, whose text has an escape")
    if form == "json" and maps_names(parameters):
        raise unsupported(f"INSERT INTO {table['Name']}, whose SerDe has the property mapping")
    return parameters


def _check_skipped_lines(table: Table, form: str) -> None:
    """A file of rows has no lines that are none."""
    parameters = table.get("Parameters") or {}
    if _FOOTER in parameters:
        raise QueryError(f"NOT_SUPPORTED: Inserting into Hive table with {_FOOTER} property not supported")
    header = int(parameters.get(_HEADER) or 0)
    if header > 1:
        raise QueryError(
            f"NOT_SUPPORTED: Inserting into Hive table with value of {_HEADER} property greater than 1 "
            "is not supported"
        )
    if header and form != "parquet":
        raise unsupported(f"INSERT INTO {table['Name']}, whose files have a header ({_HEADER})")


def _check_projection(table: Table) -> None:
    """Rows are written to Hive's folders, which must be those that the projection reads."""
    parameters = table["Parameters"]
    if parameters.get(TEMPLATE):
        raise unsupported(f"INSERT INTO {table['Name']}, whose folders are those of {TEMPLATE}")
    for key in table.get("PartitionKeys") or []:
        projected = parameters.get(f"projection.{key['Name']}.format")
        kind = key["Type"].lower()
        if projected and kind in ("date", "timestamp") and projected != _HIVE_FORMATS.get(kind):
            raise unsupported(
                f"INSERT INTO {table['Name']}, whose key {key['Name']} of the type {kind} is projected "
                f"as `{projected}`"
            )
