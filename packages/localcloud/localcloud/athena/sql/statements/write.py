"""CREATE TABLE AS, INSERT INTO and UNLOAD: rows written to S3 with the caller's rights."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
from botocore.exceptions import ClientError
from sqlglot import exp

from localcloud.athena.sql.errors import QueryError, output_refused, unsupported
from localcloud.athena.sql.query import Prepared, data_failure, prepare
from localcloud.athena.sql.session import Result, Session, Table
from localcloud.athena.sql.statements import shapes
from localcloud.athena.sql.statements.catalog_calls import add_partitions, call
from localcloud.athena.sql.statements.insertable import check_insert
from localcloud.athena.sql.statements.names import find_table, match, parts, resolve
from localcloud.athena.sql.statements.stored_columns import check_keys, stored_columns
from localcloud.athena.sql.statements.table_properties import CREATED, UNLOADED, Target, folder, properties
from localcloud.athena.sql.statements.table_properties import target as table_target
from localcloud.athena.sql.tables.delimited_text import field_delimiter
from localcloud.athena.sql.tables.relations import columns_of, keys_of
from localcloud.athena.sql.trino.analysis.conversions import cast
from localcloud.athena.sql.trino.analysis.queries import require_different_names, require_names
from localcloud.athena.sql.trino.coercions import assignable
from localcloud.athena.sql.trino.context import Context, Source, Typed, register
from localcloud.athena.sql.trino.types import Type, from_hive, to_duckdb
from localcloud.glue.catalog.partition_paths import NO_VALUE, partition_name
from localcloud.glue.catalog.storage import format_of, storage_format
from localcloud.glue.catalog.table_objects import folder_prefix
from localcloud.glue.catalog.types import HiveType, literal, quote

LARGEST_INSERT = 100
"""Athena writes no more partitions than this in one statement."""


def create_table_as(session: Session, sql: str) -> Result:
    """CREATE TABLE AS: objects first, then the catalog entry; a failed query leaves no table."""
    found = match(sql, shapes.CREATE_TABLE_AS)
    for group, words in {"names": "names of columns", "comment": "COMMENT"}.items():
        if found[group]:
            raise unsupported(f"{words} in CREATE TABLE AS")
    database, name = resolve(session, found["name"])
    session.require_database(database)
    if session.has_table(database, name):
        if found["quiet"]:
            return Result()
        raise QueryError(
            f"TABLE_ALREADY_EXISTS: line 1:1: Table 'awsdatacatalog.{database}.{name}' already exists"
        )
    options = properties(found["options"], CREATED)
    if options.get("table_type", "hive").lower() != "hive":
        raise unsupported(f"table_type {options['table_type']}")
    if options.get("is_external") is False:
        raise unsupported("is_external = false of a table of Hive")
    target = table_target(options, _new_location(session, options, database, name), "\x01")
    prepared = prepare(session, found["query"])
    require_names(prepared.outputs)
    columns = stored_columns(prepared)
    check_keys(columns, target.keys)
    written = {} if found["nodata"] else _write(session, found["query"], _typed(prepared), columns, target)
    described = _created_table(name, columns, target)
    call(session.glue.create_table, f"glue:CreateTable {database}.{name}",
         DatabaseName=database, TableInput=described)  # fmt: skip
    _register(session, {**described, "DatabaseName": database}, target, written)
    return Result(
        [("rows", "bigint")],
        update_count=session.written_rows,
        manifest=[url for urls in written.values() for url in urls],
    )


def _new_location(session: Session, options: dict[str, Any], database: str, name: str) -> str:
    """The folder of a new table, which must be empty."""
    location = options.get("external_location")
    if not location and not session.output:
        raise QueryError(
            "INVALID_TABLE_PROPERTY: external_location is needed in a work group with managed query results"
        )
    location = folder(location or f"{session.output.rstrip('/')}/tables/{session.query_id}/")
    if session.objects(location):
        raise QueryError(
            f"HIVE_PATH_ALREADY_EXISTS: Target directory for table '{database}.{name}' already exists: "
            f"{location}. You may need to manually clean the data at location before retrying."
        )
    return location


def _typed(prepared: Prepared) -> str:
    """The query with each column in just the type that it shall be stored with."""
    shown = ", ".join(
        f"CAST(c{at} AS {to_duckdb(kind)}) AS c{at}" for at, (_, kind) in enumerate(prepared.columns)
    )
    return f"SELECT {shown} FROM ({prepared.sql}) q"  # noqa: S608


def _created_table(name: str, columns: list[tuple[str, HiveType]], target: Target) -> dict[str, Any]:
    def shown(keys: bool) -> list[dict[str, str]]:
        return [{"Name": n, "Type": str(k)} for n, k in columns if (n in target.keys) == keys]

    delimiter = {"field.delim": target.delimiter, "serialization.format": target.delimiter}
    return {
        "Name": name,
        "Owner": "hadoop",
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"EXTERNAL": "TRUE", "classification": target.form, "has_encrypted_data": "false"},
        "PartitionKeys": shown(True),
        "StorageDescriptor": {
            "Columns": shown(False),
            "Location": target.location,
            "Compressed": False,
            "NumberOfBuckets": 0,
            "StoredAsSubDirectories": False,
            **storage_format(target.form, delimiter if target.form == "csv" else {}),
        },
    }


def insert(session: Session, sql: str) -> Result:
    """INSERT INTO: new objects beside the old, and the partitions that they make."""
    found = match(sql, shapes.INSERT)
    table = find_table(session, found["name"])
    form = {"parquet": "parquet", "json": "json", "lazy": "csv"}.get(format_of(table["StorageDescriptor"]))
    if form is None or table.get("TableType") == "VIRTUAL_VIEW":
        raise unsupported(f"INSERT INTO {table['Name']}, which is not Parquet, JSON or delimited text")
    serde = check_insert(table, columns_of(table))
    columns, keys = columns_of(table) + keys_of(table), [key for key, _ in keys_of(table)]
    prepared = prepare(session, found["query"])
    named = parts(found["columns"] or "")
    statement = _insert_source(session, prepared, columns, named)
    location = table["StorageDescriptor"]["Location"].rstrip("/") + "/"
    target = Target(location, form, keys, field_delimiter(serde), serde=serde)
    written = _write(session, found["query"], statement, columns, target)
    _register(session, table, target, written)
    manifest = [url for urls in written.values() for url in urls]
    return Result([("rows", "bigint")], [[str(session.written_rows)]], session.written_rows, manifest)


def _insert_source(
    session: Session, prepared: Prepared, columns: list[tuple[str, HiveType]], named: list[str]
) -> str:
    """The query's columns as those of the table; the ones that are not named are NULL."""
    known = dict(columns)
    for name in named:
        if name not in known:
            raise QueryError(
                f"COLUMN_NOT_FOUND: line 1:1: Insert column name does not exist in target table: {name}"
            )
        if named.count(name) > 1:
            raise QueryError(
                f"DUPLICATE_COLUMN_NAME: line 1:1: Insert column name is specified more than once: {name}"
            )
    names = named or list(known)
    wanted, given = [from_hive(known[name]) for name in names], [kind for _, kind in prepared.columns]
    fits = len(wanted) == len(given) and all(assignable(a, b) for a, b in zip(given, wanted, strict=True))
    if not fits:
        raise QueryError(
            "TYPE_MISMATCH: line 1:1: Insert query has mismatched column types: "
            f"Table: [{', '.join(map(str, wanted))}], Query: [{', '.join(map(str, given))}]"
        )
    context = Context(session.sql, _no_table, names=session.names)
    made = {
        name: _stored(Typed(f"c{at}", have), want, context)
        for at, (name, have, want) in enumerate(zip(names, given, wanted, strict=True))
    }
    register(session.connection, context)
    chosen = ", ".join(
        f"CAST({made.get(name, 'NULL')} AS {to_duckdb(from_hive(kind))}) AS {quote(name)}"
        for name, kind in columns
    )
    return f"SELECT {chosen} FROM ({prepared.sql}) q"  # noqa: S608


