"""Trino's types: how they are written, how DuckDB holds them, and how the Data Catalog names them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from localcloud.glue.catalog.types import Array, HiveType, Map, Primitive, Struct, quote, split_top_level

INTEGERS = ("tinyint", "smallint", "integer", "bigint")
LARGEST_TEXT = 2147483647
ZONED = "timestamp with time zone"


@dataclass(frozen=True)
class Type:
    """A type of Trino's; `sizes` of varchar, char, decimal and timestamp, `parts` of array, map, row."""

    name: str
    sizes: tuple[int, ...] = ()
    parts: tuple[Type, ...] = ()
    fields: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.name == "row":
            named = zip(self.fields, self.parts, strict=True)
            return "row(" + ", ".join(f"{name} {kind}" if name else str(kind) for name, kind in named) + ")"
        if self.name == "function":
            return "function(" + ",".join(map(str, self.parts)) + ")"
        inside = ", ".join(map(str, self.parts)) or ",".join(map(str, self.sizes))
        if self.name in ("timestamp with time zone", "time with time zone"):
            head, _, tail = self.name.partition(" ")
            return f"{head}({inside}) {tail}" if inside else self.name
        return f"{self.name}({inside})" if inside else self.name

    @property
    def is_integer(self) -> bool:
        return self.name in INTEGERS

    @property
    def is_number(self) -> bool:
        return self.is_integer or self.name in ("decimal", "real", "double")

    @property
    def is_floating(self) -> bool:
        return self.name in ("real", "double")

    @property
    def is_text(self) -> bool:
        return self.name in ("varchar", "char")

    @property
    def element(self) -> Type:
        return self.parts[0]


BOOLEAN, UNKNOWN = Type("boolean"), Type("unknown")
TINYINT, SMALLINT, INTEGER, BIGINT = (Type(name) for name in INTEGERS)
REAL, DOUBLE = Type("real"), Type("double")
VARCHAR, VARBINARY, JSON, UUID = Type("varchar"), Type("varbinary"), Type("json"), Type("uuid")
DATE = Type("date")
TIME = Type("time", (3,))
TIMESTAMP, TIMESTAMP_ZONED = Type("timestamp", (3,)), Type(ZONED, (3,))
DAY_INTERVAL, MONTH_INTERVAL = Type("interval day to second"), Type("interval year to month")


def decimal(precision: int, scale: int) -> Type:
    return Type("decimal", (max(1, min(38, precision)), scale))


def varchar(length: int | None) -> Type:
    return VARCHAR if length is None else Type("varchar", (length,))


def array(element: Type) -> Type:
    return Type("array", parts=(element,))


def map_of(key: Type, value: Type) -> Type:
    return Type("map", parts=(key, value))


def row(parts: list[Type], names: list[str]) -> Type:
    return Type("row", parts=tuple(parts), fields=tuple(names))


PLAIN = {
    **{
        kind.name: kind
        for kind in (
            BOOLEAN,
            TINYINT,
            SMALLINT,
            INTEGER,
            BIGINT,
            REAL,
            DOUBLE,
            VARCHAR,
            VARBINARY,
            JSON,
            UUID,
        )
    },
    "int": INTEGER,
    "dec": decimal(38, 0),
    "decimal": decimal(38, 0),
    "char": Type("char", (1,)),
    "date": DATE,
    "time": TIME,
    "timestamp": TIMESTAMP,
    "timestamp without time zone": TIMESTAMP,
    ZONED: TIMESTAMP_ZONED,
    "interval day to second": DAY_INTERVAL,
    "interval year to month": MONTH_INTERVAL,
    "unknown": UNKNOWN,
    "double precision": DOUBLE,
}
SIZED = re.compile(r"(varchar|char|decimal|dec|numeric|time|timestamp)\s*\(([\d\s,]+)\)(.*)")


def parse_type(text: str) -> Type | None:
    """The type that a statement writes as `decimal(10, 2)` or `array(row(a bigint))`; None: no type."""
    text = " ".join(text.strip().split())
    lowered = text.lower()
    if lowered in PLAIN:
        return PLAIN[lowered]
    if found := SIZED.fullmatch(lowered):
        return _sized(found[1], [int(part) for part in found[2].split(",")], found[3].strip())
    return _nested(text)


