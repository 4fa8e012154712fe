"""The tables and views of a PostgreSQL that its user may see, with the types that Glue gives to columns."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

# What a user sees: relations with a right on them, or on one of their columns.
_COLUMNS = """
SELECT n.nspname, c.relname, c.relkind IN ('v', 'm') AS is_view, a.attname, t.typname, a.atttypmod,
       e.typname AS element
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type d ON d.oid = a.atttypid
JOIN pg_type t ON t.oid = CASE WHEN d.typtype = 'd' THEN d.typbasetype ELSE d.oid END
LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND NOT c.relispartition
  AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'
  AND has_schema_privilege(n.oid, 'USAGE')
  AND (has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE')
    OR has_any_column_privilege(c.oid, 'SELECT'))
ORDER BY 1, 2, a.attnum
"""
# Any other type, an enumeration, uuid or jsonb, is a text.
_TYPES = {
    "int2": "smallint",
    "int4": "int",
    "int8": "bigint",
    "oid": "bigint",
    "float4": "float",
    "float8": "double",
    "money": "double",
    "bool": "boolean",
    "bytea": "binary",
    "date": "date",
    "timestamp": "timestamp",
    "timestamptz": "timestamp",
}
_UNBOUNDED = "decimal(38,18)"  # a numeric without precision


@dataclass(frozen=True)
class DatabaseTable:
    """A table or view with its columns and their types in the catalog."""

    schema: str
    name: str
    is_view: bool
    columns: tuple[tuple[str, str], ...]


def read_tables(connection: Any) -> list[DatabaseTable]:
    """Every table and view that the user of the connection may use, by schema and name."""
    rows = connection.execute(_COLUMNS).fetchall()
    return [
        DatabaseTable(
            schema, name, is_view, tuple((row[3].lower(), catalog_type(*row[4:7])) for row in columns)
        )
        for (schema, name, is_view), columns in groupby(rows, key=lambda row: row[:3])
    ]


def catalog_type(name: str, modifier: int, element: str | None = None) -> str:
    """The catalog's type for one of PostgreSQL: `modifier` is its atttypmod, `element` that of an array."""
    if element is not None:
        return f"array<{catalog_type(element, modifier)}>"
    if name == "numeric":
        precision, scale = (modifier - 4) >> 16, (modifier - 4) & 0x7FF
        return f"decimal({precision},{scale})" if modifier >= 4 and precision <= 38 else _UNBOUNDED
    return _TYPES.get(name, "string")
