"""Reads local copies of a table's files with the types that the catalog declares."""

from __future__ import annotations

import csv
import re
import shutil
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from localcloud.athena.sql.errors import QueryError, unsupported
from localcloud.athena.sql.tables import json_numbers, json_rows
from localcloud.athena.sql.tables.delimited_text import (
    is_nested,
    parsed,
    read_binary,
    read_nested,
)
from localcloud.athena.sql.tables.json_values import has_integers, or_bad, read_type, whole_numbers
from localcloud.athena.sql.tables.readable_types import physical_name, readable, trino_name
from localcloud.athena.sql.tables.serde_properties import check, serde_parameters
from localcloud.athena.sql.tables.text_rows import rows_of, within
from localcloud.glue.catalog.parquet import parquet_columns
from localcloud.glue.catalog.table_objects import S3Object
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

Columns = list[tuple[str, HiveType]]
INT, BIGINT = Primitive("int"), Primitive("bigint")


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
    parameters = serde_parameters(descriptor, table_parameters)
    check(form, parameters, columns)
    if form == "json":
        if json_rows.skips_malformed(parameters):
            files = _copied(files, "-plain", json_rows.without_malformed)
        if json_numbers.matter((kind for _, kind in columns), files.origin):
            files = _copied(files, "-exact", json_rows.with_long_numbers)
        return _json(connection, columns, parameters, files)
    return _delimited(form, parameters, table_parameters, columns, files)


def _cast(name: str, kind: HiveType) -> str:
    made = f"CAST({quote(name)} AS {to_duckdb(kind)})"
    return f"left({made}, {_length(kind)})" if _length(kind) else made


def _length(kind: HiveType) -> str:
    """The size of varchar and char, to which longer texts are cut; nothing for other types."""
    found = re.fullmatch(r"(?:var)?char\((\d+)\)", str(kind))
    return found[1] if found else ""


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


def _copied(files: LocalFiles, ending: str, copy: Callable[[Path, Path], None]) -> LocalFiles:
    """The files as copies that were changed on the way."""
    root = files.root.with_name(files.root.name + ending)
    origin = {}
    for path, item in files.origin.items():
        target = root / path.parent.name / f"{path.stem}.json"
        copy(path, target)
        origin[target] = item
    return LocalFiles(root, origin)


def _json(connection: Any, columns: Columns, parameters: Mapping[str, str], files: LocalFiles) -> Relation:
    """OpenX's SerDe matches keys without case; DuckDB does not, so the files' own spelling is looked up."""
    keys = {name: json_rows.key_of(name, parameters) for name, _ in columns}
    declared = {keys[name]: kind for name, kind in columns}
    detected = _detected(connection, files)
    if json_rows.may_differ_in_case(list(detected)) and json_rows.differ_in_case(connection, files.source):
        files = _copied(files, "-lower", json_rows.in_lower_case)
        detected = _detected(connection, files)
    spelled: dict[str, tuple[str, HiveType]] = {}
    for name, kind in detected.items():
        key = json_rows.spelled(name, parameters)
        if key in declared and key not in spelled:
            spelled[key] = (name, _respell(declared[key], duckdb.sqltype(kind)))
    if not spelled:
        source = f"read_ndjson_objects({files.source}, hive_partitioning=true)"
        return Relation(source, {})
    shape = ", ".join(f"{literal(name)}: {literal(read_type(kind))}" for name, kind in spelled.values())
    source = (
        f"read_json({files.source}, format='newline_delimited', columns={{{shape}}}, "
        "hive_partitioning=true, maximum_object_size=67108864)"
    )
    read_from = {name: spelled[key] for name, key in keys.items() if key in spelled}
    made = {
        name: _converted(*read_from[name], kind, index)
        for index, (name, kind) in enumerate(columns)
        if name in read_from
    }
    return Relation(source, made)


