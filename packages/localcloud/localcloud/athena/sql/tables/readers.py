"""Reads local copies of a table's files with the types that the catalog declares."""

from __future__ import annotations

import bz2
import csv
import gzip
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from localcloud.athena.sql.errors import QueryError, unsupported
from localcloud.athena.sql.tables.readable_types import physical_name, readable, trino_name
from localcloud.glue.catalog.parquet import parquet_columns
from localcloud.glue.catalog.table_objects import S3Object
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

Columns = list[tuple[str, HiveType]]
NULL_TEXT = "\\N"
LAZY_DELIMITERS = {"\\t": "\t", "\\001": "\x01", "\\u0001": "\x01", "\\x01": "\x01", "1": "\x01"}


@dataclass(frozen=True)
class LocalFiles:
    """Copies under `root/__partition=<index>/`, each with the object it came from."""

    root: Path
    origin: Mapping[Path, S3Object]

    @property
    def source(self) -> str:
        return literal(str(self.root / "*" / "*"))


@dataclass(frozen=True)
class Relation:
    """A table function of DuckDB, and for each declared column the expression that reads it."""

    source: str
    expressions: Mapping[str, str]


def read(connection: Any, form: str, descriptor: Mapping[str, Any], table_parameters: Mapping[str, str],
         columns: Columns, wanted: set[str] | None, files: LocalFiles) -> Relation:  # fmt: skip
    """The relation of one format; `wanted` names the columns that the query touches (None: all)."""
    if form == "parquet":
        return _parquet(connection, columns, wanted, files)
    if form == "json":
        return _json(connection, columns, files)
    skip = int(table_parameters.get("skip.header.line.count") or 0)
    parameters = (descriptor.get("SerdeInfo") or {}).get("Parameters") or {}
    return _delimited(form, parameters, skip, columns, files)


def _cast(name: str, kind: HiveType) -> str:
    return f"CAST({quote(name)} AS {to_duckdb(kind)})"


def _parquet(connection: Any, columns: Columns, wanted: set[str] | None, files: LocalFiles) -> Relation:
    stored = parquet_columns(connection, [str(path) for path in files.origin])
    spelled: dict[str, str] = {}
    checked: set[tuple[tuple[str, HiveType], ...]] = set()
    for path, fields in stored.items():
        if fields in checked:
            continue
        checked.add(fields)
        found = {name.lower(): (name, kind) for name, kind in fields}
        spelled.update({lower: name for lower, (name, _) in found.items() if lower not in spelled})
        for name, declared in columns:
            if (
                name in found
                and (wanted is None or name in wanted)
                and not readable(declared, found[name][1])
            ):
                raise QueryError(
                    f"HIVE_BAD_DATA: Malformed Parquet file. Field {name}'s type "
                    f"{physical_name(found[name][1])} in parquet file {files.origin[Path(path)].url} "
                    f"is incompatible with type {trino_name(declared)} "
                    "defined in table schema"
                )
    source = f"read_parquet({files.source}, union_by_name=true, hive_partitioning=true)"
    touched = [(name, kind) for name, kind in columns if wanted is None or name in wanted]
    return Relation(source, {name: _cast(spelled[name], kind) for name, kind in touched if name in spelled})


def _json(connection: Any, columns: Columns, files: LocalFiles) -> Relation:
    """OpenX's SerDe matches keys without case; DuckDB does not, so the files' own spelling is looked up."""
    declared = dict(columns)
    try:
        detected = connection.execute(
            f"DESCRIBE SELECT * FROM read_json({files.source}, format='newline_delimited', sample_size=-1, "  # noqa: S608
            "auto_detect=true, convert_strings_to_integers=false, union_by_name=true, "
            "hive_partitioning=true, maximum_object_size=67108864)"
        ).fetchall()
    except duckdb.Error as error:
        raise bad_json(error, files) from error
    spelled: dict[str, tuple[str, HiveType]] = {}
    for name, kind, *_ in detected:
        if name.lower() in declared and name.lower() not in spelled:
            spelled[name.lower()] = (name, _respell(declared[name.lower()], duckdb.sqltype(kind)))
    if not spelled:
        source = f"read_ndjson_objects({files.source}, hive_partitioning=true)"
        return Relation(source, {})
    shape = ", ".join(f"{literal(name)}: {literal(_json_type(kind))}" for name, kind in spelled.values())
    source = (
        f"read_json({files.source}, format='newline_delimited', columns={{{shape}}}, "
        "hive_partitioning=true, maximum_object_size=67108864)"
    )
    return Relation(source, {lower: _cast(name, declared[lower]) for lower, (name, _) in spelled.items()})


