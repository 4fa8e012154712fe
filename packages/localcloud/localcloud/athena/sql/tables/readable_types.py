"""Which stored types Athena reads as a declared type, and what it says when it cannot."""

from __future__ import annotations

from localcloud.glue.catalog.types import (
    FRACTIONS,
    INTEGERS,
    Array,
    HiveType,
    Map,
    Primitive,
    Struct,
    is_decimal,
)

STRINGS = ("string", "varchar", "char", "binary")
PHYSICAL = {
    "tinyint": "INT32",
    "smallint": "INT32",
    "int": "INT32",
    "date": "INT32",
    "bigint": "INT64",
    "timestamp": "INT64",
    "float": "FLOAT",
    "double": "DOUBLE",
    "boolean": "BOOLEAN",
}
TRINO_NAMES = {"string": "varchar", "int": "integer", "binary": "varbinary", "float": "real"}


def readable(declared: HiveType, stored: HiveType) -> bool:
    """Whether Athena reads a Parquet field of type `stored` as `declared`."""
    match declared, stored:
        case Array(left), Array(right):
            return readable(left, right)
        case Map(left_key, left_value), Map(right_key, right_value):
            return readable(left_key, right_key) and readable(left_value, right_value)
        case Struct(left_fields), Struct(right_fields):
            found = {name.lower(): kind for name, kind in right_fields}
            return all(readable(k, found.get(n.lower(), k)) for n, k in left_fields)
        case Primitive(), Primitive():
            return _readable_primitive(declared, stored)
    return False


def _readable_primitive(declared: Primitive, stored: Primitive) -> bool:
    left, right = declared.name.partition("(")[0], stored.name.partition("(")[0]
    if left in INTEGERS:
        return right in INTEGERS  # a value that does not fit fails when it is read
    if left in STRINGS:
        return right in STRINGS
    if left == "double":
        return right in FRACTIONS
    if is_decimal(declared):
        return is_decimal(stored) or right in INTEGERS
    return left == right


def physical_name(stored: HiveType) -> str:
    """The Parquet type that Athena's messages name for a stored type."""
    if isinstance(stored, Primitive):
        return PHYSICAL.get(stored.name, "INT64" if is_decimal(stored) else "BINARY")
    return str(stored)


def trino_name(declared: HiveType) -> str:
    """A type as Trino's messages write it: `row(a bigint)`, not `struct<a:bigint>`."""
    match declared:
        case Array(element):
            return f"array({trino_name(element)})"
        case Map(key, value):
            return f"map({trino_name(key)}, {trino_name(value)})"
        case Struct(fields):
            return "row(" + ", ".join(f"{name} {trino_name(kind)}" for name, kind in fields) + ")"
    return TRINO_NAMES.get(declared.name, declared.name)


def coercible(table: HiveType, partition: HiveType) -> bool:
    """Whether Athena reads a partition's column of one type into the table's column of another."""
    match table, partition:
        case Array(left), Array(right):
            return coercible(left, right)
        case Map(left_key, left_value), Map(right_key, right_value):
            return coercible(left_key, right_key) and coercible(left_value, right_value)
        case Struct(left_fields), Struct(right_fields):
            found = {name.lower(): kind for name, kind in right_fields}
            return all(coercible(k, found.get(n.lower(), k)) for n, k in left_fields)
        case Primitive(left_name), Primitive(right_name):
            widened = left_name in INTEGERS and right_name in INTEGERS
            return (
                table == partition
                or (widened and INTEGERS.index(left_name) >= INTEGERS.index(right_name))
                or (left_name, right_name) in (("double", "float"), ("float", "double"))
                or left_name.startswith(("string", "varchar"))
                or (is_decimal(table) and is_decimal(partition))
            )
    return False
