"""Hive's types, as the Data Catalog writes them, and their counterparts in DuckDB and Athena."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

INTEGERS = ("tinyint", "smallint", "int", "bigint")
FRACTIONS = ("float", "double")
DUCKDB_NAMES = {
    "string": "VARCHAR",
    "int": "INTEGER",
    "integer": "INTEGER",
    "binary": "BLOB",
    "void": "VARCHAR",
    "float": "REAL",
    "real": "REAL",
    "timestamp": "TIMESTAMP",
}
HIVE_NAMES = {
    "integer": "int",
    "real": "float",
    "varchar": "string",
    "enum": "string",
    "blob": "binary",
    "hugeint": "decimal(38,0)",
    "uhugeint": "decimal(38,0)",
    "ubigint": "decimal(20,0)",
    "uinteger": "bigint",
    "usmallint": "int",
    "utinyint": "smallint",
    "timestamp_s": "timestamp",
    "timestamp_ms": "timestamp",
    "timestamp_ns": "timestamp",
    "timestamp with time zone": "timestamp",
    "time": "string",
    "time with time zone": "string",
    "uuid": "string",
    "json": "string",
    "interval": "string",
    "bit": "string",
    '"null"': "unknown",
}


@dataclass(frozen=True)
class Primitive:
    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Array:
    element: HiveType

    def __str__(self) -> str:
        return f"array<{self.element}>"


@dataclass(frozen=True)
class Map:
    key: HiveType
    value: HiveType

    def __str__(self) -> str:
        return f"map<{self.key},{self.value}>"


@dataclass(frozen=True)
class Struct:
    fields: tuple[tuple[str, HiveType], ...]

    def __str__(self) -> str:
        return "struct<" + ",".join(f"{name}:{kind}" for name, kind in self.fields) + ">"


HiveType = Primitive | Array | Map | Struct

STRING = Primitive("string")
VOID = Primitive("void")
"""The type of a value that was never seen: only nulls, or the element of empty arrays."""


def split_top_level(text: str, separator: str = ",") -> list[str]:
    """Split at the separators that stand outside of any <> or ()."""
    parts, depth, start = [], 0, 0
    for position, character in enumerate(text):
        depth += (character in "<(") - (character in ">)")
        if character == separator and depth == 0:
            parts.append(text[start:position])
            start = position + 1
    return [*parts, text[start:]]


def parse(text: str) -> HiveType:
    """Parse a type of the catalog: `bigint`, `decimal(10,2)`, `array<struct<age:string,value:bigint>>`."""
    text = text.strip()
    head, _, rest = text.partition("<")
    inner = rest[: rest.rfind(">")]
    match head.strip().lower():
        case "array":
            return Array(parse(inner))
        case "map":
            key, value = split_top_level(inner)
            return Map(parse(key), parse(value))
        case "struct":
            pairs = [field.partition(":") for field in split_top_level(inner)]
            return Struct(tuple((name.strip(), parse(kind)) for name, _, kind in pairs))
    name = text.lower()
    return Primitive({"integer": "int", "real": "float"}.get(name, name))


def is_decimal(kind: HiveType) -> bool:
    return isinstance(kind, Primitive) and kind.name.startswith("decimal")


def merge(left: HiveType, right: HiveType) -> HiveType:
    """The narrowest type that holds both; `string` when nothing else does.

    int and bigint give bigint, an integer and a fraction give double, structs give the union of
    their fields (compared without case, first spelling kept).
    """
    if left == right or right == VOID:
        return left
    if left == VOID:
        return right
    if isinstance(left, Array) and isinstance(right, Array):
        return Array(merge(left.element, right.element))
    if isinstance(left, Map) and isinstance(right, Map):
        return Map(merge(left.key, right.key), merge(left.value, right.value))
    if isinstance(left, Struct) and isinstance(right, Struct):
        return Struct(tuple(merge_fields(left.fields, right.fields)))
    if isinstance(left, Primitive) and isinstance(right, Primitive):
        return _merge_primitives(left, right)
    return STRING


def merge_fields(
    left: tuple[tuple[str, HiveType], ...], right: tuple[tuple[str, HiveType], ...]
) -> list[tuple[str, HiveType]]:
    """Fields of both structs by name, whatever its case; the left ones first, as spelt there."""
    merged = {name.lower(): (name, kind) for name, kind in left}
    for name, kind in right:
        known = merged.get(name.lower())
        merged[name.lower()] = (known[0], merge(known[1], kind)) if known else (name, kind)
    return list(merged.values())


def _merge_primitives(left: Primitive, right: Primitive) -> Primitive:
    names = {left.name, right.name}
    if names <= set(INTEGERS):
        return Primitive(max(names, key=INTEGERS.index))
    if names <= {*INTEGERS, *FRACTIONS}:
        return Primitive("double")
    if is_decimal(left) and is_decimal(right):
        return _merge_decimals(left, right)
    if any(is_decimal(kind) for kind in (left, right)) and names & {*INTEGERS, *FRACTIONS}:
        return Primitive("double")
    return Primitive("timestamp") if names == {"date", "timestamp"} else STRING


def _merge_decimals(left: Primitive, right: Primitive) -> Primitive:
    sizes = [tuple(int(part) for part in kind.name[8:-1].split(",")) for kind in (left, right)]
    scale = max(size[1] for size in sizes)
    digits = max(size[0] - size[1] for size in sizes)
    return Primitive(f"decimal({min(38, digits + scale)},{scale})")


def settle(kind: HiveType) -> HiveType:
    """Replace what was never seen by `string`, which is what a crawler writes for it."""
    match kind:
        case Array(element):
            return Array(settle(element))
        case Map(key, value):
            return Map(settle(key), settle(value))
        case Struct(fields):
            return Struct(tuple((name, settle(field)) for name, field in fields)) if fields else STRING
    return STRING if kind == VOID else kind


def from_duckdb(kind: Any) -> HiveType:
    """Translate a `duckdb.sqltypes.DuckDBPyType`."""
    if kind.id in ("list", "array"):
        return Array(from_duckdb(kind.children[0][1]))
    if kind.id == "map":
        (_, key), (_, value) = kind.children
        return Map(from_duckdb(key), from_duckdb(value))
    if kind.id == "struct":
        return Struct(tuple((name, from_duckdb(child)) for name, child in kind.children))
    if kind.id == "decimal":
        (_, precision), (_, scale) = kind.children
        return Primitive(f"decimal({precision},{scale})")
    name = str(kind).lower()
    return Primitive(HIVE_NAMES.get(name, name))


def primitives(kind: HiveType) -> Iterator[Primitive]:
    """The types of the values that a value of this type is made of: itself, or the parts of its parts."""
    match kind:
        case Array(element):
            yield from primitives(element)
        case Map(key, value):
            yield from (*primitives(key), *primitives(value))
        case Struct(fields):
            for _, field in fields:
                yield from primitives(field)
        case Primitive():
            yield kind


def to_duckdb(kind: HiveType) -> str:
    """The DuckDB type in which Athena's values of this type are held."""
    match kind:
        case Array(element):
            return to_duckdb(element) + "[]"
        case Map(key, value):
            return f"MAP({to_duckdb(key)}, {to_duckdb(value)})"
        case Struct(fields):
            return "STRUCT(" + ", ".join(f"{quote(n.lower())} {to_duckdb(k)}" for n, k in fields) + ")"
    name = kind.name
    if name.startswith(("varchar", "char")):
        return "VARCHAR"
    return DUCKDB_NAMES.get(name, name.upper())


def quote(name: str) -> str:
    """An identifier of SQL in double quotes."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """A string literal of SQL."""
    return "'" + value.replace("'", "''") + "'"
