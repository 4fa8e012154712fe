"""Makes a table of the catalog readable: its partitions, their objects, a DuckDB view over local copies."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from localcloud.athena.sql.errors import QueryCancelledError, QueryError, unsupported
from localcloud.athena.sql.session import Session, Table
from localcloud.athena.sql.tables.projection import is_projected, projected_partitions
from localcloud.athena.sql.tables.readable_types import coercible
from localcloud.athena.sql.tables.readers import LocalFiles, copy_object, read
from localcloud.athena.sql.trino.types import BIGINT, VARCHAR
from localcloud.athena.sql.trino.types import to_duckdb as trino_to_duckdb
from localcloud.glue.catalog.storage import format_of
from localcloud.glue.catalog.table_objects import S3Object
from localcloud.glue.catalog.types import HiveType, parse, quote, to_duckdb

READERS = 4
MANY = 4
"""From this many partitions on, one listing of all is cheaper than one of each."""
FORMATS = ("parquet", "json", "lazy", "opencsv")
HIDDEN = {"$path": VARCHAR, "$file_size": BIGINT}
"""Columns that are read only where a statement names them: of the object that a row comes from."""


@dataclass(frozen=True)
class Part:
    """One partition (or the whole of a table without partition keys)."""

    values: list[str]
    location: str
    columns: list[dict[str, str]] | None = None


def columns_of(entry: Mapping[str, Any]) -> list[tuple[str, HiveType]]:
    """Lower-case names and types of a table's or partition's columns, keys left out."""
    return [
        (column["Name"].lower(), parse(column["Type"])) for column in entry["StorageDescriptor"]["Columns"]
    ]


def keys_of(table: Table) -> list[tuple[str, HiveType]]:
    return [(key["Name"].lower(), parse(key["Type"])) for key in table.get("PartitionKeys") or []]


@dataclass(frozen=True)
class Asked:
    """What a statement says of a table: the columns that it touches (None: all), and of partition keys
    a condition in DuckDB's SQL and the values that equality conditions name."""

    wanted: set[str] | None = None
    predicate: str | None = None
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)


def parts_of(session: Session, table: Table, values: Mapping[str, Sequence[str]] | None = None) -> list[Part]:
    """Only what the catalog registers or projects is read: an object in no partition is invisible."""
    if not keys_of(table):
        return [Part([], table["StorageDescriptor"]["Location"])]
    if is_projected(table):
        return [Part(values, location) for values, location in projected_partitions(table, values or {})]
    return [
        Part(
            found["Values"],
            found["StorageDescriptor"]["Location"],
            found["StorageDescriptor"].get("Columns"),
        )
        for found in session.partitions(table)
    ]


def prune(session: Session, table: Table, parts: list[Part], predicate: str | None) -> list[Part]:
    """The partitions for which a predicate over the partition keys (DuckDB's SQL) may hold."""
    if predicate is None or not parts:
        return parts
    name = _partition_table(session, session.new_name(), table, parts)
    kept = {index for (index,) in session.rows(f"SELECT __partition FROM {name} WHERE {predicate}")}  # noqa: S608
    return [part for index, part in enumerate(parts) if index in kept]


def _partition_table(session: Session, name: str, table: Table, parts: list[Part]) -> str:
    """A DuckDB table of the partitions' values, typed as the catalog declares the keys."""
    keys = keys_of(table)
    shape = "".join(f", {quote(key)} VARCHAR" for key, _ in keys)
    session.connection.execute(f"CREATE TABLE {quote(name + '_text')} (__partition BIGINT{shape})")
    marks = ", ".join("?" * (len(keys) + 1))
    rows = [
        [index, *(None if value == "__HIVE_DEFAULT_PARTITION__" else value for value in part.values)]
        for index, part in enumerate(parts)
    ]
    if rows:
        session.connection.executemany(f"INSERT INTO {quote(name + '_text')} VALUES ({marks})", rows)  # noqa: S608
    casts = "".join(f", CAST({quote(key)} AS {to_duckdb(kind)}) AS {quote(key)}" for key, kind in keys)
    session.connection.execute(
        f"CREATE TABLE {quote(name)} AS SELECT __partition{casts} FROM {quote(name + '_text')}"  # noqa: S608
    )
    return quote(name)