def _sized(name: str, sizes: list[int], rest: str) -> Type | None:
    if name in ("timestamp", "time"):
        zoned = {"": name, "without time zone": name, "with time zone": f"{name} with time zone"}.get(rest)
        return (
            Type(zoned, (sizes[0],)) if zoned and len(sizes) == 1 and zoned != "time with time zone" else None
        )
    if rest or len(sizes) > (2 if name.startswith(("dec", "num")) else 1):
        return None
    if name in ("varchar", "char"):
        return Type(name, (sizes[0],))
    precision, scale = sizes[0], sizes[1] if len(sizes) > 1 else 0
    return decimal(precision, scale) if 0 < precision <= 38 and scale <= precision else None


def _nested(text: str) -> Type | None:
    found = re.fullmatch(r"(?i)(array|map|row)\s*(?:\((.*)\)|<(.*)>)", text)
    if not found:
        return None
    pieces = [piece.strip() for piece in split_top_level(found[2] or found[3])]
    if found[1].lower() == "row":
        return _row(pieces)
    parts = [parse_type(piece) for piece in pieces]
    if None in parts or len(parts) != (2 if found[1].lower() == "map" else 1):
        return None
    return Type(found[1].lower(), parts=tuple(part for part in parts if part))


def _row(pieces: list[str]) -> Type | None:
    names, parts = [], []
    for piece in pieces:
        whole = parse_type(piece)
        named = None if whole else re.fullmatch(r'("[^"]+"|\w+)\s+(.*)', piece)
        kind = whole or (parse_type(named[2]) if named else None)
        if kind is None:
            return None
        names.append(named[1].strip('"').lower() if named else "")
        parts.append(kind)
    return row(parts, names)


def duckdb_field(name: str, position: int) -> str:
    """The name of a row's field in DuckDB, whose fields all have one."""
    return name or f"field{position}"


def to_duckdb(kind: Type) -> str:
    """The type in which DuckDB holds values of a type."""
    match kind.name:
        case "array":
            return to_duckdb(kind.element) + "[]"
        case "map":
            return f"MAP({to_duckdb(kind.parts[0])}, {to_duckdb(kind.parts[1])})"
        case "row":
            named = enumerate(zip(kind.fields, kind.parts, strict=True))
            fields = (f"{quote(duckdb_field(name, at))} {to_duckdb(part)}" for at, (name, part) in named)
            return f"STRUCT({', '.join(fields)})"
        case "decimal":
            return f"DECIMAL({kind.sizes[0]}, {kind.sizes[1]})"
        case "timestamp":
            return "TIMESTAMP"
    return _DUCKDB_NAMES.get(kind.name, kind.name.upper())


_DUCKDB_NAMES = {
    "real": "FLOAT",
    "char": "VARCHAR",
    "varbinary": "BLOB",
    "json": "VARCHAR",
    "uuid": "UUID",
    ZONED: "TIMESTAMPTZ",
    "interval day to second": "INTERVAL",
    "interval year to month": "INTERVAL",
    "unknown": "INTEGER",
}


def from_hive(kind: HiveType) -> Type:
    """The type in which Athena reads a column of the catalog."""
    match kind:
        case Array(element):
            return array(from_hive(element))
        case Map(key, value):
            return map_of(from_hive(key), from_hive(value))
        case Struct(fields):
            return row([from_hive(part) for _, part in fields], [name.lower() for name, _ in fields])
    named = {"string": "varchar", "int": "integer", "binary": "varbinary", "float": "real", "void": "varchar"}
    return parse_type(named.get(kind.name, kind.name)) or VARCHAR


def to_hive(kind: Type) -> HiveType:
    """The catalog's type of a column that a query makes; `void` where Hive has none."""
    match kind.name:
        case "array":
            return Array(to_hive(kind.element))
        case "map":
            return Map(to_hive(kind.parts[0]), to_hive(kind.parts[1]))
        case "row":
            named = zip(kind.fields, kind.parts, strict=True)
            return Struct(
                tuple((duckdb_field(name, at), to_hive(part)) for at, (name, part) in enumerate(named))
            )
        case "decimal" | "char":
            return Primitive(str(kind))
        case "varchar":
            return Primitive(str(kind) if kind.sizes else "string")
        case "timestamp":
            return Primitive("timestamp")
    hive = {"integer": "int", "real": "float", "varbinary": "binary"}
    known = ("boolean", "tinyint", "smallint", "bigint", "double", "date")
    return Primitive(kind.name if kind.name in known else hive.get(kind.name, "void"))