def _respell(declared: HiveType, detected: Any) -> HiveType:
    """The declared type with the field names spelled as in the data."""
    if isinstance(declared, Array) and detected.id == "list":
        return Array(_respell(declared.element, detected.children[0][1]))
    if isinstance(declared, Struct) and detected.id == "struct":
        found = {name.lower(): (name, kind) for name, kind in detected.children}
        fields = [(n, k, *found.get(n.lower(), (n, None))) for n, k in declared.fields]
        return Struct(tuple((actual, _respell(k, d) if d is not None else k) for _, k, actual, d in fields))
    if isinstance(declared, Map) and detected.id in ("map", "struct"):  # of few keys DuckDB makes a struct
        value = declared.value
        for _, kind in detected.children[1:] if detected.id == "map" else detected.children:
            value = _respell(value, kind)
        return Map(declared.key, value)
    return declared


def _json_type(kind: HiveType) -> str:
    match kind:
        case Array(element):
            return _json_type(element) + "[]"
        case Map(key, value):
            return f"MAP({_json_type(key)}, {_json_type(value)})"
        case Struct(fields):
            return "STRUCT(" + ", ".join(f"{quote(name)} {_json_type(field)}" for name, field in fields) + ")"
    return to_duckdb(kind)


def bad_json(error: duckdb.Error, files: LocalFiles) -> QueryError:
    text = str(error).splitlines()[0]
    for path, item in files.origin.items():
        text = text.replace(str(path), item.url)
    return QueryError(f"HIVE_CURSOR_ERROR: Row is not a valid JSON Object - {text}")


def _delimited(
    form: str, parameters: Mapping[str, str], skip: int, columns: Columns, files: LocalFiles
) -> Relation:
    """Rewrite each file as plain CSV of the declared columns: SerDes cut lines in ways of their own."""
    plain = files.root.with_name(files.root.name + "-plain")
    for path in files.origin:
        target = plain / path.parent.name / f"{path.stem}.csv"
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
            rows = _lazy_rows(path, parameters) if form == "lazy" else _opencsv_rows(path, parameters)
            for number, row in enumerate(rows):
                if number >= skip:
                    writer.writerow((row + [NULL_TEXT] * len(columns))[: len(columns)])
    shape = ", ".join(f"{literal(name)}: 'VARCHAR'" for name, _ in columns)
    source = (
        f"read_csv({literal(str(plain / '*' / '*'))}, columns={{{shape}}}, header=false, auto_detect=false, "
        f"delim=',', quote='\"', escape='\"', nullstr={literal(NULL_TEXT)}, allow_quoted_nulls=true, "
        "hive_partitioning=true, max_line_size=67108864)"
    )
    expressions = {
        name: _text_cast(form, index, name, kind, parameters) for index, (name, kind) in enumerate(columns)
    }
    return Relation(source, expressions)


def open_text(path: Path) -> Iterator[str]:
    """The lines of a text file, decompressed by the ending of its name as Hadoop does."""
    packed: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".bz2": bz2.open}
    opener = packed.get(path.suffix, open)
    with opener(path, "rt", encoding="utf-8", errors="replace", newline="\n") as file:
        for line in file:
            yield str(line).rstrip("\r\n")