def create_partitions_view(session: Session, table: Table, view: str) -> None:
    """`"table$partitions"`: one row of key values for each partition."""
    keys = ", ".join(quote(key) for key, _ in keys_of(table))
    stored = _partition_table(session, session.new_name(), table, parts_of(session, table))
    session.connection.execute(f"CREATE VIEW {quote(view)} AS SELECT {keys} FROM {stored}")  # noqa: S608


def create_view(session: Session, table: Table, view: str, asked: Asked) -> None:
    """Create the DuckDB view of a table, empty until the session loads its data."""
    form = format_of(table["StorageDescriptor"])
    if not form and not table["StorageDescriptor"].get("InputFormat"):  # e.g. of a database, by a crawl
        raise QueryError("HIVE_UNKNOWN_ERROR: Unable to create input format")
    if form not in FORMATS:
        raise unsupported(f"the SerDe `{form}` of table {table['Name']}")
    hidden = sorted(HIDDEN.keys() & (asked.wanted or set()))
    session.connection.execute(
        f"CREATE VIEW {quote(view)} AS {_nothing(columns_of(table) + keys_of(table), hidden)}"
    )
    session.pending.append(lambda: _load(session, table, view, asked))


def _load(session: Session, table: Table, view: str, asked: Asked) -> None:
    """Copy what the query needs of the table and point its view to the copies."""
    wanted = asked.wanted
    form = format_of(table["StorageDescriptor"])
    columns, keys = columns_of(table), keys_of(table)
    parts = prune(session, table, parts_of(session, table, asked.values), asked.predicate)
    _check_partition_schemas(table, columns, parts, wanted)
    files = _download(session, table["StorageDescriptor"]["Location"], parts, session.folder / view)
    if not files.origin:
        return
    relation = read(
        session.connection,
        form,
        table["StorageDescriptor"],
        table.get("Parameters") or {},
        columns,
        wanted,
        files,
    )
    chosen = [
        f"{relation.expressions.get(name, f'CAST(NULL AS {to_duckdb(kind)})')} AS {quote(name)}"
        for name, kind in columns
    ]
    source = f"{relation.source} f"
    if keys:
        joined = _partition_table(session, f"{view}_partitions", table, parts)
        chosen += [f"p.{quote(key)} AS {quote(key)}" for key, _ in keys]
        source += f" JOIN {joined} p USING (__partition)"
    if hidden := sorted(HIDDEN.keys() & (wanted or set())):
        chosen += [f"o.{quote(name)} AS {quote(name)}" for name in hidden]
        source = (
            f"{_with_file_names(source)} JOIN {_object_table(session, view, files)} o ON {FILE} = o.__file"
        )
    query = f"SELECT {', '.join(chosen)} FROM {source}"  # noqa: S608
    session.connection.execute(f"CREATE OR REPLACE VIEW {quote(view)} AS {query}")


FILE = r"regexp_extract(f.__file_name, '(__partition=\d+/\d+)[^/]*$', 1)"


def _with_file_names(source: str) -> str:
    return source.replace("hive_partitioning=true", "hive_partitioning=true, filename='__file_name'")


def _object_table(session: Session, view: str, files: LocalFiles) -> str:
    """A DuckDB table of the objects that the local copies were made of."""
    name = quote(f"{view}_objects")
    session.connection.execute(f'CREATE TABLE {name} (__file VARCHAR, "$path" VARCHAR, "$file_size" BIGINT)')
    rows = [
        [f"{path.parent.name}/{path.name.partition('.')[0]}", item.url, item.size]
        for path, item in files.origin.items()
    ]
    session.connection.executemany(f"INSERT INTO {name} VALUES (?, ?, ?)", rows)  # noqa: S608
    return name


def _nothing(columns: list[tuple[str, HiveType]], hidden: list[str]) -> str:
    nulls = [f"CAST(NULL AS {to_duckdb(kind)}) AS {quote(name)}" for name, kind in columns]
    nulls += [f"CAST(NULL AS {trino_to_duckdb(HIDDEN[name])}) AS {quote(name)}" for name in hidden]
    return f"SELECT {', '.join(nulls)} WHERE false"


