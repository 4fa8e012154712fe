"""Values of JSON as the declared types: whole numbers are read as texts, where DuckDB would round."""

from __future__ import annotations

from localcloud.athena.sql.tables.delimited_text import parsed
from localcloud.glue.catalog.types import INTEGERS, Array, HiveType, Map, Struct, primitives, quote, to_duckdb


def read_type(kind: HiveType) -> str:
    """How DuckDB reads it: a whole number as the text that it is."""
    match kind:
        case Array(element):
            return read_type(element) + "[]"
        case Map(key, value):
            return f"MAP({read_type(key)}, {read_type(value)})"
        case Struct(fields):
            return "STRUCT(" + ", ".join(f"{quote(name)} {read_type(field)}" for name, field in fields) + ")"
    return "VARCHAR" if str(kind) in INTEGERS else to_duckdb(kind)


def has_integers(kind: HiveType) -> bool:
    """Whether values of the type are whole numbers or have some within."""
    return any(str(part) in INTEGERS for part in primitives(kind))


def whole_numbers(value: str, kind: HiveType, index: int, level: int = 0) -> str:
    """A value with its whole numbers: DuckDB would round one with a fraction, where Athena fails."""
    item = f"__item{level}"
    if not has_integers(kind):
        return value
    match kind:
        case Array(element):
            return f"list_transform({value}, lambda {item}: {whole_numbers(item, element, index, level + 1)})"
        case Map(key, content):
            name = whole_numbers(f"{item}.key", key, index, level + 1)
            made = whole_numbers(f"{item}.value", content, index, level + 1)
            entry = f"struct_pack(key := {name}, value := {made})"
            return f"map_from_entries(list_transform(map_entries({value}), lambda {item}: {entry}))"
        case Struct(fields):
            parts = (
                f"{quote(name)} := {whole_numbers(f'{value}.{quote(name)}', part, index, level + 1)}"
                for name, part in fields
            )
            return f"CASE WHEN {value} IS NOT NULL THEN struct_pack({', '.join(parts)}) END"
    return or_bad(parsed(value, kind), value, value, index)


def or_bad(made: str, value: str, column: str, index: int) -> str:
    """What was made of a value; where that is NULL and the value is not, the query fails."""
    return f"coalesce({made}, hive_bad_field({value}, {column}, {index}))"
