"""The result object in S3, and the pages that GetQueryResults cuts from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from localcloud.athena.sql.session import Result

SIZES = {
    "boolean": (0, 0),
    "tinyint": (3, 0),
    "smallint": (5, 0),
    "integer": (10, 0),
    "bigint": (19, 0),
    "float": (17, 0),
    "double": (17, 0),
    "decimal": (38, 0),
    "timestamp": (3, 0),
    "varchar": (2147483647, 0),
    "varbinary": (1073741824, 0),
}
FIELD = re.compile(r'("(?:[^"]|"")*"|[^,\n]*)(,|\n|\Z)')


def result_body(result: Result, kind: str) -> bytes:
    """Rows as quoted CSV with a header; a NULL is empty without quotes. DDL and utilities: lines of text."""
    if kind != "DML":
        return "".join("\t".join(value or "" for value in row) + "\n" for row in result.rows).encode()
    if not result.columns:
        return b""
    header: list[str | None] = [name for name, _ in result.columns]
    return "".join(_line(row) for row in [header, *result.rows]).encode()


def _line(row: list[str | None]) -> str:
    quoted = ("" if value is None else '"' + value.replace('"', '""') + '"' for value in row)
    return ",".join(quoted) + "\n"


def read_rows(body: str, width: int, kind: str) -> list[list[str | None]]:
    """The rows of a result object, the header of a DML result included."""
    if kind != "DML":
        lines = body.removesuffix("\n").split("\n") if body else []
        return [list(line.split("\t", width - 1)) for line in lines] if width else []
    return list(_csv_rows(body))


def _csv_rows(body: str) -> Iterator[list[str | None]]:
    row: list[str | None] = []
    for match in FIELD.finditer(body):
        if match.end() == match.start() and match.start() == len(body):
            break
        field = match[1]
        row.append(None if field == "" else field[1:-1].replace('""', '"'))
        if match[2] != ",":
            yield row
            row = []


def column_info(name: str, kind: str) -> dict[str, Any]:
    """One `ColumnInfo` of GetQueryResults."""
    precision, scale = SIZES.get(kind, (0, 0))
    return {
        "CatalogName": "hive",
        "SchemaName": "",
        "TableName": "",
        "Name": name,
        "Label": name,
        "Type": kind,
        "Precision": precision,
        "Scale": scale,
        "Nullable": "UNKNOWN",
        "CaseSensitive": kind == "varchar",
    }


def row_view(row: list[str | None]) -> dict[str, Any]:
    return {"Data": [{} if value is None else {"VarCharValue": value} for value in row]}
