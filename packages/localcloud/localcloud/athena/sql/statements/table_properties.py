"""WITH (...) of CREATE TABLE AS and UNLOAD: read as a whole, and what it says of how rows are written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localcloud.athena.sql.errors import QueryError, unsupported
from localcloud.athena.sql.statements.hive_texts import unescape
from localcloud.athena.sql.tables.delimited_text import is_nested, null_text, write_text
from localcloud.glue.catalog.table_objects import split_location
from localcloud.glue.catalog.types import HiveType, literal, quote

FORMATS = {"parquet": "parquet", "json": "json", "textfile": "csv"}
CREATED = {
    **dict.fromkeys(("format", "external_location", "field_delimiter", "table_type"), str),
    **dict.fromkeys(("write_compression", "parquet_compression"), str),
    "partitioned_by": list,
    "is_external": bool,
}
UNLOADED = {**dict.fromkeys(("format", "compression", "field_delimiter"), str), "partitioned_by": list}
_TEXT = r"'(?:[^']|'')*'"
_PROPERTY = re.compile(
    rf"\s*(\w+)\s*=\s*(?:({_TEXT})|array\s*\[\s*((?:{_TEXT}\s*(?:,\s*{_TEXT}\s*)*)?)\]|(true|false|\d+))\s*(?=,|$)",
    re.IGNORECASE,
)
_CODECS = {
    "parquet": ("snappy", "gzip", "zstd", "none", "uncompressed"),
    "json": ("gzip", "none", "uncompressed"),
    "csv": ("gzip", "none", "uncompressed"),
}
_CODECS_OF_ATHENA = ("brotli", "bzip2", "deflate", "gzip", "lz4", "lzo", "none", "snappy", "zlib", "zstd")


@dataclass(frozen=True)
class Target:
    """Where and how rows are written."""

    location: str
    form: str
    keys: list[str]
    delimiter: str = "\x01"
    compression: str = ""
    serde: Mapping[str, str] = field(default_factory=dict)
    """What the SerDe of the table says of delimited text."""

    @property
    def copy_options(self) -> str:
        """DuckDB's options of COPY."""
        codec = self.compression.lower()
        if self.form == "parquet":
            codecs = {"": "snappy", "none": "uncompressed"}
            return f"FORMAT parquet, COMPRESSION {codecs.get(codec, codec)}"
        packed = "" if codec in ("none", "uncompressed") else ", COMPRESSION gzip"
        if self.form == "json":
            return f"FORMAT json{packed}"
        delimiter, null = literal(self.delimiter), literal(null_text(self.serde))
        return f"FORMAT csv, HEADER false, QUOTE '', ESCAPE '', NULLSTR {null}, DELIMITER {delimiter}{packed}"

    def written(self, name: str, kind: HiveType) -> str:
        """A column as DuckDB's COPY gets it: in delimited text what has parts is one text."""
        column = quote(name)
        if self.form != "csv" or not (is_nested(kind) or str(kind) == "binary"):
            return _optional(column)
        return f"{write_text(column, kind, self.serde)} AS {column}"


def _optional(column: str) -> str:
    """A column that may be NULL, as every one is in a table of Hive: DuckDB makes the others REQUIRED."""
    return f"CASE WHEN {column} IS NOT NULL THEN {column} END AS {column}"


_ICEBERG = re.compile(r"\btable_type\s*=\s*'iceberg'", re.IGNORECASE)


def properties(text: str | None, known: Mapping[str, type]) -> dict[str, Any]:
    """The properties by their names in lower case, each of its type; none where there is no WITH."""
    found: dict[str, Any] = {}
    at = 0
    while text is not None and at <= len(text):
        item = _PROPERTY.match(text, at)
        if item is None:
            raise _wrong_value(text[at:])
        name = item[1].lower()
        if name not in known:
            hive = "table_type" not in known or not _ICEBERG.search(text)
            raise unsupported(f"the property {name}" if hive else "table_type iceberg")
        if name in found:
            raise QueryError(f"DUPLICATE_PROPERTY: line 1:1: Duplicate property: {name}")
        found[name] = _value(item, known[name])
        at = item.end() + 1
    return found


def _wrong_value(rest: str) -> QueryError:
    """What is no property, or none with a constant as its value."""
    named = re.match(r"\s*(\w+)\s*=\s*([^,]*)", rest)
    if named and re.search(r"\w\s*\(|\|\|", named[2]):
        return unsupported(f"an expression as the value of the property {named[1].lower()}")
    if named:
        return _invalid(f"Invalid value for table property '{named[1].lower()}': {named[2].strip()}")
    words = rest.split()
    return QueryError(f"SYNTAX_ERROR: line 1:1: mismatched input '{words[0] if words else ')'}'")


def _value(item: re.Match[str], kind: type) -> Any:
    text, array, plain = item[2], item[3], item[4]
    given = str if text is not None else list if array is not None else int if plain.isdigit() else bool
    if given is not kind:
        shown = {str: "varchar", list: "array(varchar)", bool: "boolean"}[kind]
        written = item[0].partition("=")[2].strip()
        raise _invalid(
            f"Invalid value for table property '{item[1].lower()}': Cannot convert [{written}] to {shown}"
        )
    if given is bool:
        return plain.lower() == "true"
    texts = [one[1:-1].replace("''", "'") for one in re.findall(_TEXT, text if array is None else array)]
    return texts[0] if given is str else texts


def _invalid(reason: str) -> QueryError:
    return QueryError(f"INVALID_TABLE_PROPERTY: {reason}")


def target(options: Mapping[str, Any], location: str, delimiter: str) -> Target:
    """How the properties say that rows are written; `delimiter` is that of delimited text without one."""
    name = options.get("format", "parquet").lower()
    if name not in FORMATS:
        raise unsupported(f"writing the format {name.upper()}")
    form = FORMATS[name]
    keys = [key.lower() for key in options.get("partitioned_by", ())]
    return Target(location, form, keys, _delimiter(options, name, delimiter), _compression(options, form))


def _delimiter(options: Mapping[str, Any], name: str, default: str) -> str:
    given: str | None = options.get("field_delimiter")
    if given is None:
        return default
    if name != "textfile":
        raise _invalid(f"Cannot specify field_delimiter table property for storage format: {name.upper()}")
    if len(unescape(given)) != 1:
        raise _invalid(f"field_delimiter must be a single character string, but was: '{given}'")
    return given


def _compression(options: Mapping[str, Any], form: str) -> str:
    names = ("write_compression", "parquet_compression", "compression")
    found = [options[name] for name in names if options.get(name)]
    if len({one.lower() for one in found}) > 1:
        raise _invalid("Only one of the properties write_compression and parquet_compression can be given")
    given: str = found[0] if found else ""
    if given and given.lower() not in _CODECS[form]:
        if given.lower() in _CODECS_OF_ATHENA:
            raise unsupported(f"writing {form.upper()} with the compression {given.upper()}")
        raise _invalid(f"Invalid compression: {given}")
    return given


def folder(location: str) -> str:
    """A location with a slash at its end. Raises what is none of S3."""
    try:
        split_location(location)
    except ValueError:
        raise _invalid(f"External location is not a valid file system URI: {location}") from None
    return location.rstrip("/") + "/"
