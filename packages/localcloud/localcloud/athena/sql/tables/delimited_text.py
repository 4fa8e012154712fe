"""Values in delimited text as Hive's LazySimpleSerDe writes them: each level of nesting has a separator."""

from __future__ import annotations

from collections.abc import Mapping

from localcloud.athena.sql.errors import unsupported
from localcloud.glue.catalog.types import (
    STRING,
    Array,
    HiveType,
    Map,
    Primitive,
    Struct,
    literal,
    quote,
    to_duckdb,
)

NULL_TEXT = "\\N"
DELIMITERS = {"\\t": "\t", "\\001": "\x01", "\\u0001": "\x01", "\\x01": "\x01", "1": "\x01"}
_FURTHER = "\x04\x05\x06\x07\x08"


def field_delimiter(parameters: Mapping[str, str]) -> str:
    """What stands between two columns."""
    found = parameters.get("field.delim") or parameters.get("serialization.format") or "\x01"
    return DELIMITERS.get(found, found)


def null_text(parameters: Mapping[str, str]) -> str:
    """The text that stands for NULL."""
    return parameters.get("serialization.null.format", NULL_TEXT)


def is_nested(kind: HiveType) -> bool:
    """Whether values of the type have parts."""
    return isinstance(kind, Array | Map | Struct)


def _separator(parameters: Mapping[str, str], level: int) -> str:
    """DuckDB's literal of what stands between the parts of a value, level 0 being a column's own."""
    items = parameters.get("collection.delim") or parameters.get("colelction.delim") or "\x02"  # Hive's typo
    known = [items, parameters.get("mapkey.delim") or "\x03", *_FURTHER]
    if level >= len(known):
        raise unsupported("types that are nested so deeply in delimited text")
    return literal(DELIMITERS.get(known[level], known[level]))


def read_nested(text: str, kind: HiveType, parameters: Mapping[str, str], level: int = 0) -> str:
    """DuckDB's SQL for the value of a text; as in Hive, what does not fit a type is NULL in it."""
    if not is_nested(kind):
        return f"CASE WHEN {text} <> {literal(null_text(parameters))} THEN {_plain(text, kind)} END"
    between, item = _separator(parameters, level), f"__item{level}"
    items = f"CASE WHEN {text} = '' THEN [] ELSE string_split({text}, {between}) END"
    match kind:
        case Array(element):
            made = read_nested(item, element, parameters, level + 1)
            return f"list_transform({items}, lambda {item}: {made})"
        case Map(key, value):
            mark = _separator(parameters, level + 1)
            name = read_nested(f"split_part({item}, {mark}, 1)", key, parameters, level + 2)
            rest = f"nullif(substr({item}, length(split_part({item}, {mark}, 1)) + 1), '')"
            given = read_nested(f"substr({rest}, 2)", value, parameters, level + 2)
            entries = f"list_transform({items}, lambda {item}: struct_pack(key := {name}, value := {given}))"
            return f"map_from_entries(list_filter({entries}, lambda __entry: __entry.key IS NOT NULL))"
        case Struct(fields):
            made = ", ".join(
                f"{quote(name.lower())} := {read_nested(f'({items})[{at}]', part, parameters, level + 1)}"
                for at, (name, part) in enumerate(fields, 1)
            )
            return f"CASE WHEN {text} IS NOT NULL THEN struct_pack({made}) END"
    raise unsupported(f"the type {kind} in delimited text")


def _plain(text: str, kind: HiveType) -> str:
    if kind == STRING or str(kind).startswith(("varchar", "char")):
        return text
    if kind == Primitive("binary"):
        return read_binary(text)
    return f"TRY_CAST({text} AS {to_duckdb(kind)})"


def read_binary(text: str) -> str:
    """Base64, or the bytes as they are."""
    return f"coalesce(TRY(from_base64({text})), encode({text}))"


def write_text(value: str, kind: HiveType, parameters: Mapping[str, str], level: int = 0) -> str:
    """DuckDB's SQL for the text of a value, NULL where the value is."""
    item = f"__item{level}"
    match kind:
        case Array(element):
            made = _part(item, element, parameters, level + 1)
            items = f"list_transform({value}, lambda {item}: {made})"
            return f"array_to_string({items}, {_separator(parameters, level)})"
        case Map(key, content):
            mark = _separator(parameters, level + 1)
            name = _part(f"{item}.key", key, parameters, level + 2)
            given = _part(f"{item}.value", content, parameters, level + 2)
            items = f"list_transform(map_entries({value}), lambda {item}: {name} || {mark} || {given})"
            return f"array_to_string({items}, {_separator(parameters, level)})"
        case Struct(fields):
            parts = [_part(f"{value}.{quote(name)}", part, parameters, level + 1) for name, part in fields]
            joined = f"concat_ws({_separator(parameters, level)}, {', '.join(parts)})"
            return f"CASE WHEN {value} IS NOT NULL THEN {joined} END"
    return f"to_base64({value})" if kind == Primitive("binary") else f"CAST({value} AS VARCHAR)"


def _part(value: str, kind: HiveType, parameters: Mapping[str, str], level: int) -> str:
    return f"coalesce({write_text(value, kind, parameters, level)}, {literal(null_text(parameters))})"
