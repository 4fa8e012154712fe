"""The result object in S3, and the pages that GetQueryResults cuts from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from localcloud.athena.sql.session import Result
from localcloud.athena.sql.trino.text_values import column_type
from localcloud.athena.sql.trino.types import parse_type

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
    """One `ColumnInfo` of GetQueryResults, of a type as Trino writes it in full."""
    known = parse_type(kind)
    shown, precision, scale = column_type(known) if known else (kind.partition("(")[0], 0, 0)
    return {
        "CatalogName": "hive",
        "SchemaName": "",
        "TableName": "",
        "Name": name,
        "Label": name,
        "Type": shown,
        "Precision": precision,
        "Scale": scale,
        "Nullable": "UNKNOWN",
        "CaseSensitive": shown in ("varchar", "char"),
    }


def row_view(row: list[str | None]) -> dict[str, Any]:
    return {"Data": [{} if value is None else {"VarCharValue": value} for value in row]}
