"""Values in delimited text as Hive's LazySimpleSerDe writes them: each level of nesting has a separator."""

from __future__ import annotations

import re
from collections.abc import Mapping

from localcloud.athena.sql.errors import unsupported
from localcloud.glue.catalog.types import (
    INTEGERS,
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
DELIMITERS = {"\\t": "\t", "\\001": "\x01", "\\u0001": "\x01", "\\x01": "\x01"}
_FURTHER = "\x04\x05\x06\x07\x08"
_WHOLE = r"[+-]?\d+"
_FRACTION = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_DATE = r"\d{4}-\d{1,2}-\d{1,2}"
_FORMS = {
    **dict.fromkeys(INTEGERS, _WHOLE),
    **dict.fromkeys(("float", "double"), rf"{_FRACTION}|[+-]?(?:NaN|Infinity)"),
    "decimal": _FRACTION,
    "boolean": "(?i)true|false",
    "date": _DATE,
    "timestamp": rf"{_DATE}(?: \d{{1,2}}:\d{{1,2}}(?::\d{{1,2}}(?:\.\d{{1,9}})?)?)?",
}
"""How a text looks that Hive takes for a value of a type; DuckDB's own casts take more, and round."""


def field_delimiter(parameters: Mapping[str, str]) -> str:
    """What stands between two columns."""
    found = parameters.get("field.delim") or parameters.get("serialization.format") or "\x01"
    return one_byte(found)


def one_byte(given: str) -> str:
    """The byte that stands between parts: the character, or the one whose number is written, as in Hive."""
    found = DELIMITERS.get(given, given)
    if re.fullmatch(r"\+?\d{1,3}", found) and int(found) < 128:
        return chr(int(found))
    if len(found) != 1 or not found.isascii():
        raise unsupported(f"the delimiter {found!r} of LazySimpleSerDe, which is not one byte")
    return found


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
    return literal(one_byte(known[level]))


def read_nested(text: str, kind: HiveType, parameters: Mapping[str, str], level: int = 0) -> str:
    """DuckDB's SQL for the value of a text; as in Hive, what does not fit a type is NULL in it."""
    made = _parts(text, kind, parameters, level) if is_nested(kind) else parsed(text, kind)
    return f"CASE WHEN {text} <> {literal(null_text(parameters))} THEN {made} END"


def _parts(text: str, kind: HiveType, parameters: Mapping[str, str], level: int) -> str:
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
            return _map_of(entries)
        case Struct(fields):
            made = ", ".join(
                f"{quote(name.lower())} := {read_nested(f'({items})[{at}]', part, parameters, level + 1)}"
                for at, (name, part) in enumerate(fields, 1)
            )
            return f"struct_pack({made})"
    raise unsupported(f"the type {kind} in delimited text")


def _map_of(entries: str) -> str:
    """The map of a list of entries: one without a key is none, and of equal keys the first counts."""
    keys = "list_transform(__entries, lambda __other: __other.key)"
    first = f"__entry.key IS NOT NULL AND list_position({keys}, __entry.key) = __at"
    made = f"map_from_entries(list_filter(__entries, lambda __entry, __at: {first}))"
    return f"list_transform([{entries}], lambda __entries: {made})[1]"


def parsed(text: str, kind: HiveType) -> str:
    """DuckDB's SQL for a text as a value without parts, NULL where Hive does not take it for one."""
    if kind == STRING or str(kind).startswith(("varchar", "char")):
        return text
    if kind == Primitive("binary"):
        return read_binary(text)
    made = f"TRY_CAST({text} AS {to_duckdb(kind)})"
    form = _FORMS.get(str(kind).partition("(")[0])
    return f"CASE WHEN regexp_full_match({text}, {literal(form)}) THEN {made} END" if form else made


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
