"""Values made into another type: where Trino does it unasked, and by CAST."""

from __future__ import annotations

from sqlglot import exp

from localcloud.athena.sql.trino import types
from localcloud.athena.sql.trino.coercions import coercible as coercible
from localcloud.athena.sql.trino.context import Context, Typed
from localcloud.athena.sql.trino.functions import json_values, texts
from localcloud.athena.sql.trino.types import Type, duckdb_field, to_duckdb
from localcloud.glue.catalog.types import literal, quote

ERROR_NAMES = {"integer": "INT"}
NUMBERS = ("tinyint", "smallint", "integer", "bigint", "decimal", "real", "double")
TIMES = ("date", "timestamp", types.ZONED)
MOMENTS = ("timestamp", types.ZONED)
MICROSECONDS = 6
PLAIN = (*NUMBERS, "boolean", *TIMES, "time", "varchar", "char", "uuid", *("interval day to second",), "json")
CASTS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(NUMBERS, (*NUMBERS, "boolean", "varchar", "char", "json")),
    "boolean": (*NUMBERS, "boolean", "varchar", "char", "json"),
    "varchar": (*NUMBERS, "boolean", *TIMES, "time", "varchar", "char", "json", "uuid", "varbinary"),
    "char": (*NUMBERS, "boolean", *TIMES, "varchar", "char"),
    "date": (*TIMES, "varchar", "char", "json"),
    "timestamp": (*TIMES, "time", "varchar", "char", "json"),
    types.ZONED: (*TIMES, "time", "varchar", "char"),
    "time": ("time", "varchar", "char"),
    "varbinary": ("varbinary", "uuid"),
    "json": (*NUMBERS, "boolean", "varchar", "json", "array", "map", "row", "date", "timestamp"),
    "uuid": ("uuid", "varchar", "varbinary"),
    "array": ("array", "json"),
    "map": ("map", "json"),
    "row": ("row", "json"),
    "interval day to second": ("interval day to second", "varchar"),
    "interval year to month": ("interval year to month", "varchar"),
}


def castable(source: Type, target: Type) -> bool:
    """Whether Trino has a CAST from one type to the other."""
    if source == types.UNKNOWN or source == target:
        return True
    if target.name not in CASTS.get(source.name, ()):
        return False
    if source.name == target.name and source.parts:
        pairs = zip(source.parts, target.parts, strict=False)
        return len(source.parts) == len(target.parts) and all(castable(a, b) for a, b in pairs)
    return True


def coerce(value: Typed, target: Type, context: Context) -> Typed:
    """A value where another type is asked for; the analysis has made sure that it may be one."""
    source = value.kind
    if source == target:
        return value
    if source == types.UNKNOWN or to_duckdb(source) == to_duckdb(target) != "VARCHAR":
        return Typed(f"CAST({value.sql} AS {to_duckdb(target)})", target)
    return Typed(_converted(value, target, context), target)


def _converted(value: Typed, target: Type, context: Context) -> str:
    source = value.kind
    if target.name == "row":
        return _row(value, target, context)
    if target.name == "array":
        name = context.new_name("e")
        inner = coerce(Typed(name, source.element), target.element, context)
        return f"list_transform({value.sql}, lambda {name}: {inner.sql})"
    if target.name == "map":
        key, item = (coerce(Typed(f"__e.{part}", kind), wanted, context).sql for part, kind, wanted in zip(
            ("key", "value"), source.parts, target.parts, strict=True))  # fmt: skip
        pair = f"struct_pack(key := {key}, value := {item})"
        entries = f"list_transform(map_entries({value.sql}), lambda __e: {pair})"
        return f"map_from_entries({entries})"
    if target.name == "char":
        return f"rpad({value.sql}, {target.sizes[0]}, ' ')"
    if target.name == "varchar":
        return value.sql
    return f"CAST({value.sql} AS {to_duckdb(target)})"


def _row(value: Typed, target: Type, context: Context, *, explicit: bool = False, safe: bool = False) -> str:
    """A row with other fields: by position, as in Trino, where DuckDB goes by name."""
    pieces = []
    for at, (name, kind) in enumerate(zip(value.kind.fields, value.kind.parts, strict=True)):
        field = Typed(f"struct_extract({value.sql}, {literal(duckdb_field(name, at))})", kind)
        wanted = target.parts[at]
        made = cast(field, wanted, context, safe=safe).sql if explicit else coerce(field, wanted, context).sql
        pieces.append(f"{quote(duckdb_field(target.fields[at], at))} := {made}")
    return f"CASE WHEN {value.sql} IS NULL THEN NULL ELSE struct_pack({', '.join(pieces)}) END"


def checked_cast(value: Typed, target: Type, node: exp.Expression, context: Context, *, safe: bool) -> Typed:
    """CAST or TRY_CAST as a statement writes it; TYPE_MISMATCH where Trino has none."""
    if not castable(value.kind, target):
        raise context.error("TYPE_MISMATCH", node, f"Cannot cast {value.kind} to {target}")
    return cast(value, target, context, safe=safe)