def _stored(value: Typed, target: Type, context: Context) -> str:
    """A value as the column of a table has it: of a text nothing but blanks is cut off."""
    made = cast(value, target, context, safe=False).sql
    if not (value.kind.is_text and target.is_text and target.sizes):
        return made
    complaint = (
        "INVALID_CAST_ARGUMENT: Cannot truncate non-space characters when casting from "
        f"{value.kind} to {target} on INSERT"
    )
    fits = f"length(rtrim({value.sql}, ' ')) <= {target.sizes[0]} OR {value.sql} IS NULL"
    return f"CASE WHEN {fits} THEN {made} WHEN trino_fail({literal(complaint)}, {value.sql}) THEN NULL END"


def _no_table(table: exp.Table, _where: str) -> Source:
    raise QueryError(f"INTERNAL_ERROR: {table.name} in INSERT")


def unload(session: Session, sql: str) -> Result:
    """UNLOAD: objects only, into a location that must be empty."""
    found = match(sql, shapes.UNLOAD)
    options = properties(found["options"], UNLOADED)
    if "format" not in options:
        raise QueryError("INVALID_TABLE_PROPERTY: UNLOAD needs the property format")
    location = folder(found["to"])
    if session.objects(location):
        raise QueryError(
            f"HIVE_PATH_ALREADY_EXISTS: Target directory for the UNLOAD already exists: {location}"
        )
    target = table_target(options, location, ",")
    prepared = prepare(session, found["query"])
    require_different_names([name for name, _ in prepared.columns])
    columns = stored_columns(prepared)
    check_keys(columns, target.keys)
    written = _write(session, found["query"], _typed(prepared), columns, target)
    manifest = [url for urls in written.values() for url in urls]
    return Result([("rows", "bigint")], [[str(session.written_rows)]], session.written_rows, manifest)


