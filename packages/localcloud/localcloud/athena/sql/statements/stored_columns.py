"""The columns that a statement writes: what Hive can keep of them, and which of them make partitions."""

from __future__ import annotations

import re

from localcloud.athena.sql.errors import QueryError
from localcloud.athena.sql.query import Prepared
from localcloud.athena.sql.trino.types import Type, to_hive
from localcloud.glue.catalog.types import HiveType, Primitive


def check_keys(columns: list[tuple[str, HiveType]], keys: list[str]) -> None:
    """Partition keys are the last columns, in order, and beside others."""
    names = [name for name, _ in columns]
    missing = [key for key in keys if key not in names]
    if missing:
        raise QueryError(
            f"INVALID_TABLE_PROPERTY: Partition columns {missing} not present in schema of the table"
        )
    if keys and names[-len(keys) :] != keys:
        raise QueryError(
            "HIVE_COLUMN_ORDER_MISMATCH: Partition keys must be the last columns in the table and in the "
            f"same order as the table properties: {keys}"
        )
    if len(keys) == len(columns):
        raise QueryError("INVALID_TABLE_PROPERTY: Table contains only partition columns")
    for name, kind in columns:
        if name in keys and not isinstance(kind, Primitive):
            raise QueryError(f"NOT_SUPPORTED: Unsupported type [{kind}] for partition: {name}")


def stored_columns(prepared: Prepared) -> list[tuple[str, HiveType]]:
    """The columns in Hive's types, which lack some of Trino's."""
    columns = []
    for name, kind in prepared.columns:
        hive = to_hive(kind)
        if "void" in re.split(r"\W+", str(hive)):
            raise QueryError(f"NOT_SUPPORTED: Unsupported Hive type: {kind}")
        if _is_anonymous(kind):
            raise QueryError(
                "NOT_SUPPORTED: Anonymous row type is not supported in Hive. Please give each field a name: "
                f"{kind}"
            )
        columns.append((name.lower(), hive))
    return columns


def _is_anonymous(kind: Type) -> bool:
    return "" in kind.fields or any(_is_anonymous(part) for part in kind.parts)