def cast(value: Typed, target: Type, context: Context, *, safe: bool) -> Typed:
    """A value as another type by Trino's rules; `safe` gives NULL where it has none."""
    source = value.kind
    duck = to_duckdb(target)
    if source == types.UNKNOWN:
        return Typed(f"CAST(NULL AS {duck})", target)
    if source == target and target.name not in ("row", "array", "map"):
        return value
    if "json" in (source.name, target.name):
        return Typed(json_values.cast(value, target, context, safe=safe), target)
    if target.name == "row":
        return Typed(_row(value, target, context, explicit=True, safe=safe), target)
    if target.name in ("array", "map"):
        return Typed(_nested(value, target, context, safe=safe), target)
    if target.is_text:
        return Typed(_text(value, target, context, safe=safe), target)
    if source.is_text:
        return Typed(_rounded(_from_text(value, target, safe=safe), 12, target), target)
    if source.is_floating and target.is_integer:
        return Typed(_checked(f"round({value.sql})", duck, safe=safe), target)
    if source.is_floating and target.name == "decimal":  # by its shortest digits, as Java writes it
        return Typed(_checked(f"CAST({value.sql} AS VARCHAR)", duck, safe=safe), target)
    digits = (source.sizes or (3,))[0] if source.name in (*MOMENTS, "time") else 0
    return Typed(_rounded(_checked(_local(value, target), duck, safe=safe), digits, target), target)


def _local(value: Typed, target: Type) -> str:
    """A moment without its zone where it becomes a time: DuckDB has no cast for that."""
    zoned = value.kind.name == types.ZONED and target.name == "time"
    return f"CAST({value.sql} AS TIMESTAMP)" if zoned else value.sql


def _rounded(sql: str, digits: int, target: Type) -> str:
    """A timestamp or time with no more digits than its type has: Trino rounds, DuckDB keeps microseconds.

    What is rounded up to midnight is the beginning of the day.
    """
    wanted = (target.sizes or (3,))[0]
    if target.name not in (*MOMENTS, "time") or digits <= wanted or wanted >= MICROSECONDS:
        return sql
    sql = f"(DATE '1970-01-01' + {sql})" if target.name == "time" else sql
    return f"CAST(trino_rounded({sql}, {10 ** (MICROSECONDS - wanted)}) AS {to_duckdb(target)})"


def _checked(sql: str, duck: str, *, safe: bool) -> str:
    return f"{'TRY_CAST' if safe else 'CAST'}({sql} AS {duck})"


def _nested(value: Typed, target: Type, context: Context, *, safe: bool) -> str:
    if target.name == "array":
        name = context.new_name("e")
        inner = cast(Typed(name, value.kind.element), target.element, context, safe=safe)
        return f"list_transform({value.sql}, lambda {name}: {inner.sql})"
    key, item = (
        cast(Typed(f"__e.{part}", kind), wanted, context, safe=safe).sql
        for part, kind, wanted in zip(("key", "value"), value.kind.parts, target.parts, strict=True)
    )
    entries = (
        f"list_transform(map_entries({value.sql}), lambda __e: struct_pack(key := {key}, value := {item}))"
    )
    return f"map_from_entries({entries})"


def _text(value: Typed, target: Type, context: Context, *, safe: bool) -> str:
    """Text is cut to its length; what is written of another type has to fit."""
    written = texts.written(value, context)
    if target.name == "char":
        return f"rpad(left({written}, {target.sizes[0]}), {target.sizes[0]}, ' ')"
    if not target.sizes or (
        value.kind.name == "varchar" and value.kind.sizes and value.kind.sizes <= target.sizes
    ):
        return written
    if value.kind.is_text:
        return f"left({written}, {target.sizes[0]})"
    if safe:
        return f"CASE WHEN length({written}) <= {target.sizes[0]} THEN {written} END"
    return f"trino_fit({written}, {target.sizes[0]})"


def _from_text(value: Typed, target: Type, *, safe: bool) -> str:
    """Text read as Trino reads it: DuckDB takes more, such as ` 1` and `1.5` for an integer."""
    text = f"rtrim({value.sql}, ' ')" if value.kind.name == "char" else value.sql
    duck = to_duckdb(target)
    if target == types.VARBINARY:
        return f"encode({text})"
    reader = {types.ZONED: "trino_in_utc", "timestamp": "trino_timestamp"}.get(target.name)
    parsed = f"TRY_CAST({f'{reader}({text})' if reader else text} AS {duck})"
    if pattern := texts.PATTERNS.get("integer" if target.is_integer else target.name):
        bare = f"trim({text})" if target.name == "timestamp" else text
        parsed = f"CASE WHEN regexp_full_match({bare}, {literal(pattern)}) THEN {parsed} END"
    if safe:
        return parsed
    return f"trino_cast({parsed}, {text}, {literal(complaint(target))})"


def complaint(target: Type) -> str:
    """How Trino begins to say that a text is no value of a type; the text comes where `?` stands."""
    if target.name in TIMES:
        return f"INVALID_CAST_ARGUMENT: Value cannot be cast to {target.name}: ?"
    if target.name == "decimal":
        precision, scale = target.sizes
        return f"INVALID_CAST_ARGUMENT: Cannot cast VARCHAR '?' to DECIMAL({precision}, {scale})"
    return f"INVALID_CAST_ARGUMENT: Cannot cast '?' to {ERROR_NAMES.get(target.name, target.name.upper())}"