def _write(session: Session, sql: str, statement: str, columns: list[tuple[str, HiveType]],
           target: Target) -> dict[tuple[str, ...], list[str]]:  # fmt: skip
    """Write the rows and return the objects' URLs by partition values."""
    place = session.folder / "out"
    names = ", ".join(quote(name) for name, _ in columns)
    source = f"SELECT * FROM ({statement}) q({names})"  # noqa: S608
    session.load()
    try:
        session.connection.execute(f"CREATE TABLE written AS {source}")
        session.written_rows = session.connection.execute("SELECT count(*) FROM written").fetchone()[0]
        groups = list(_groups(session, target.keys))
    except duckdb.Error as error:
        raise data_failure(session, sql, str(error)) from error
    if len(groups) > LARGEST_INSERT:
        raise QueryError(
            "HIVE_TOO_MANY_OPEN_PARTITIONS: Exceeded limit of 100 open writers for partitions/buckets"
        )
    data = ", ".join(target.written(name, kind) for name, kind in columns if name not in target.keys)
    written: dict[tuple[str, ...], list[str]] = {}
    place.mkdir(parents=True, exist_ok=True)
    for number, (values, condition) in enumerate(groups):
        session.check()
        path = place / str(number)
        rows = f"SELECT {data} FROM written{condition}"  # noqa: S608
        session.connection.execute(f"COPY ({rows}) TO {literal(str(path))} ({target.copy_options})")
        written[values] = [_upload(session, path, target, values)]
    return written


def _groups(session: Session, keys: list[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The values of each partition to write, and the WHERE that selects its rows."""
    if not keys:
        if session.written_rows:
            yield (), ""
        return
    names = [f"coalesce(nullif(CAST({quote(key)} AS VARCHAR), ''), '{NO_VALUE}')" for key in keys]
    texts = ", ".join(names)
    for values in list(session.rows(f"SELECT DISTINCT {texts} FROM written ORDER BY ALL")):  # noqa: S608
        tests = " AND ".join(f"{name} = {literal(value)}" for name, value in zip(names, values, strict=True))
        yield tuple(values), f" WHERE {tests}"


def _upload(session: Session, path: Path, target: Target, values: tuple[str, ...]) -> str:
    bucket, prefix = folder_prefix(target.location)
    folders = f"{partition_name(target.keys, values)}/" if values else ""
    ending = ".gz" if target.form != "parquet" and "gzip" in target.copy_options else ""
    key = f"{prefix}{folders}{session.query_id.replace('-', '')}_{uuid.uuid4()}{ending}"
    try:
        session.s3.put_object(Bucket=bucket, Key=key, Body=path.read_bytes())
    except ClientError as error:
        raise output_refused(f"s3://{bucket}/{key}", error) from error
    return f"s3://{bucket}/{key}"


def _register(
    session: Session, table: Table, target: Target, written: dict[tuple[str, ...], list[str]]
) -> None:
    """Register the partitions that were written and are not in the catalog."""
    if not target.keys:
        return
    known = {tuple(partition["Values"]) for partition in session.partitions(table)}
    added = []
    for values in written:
        if values not in known:
            added.append((list(values), f"{target.location}{partition_name(target.keys, values)}/"))
    add_partitions(session, table, added)