def _lazy_rows(path: Path, parameters: Mapping[str, str]) -> Iterator[list[str]]:
    delimiter = parameters.get("field.delim") or parameters.get("serialization.format") or "\x01"
    delimiter = LAZY_DELIMITERS.get(delimiter, delimiter)
    return (line.split(delimiter) for line in open_text(path))


def _opencsv_rows(path: Path, parameters: Mapping[str, str]) -> Iterator[list[str]]:
    escape = parameters.get("escapeChar", "\\")
    options: dict[str, Any] = {
        "delimiter": parameters.get("separatorChar", ","),
        "quotechar": parameters.get("quoteChar", '"'),
        "escapechar": escape if escape != parameters.get("quoteChar", '"') else None,
    }
    for line in open_text(path):
        yield next(csv.reader([line], doublequote=True, strict=False, **options), [])


def _text_cast(form: str, index: int, name: str, kind: HiveType, parameters: Mapping[str, str]) -> str:
    """A field of text as the declared type; a value that does not fit fails the query, as in Athena."""
    column = quote(name)
    if kind == STRING or str(kind).startswith(("varchar", "char")):
        return column
    value, target = column, to_duckdb(kind)
    if isinstance(kind, Array):
        delimiter = parameters.get("collection.delim", "\x02")
        value = f"string_split({column}, {literal(LAZY_DELIMITERS.get(delimiter, delimiter))})"
    elif form == "lazy" and kind == Primitive("binary"):  # base64, or the bytes as they are
        return f"coalesce(TRY(from_base64({column})), encode({column}))"
    elif isinstance(kind, Map | Struct):
        return _nested_text(column, kind, parameters)
    elif form == "opencsv" and kind == Primitive("date"):
        return f"(DATE '1970-01-01' + CAST({column} AS INTEGER))"
    elif form == "opencsv" and kind == Primitive("timestamp"):
        return f"make_timestamp(CAST({column} AS BIGINT) * 1000)"
    elif form == "lazy":
        value = f"nullif(trim({column}), '')"
    return f"coalesce(TRY_CAST({value} AS {target}), hive_bad_field({value}, {column}, {index}))"


def _nested_text(column: str, kind: Map | Struct, parameters: Mapping[str, str]) -> str:
    """A map, or a row of plain fields: its items stand between the delimiters of collections and of map keys.

    As Hive's LazySimpleSerDe, what does not fit a type is NULL in it.
    """
    between = parameters.get("collection.delim") or parameters.get("colelction.delim") or "\x02"
    between = literal(LAZY_DELIMITERS.get(between, between))
    items = f"string_split({column}, {between})"
    if isinstance(kind, Map):
        mark = parameters.get("mapkey.delim", "\x03")
        mark = literal(LAZY_DELIMITERS.get(mark, mark))
        if isinstance(kind.key, Array | Map | Struct) or isinstance(kind.value, Array | Map | Struct):
            raise unsupported(f"the type {kind} in delimited text")
        key = f"TRY_CAST(split_part(e, {mark}, 1) AS {to_duckdb(kind.key)})"
        value = f"TRY_CAST(substr(e, length(split_part(e, {mark}, 1)) + 2) AS {to_duckdb(kind.value)})"
        entries = f"list_transform({items}, lambda e: struct_pack(key := {key}, value := {value}))"
        return f"map_from_entries(list_filter({entries}, lambda e: e.key IS NOT NULL))"
    if any(isinstance(part, Array | Map | Struct) for _, part in kind.fields):
        raise unsupported(f"the type {kind} in delimited text")
    fields = ", ".join(
        f"{quote(name.lower())} := TRY_CAST({items}[{at}] AS {to_duckdb(part)})"
        for at, (name, part) in enumerate(kind.fields, 1)
    )
    return f"CASE WHEN {column} IS NOT NULL THEN struct_pack({fields}) END"


def copy_object(body: Any, path: Path) -> None:
    with path.open("wb") as file:
        shutil.copyfileobj(body, file, 1 << 20)
