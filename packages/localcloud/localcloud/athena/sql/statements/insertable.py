"""Tables that INSERT INTO cannot fill: their rows would be lost where they are read."""

from __future__ import annotations

from localcloud.athena.sql.errors import QueryError, unsupported
from localcloud.athena.sql.session import Table
from localcloud.athena.sql.tables.projection import TEMPLATE, is_projected

_HEADER, _FOOTER = "skip.header.line.count", "skip.footer.line.count"
_HIVE_FORMATS = {"date": "yyyy-MM-dd"}
"""Formats of projected values in which a value of the key's type is written."""


def check_insert(table: Table, form: str) -> None:
    """Raise `QueryError` for a table whose description says that rows cannot be added."""
    if table["StorageDescriptor"].get("BucketColumns"):
        raise QueryError("NOT_SUPPORTED: INSERT INTO is not supported on bucketed tables")
    _check_skipped_lines(table, form)
    if is_projected(table):
        _check_projection(table)


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