def _check_partition_schemas(
    table: Table, columns: list[tuple[str, HiveType]], parts: list[Part], wanted: set[str] | None
) -> None:
    """Athena refuses a partition whose columns are declared with types that it cannot coerce."""
    declared = dict(columns)
    for part in parts:
        for column in part.columns or []:
            name, kind = column["Name"].lower(), parse(column["Type"])
            expected = declared.get(name)
            touched = wanted is None or name in wanted
            if expected is None or not touched or coercible(expected, kind):
                continue
            keys = [key for key, _ in keys_of(table)]
            spec = "/".join(f"{key}={value}" for key, value in zip(keys, part.values, strict=True))
            raise QueryError(
                "HIVE_PARTITION_SCHEMA_MISMATCH: There is a mismatch between the table and partition "
                f"schemas. The types are incompatible and cannot be coerced. The column '{name}' in table "
                f"'{table['DatabaseName']}.{table['Name']}' is declared as type '{expected}', but partition "
                f"'{spec}' declared column '{name}' as type '{kind}'."
            )


def _download(session: Session, root_location: str, parts: list[Part], root: Path) -> LocalFiles:
    """Copy the objects of the partitions with the caller's rights, counting the bytes that are scanned."""
    with ThreadPoolExecutor(READERS) as pool:
        listed = _list(session, pool, root_location, parts)
        numbered = [
            (item, root / f"__partition={index}" / f"{number}{_suffix(item)}")
            for index, items in enumerate(listed)
            for number, item in enumerate(items)
        ]
        _count(session, sum(item.size for item, _ in numbered))
        list(pool.map(lambda pair: _fetch(session, *pair), numbered))
    return LocalFiles(root, {path: item for item, path in numbered})


def _list(
    session: Session, pool: ThreadPoolExecutor, location: str, parts: list[Part]
) -> list[list[S3Object]]:
    """The objects of each partition: one listing of the table's folder when it holds many of them."""
    within = [part for part in parts if part.location.startswith(location.rstrip("/") + "/")]
    if len(within) < MANY or len(within) < len(parts):
        return list(pool.map(lambda part: session.objects(part.location), parts))
    try:
        everything = session.objects(location)
    except QueryError:  # the caller may be allowed to list each partition and not the folder above
        return list(pool.map(lambda part: session.objects(part.location), parts))
    found: dict[str, list[S3Object]] = {part.location.rstrip("/"): [] for part in parts}
    for item in everything:
        folder = item.url.rpartition("/")[0]
        while folder not in found and len(folder) > len(location):
            folder = folder.rpartition("/")[0]
        if folder in found:
            found[folder].append(item)
    return [found[part.location.rstrip("/")] for part in parts]


def _suffix(item: S3Object) -> str:
    ending = Path(item.key).suffix.lower()
    if ending in (".zst", ".snappy", ".lzo", ".deflate", ".lz4"):
        raise unsupported(f"the compression {ending} of {item.url}")
    return ending if ending in (".gz", ".bz2") else ".data"


def _count(session: Session, size: int) -> None:
    session.scanned += size
    if session.cutoff is not None and session.scanned > session.cutoff:
        raise QueryCancelledError("Bytes scanned limit was exceeded")


def _fetch(session: Session, item: S3Object, path: Path) -> None:
    session.check()
    path.parent.mkdir(parents=True, exist_ok=True)
    session.copies[path] = item
    known = session.local.get(item)
    if known is not None:
        os.link(known, path)
        return
    try:
        copy_object(session.s3.get_object(Bucket=item.bucket, Key=item.key)["Body"], path)
    except ClientError as error:
        raise QueryError(
            f"PERMISSION_DENIED: Access denied on operation: s3:GetObject at {item.url}: "
            f"{error.response['Error'].get('Message')}"
            if error.response["Error"]["Code"] in ("AccessDenied", "403")
            else f"HIVE_CANNOT_OPEN_SPLIT: {item.url}: {error.response['Error'].get('Message')}"
        ) from error
    session.local[item] = path