def _detected(connection: Any, files: LocalFiles) -> dict[str, str]:
    """The keys of the files' objects, each with the type that DuckDB finds in its values."""
    try:
        found = connection.execute(
            f"DESCRIBE SELECT * FROM read_json({files.source}, format='newline_delimited', sample_size=-1, "  # noqa: S608
            "auto_detect=true, convert_strings_to_integers=false, union_by_name=true, "
            "hive_partitioning=true, maximum_object_size=67108864)"
        ).fetchall()
        json_rows.check_lines(connection, files.source)
    except duckdb.Error as error:
        raise bad_json(error, files) from error
    return {name: kind for name, kind, *_ in found}


def _converted(key: str, stored: HiveType, kind: HiveType, index: int) -> str:
    """A value of JSON as the declared type, whose whole numbers were read as texts."""
    if not has_integers(kind):
        return _cast(key, kind)
    made = whole_numbers(quote(key), stored, index)
    return made if str(kind) in INTEGERS else f"CAST({made} AS {to_duckdb(kind)})"


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


def bad_json(error: duckdb.Error, files: LocalFiles) -> QueryError:
    text = str(error).splitlines()[0]
    if "Duplicate name" in text:
        return unsupported("keys within a value of JSON that differ only in case")
    for path, item in files.origin.items():
        text = text.replace(str(path), item.url)
    return QueryError(f"HIVE_CURSOR_ERROR: Row is not a valid JSON Object - {text}")


def _delimited(
    form: str,
    parameters: Mapping[str, str],
    table_parameters: Mapping[str, str],
    columns: Columns,
    files: LocalFiles,
) -> Relation:
    """Rewrite each file as plain CSV of the declared columns: SerDes cut lines in ways of their own."""
    if parameters.get("escape.delim") and any(is_nested(kind) for _, kind in columns):
        raise unsupported("escape.delim in a table of delimited text with nested types")
    null = uuid.uuid4().hex  # a text that no field has, whatever the table says stands for NULL
    plain = files.root.with_name(files.root.name + "-plain")
    for path in files.origin:
        target = plain / path.parent.name / f"{path.stem}.csv"
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
            for row in within(rows_of(form, path, parameters), table_parameters):
                fields = (row + [None] * len(columns))[: len(columns)]
                writer.writerow([null if field is None else field for field in fields])
    shape = ", ".join(f"{literal(name)}: 'VARCHAR'" for name, _ in columns)
    source = (
        f"read_csv({literal(str(plain / '*' / '*'))}, columns={{{shape}}}, header=false, auto_detect=false, "
        f"delim=',', quote='\"', escape='\"', nullstr={literal(null)}, allow_quoted_nulls=true, "
        "hive_partitioning=true, max_line_size=67108864)"
    )
    expressions = {
        name: _text_cast(form, index, name, kind, parameters) for index, (name, kind) in enumerate(columns)
    }
    return Relation(source, expressions)


def _text_cast(form: str, index: int, name: str, kind: HiveType, parameters: Mapping[str, str]) -> str:
    """A field of text as the declared type; a value that does not fit fails the query, as in Athena."""
    column = quote(name)
    if kind == STRING or _length(kind):
        return _cast(name, kind)
    value = column
    if is_nested(kind):
        if form == "opencsv":
            raise unsupported(f"the type {kind} in a table of OpenCSVSerde")
        return read_nested(column, kind, parameters)
    if form == "lazy" and kind == Primitive("binary"):
        return read_binary(column)
    if form == "opencsv" and kind == Primitive("date"):
        return f"(DATE '1970-01-01' + {or_bad(parsed(column, INT), column, column, index)})"
    if form == "opencsv" and kind == Primitive("timestamp"):
        return f"make_timestamp({or_bad(parsed(column, BIGINT), column, column, index)} * 1000)"
    if form == "lazy":
        value = f"nullif(trim({column}), '')"
    return or_bad(parsed(value, kind), value, column, index)


def copy_object(body: Any, path: Path) -> None:
    with path.open("wb") as file:
        shutil.copyfileobj(body, file, 1 << 20)
