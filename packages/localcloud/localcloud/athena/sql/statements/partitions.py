"""MSCK REPAIR TABLE and ALTER TABLE."""

from __future__ import annotations

import re
from typing import Any

from localcloud.athena.sql.errors import QueryError, unsupported
from localcloud.athena.sql.session import Result, Session, Table
from localcloud.athena.sql.statements.catalog_calls import add_partitions, call
from localcloud.athena.sql.statements.external_tables import (
    check_location,
    check_names,
    column_definitions,
    parse_create,
)
from localcloud.athena.sql.statements.hive_texts import text_pairs
from localcloud.athena.sql.statements.names import NAME, find_table, match
from localcloud.athena.sql.statements.partition_clauses import added_partitions, dropped_partitions
from localcloud.glue.catalog.partition_paths import partition_name, unescape
from localcloud.glue.catalog.storage import OTHERS, format_of
from localcloud.glue.catalog.table_objects import folder_prefix
from localcloud.glue.catalog.types import literal


def repair(session: Session, sql: str) -> Result:
    """MSCK REPAIR TABLE: register the `key=value` folders under the location that the catalog lacks."""
    table = find_table(session, match(sql, rf"msck\s+repair\s+table\s+{NAME}")["name"])
    keys = [key["Name"] for key in table.get("PartitionKeys") or []]
    if not keys:
        return Result()
    known = {tuple(partition["Values"]) for partition in session.partitions(table)}
    found: dict[tuple[str, ...], str] = {}
    root = table["StorageDescriptor"]["Location"].rstrip("/") + "/"
    _, prefix = folder_prefix(root)
    for item in session.objects(root):
        folders = item.key[len(prefix) :].split("/")[:-1][: len(keys)]
        names = [folder.partition("=")[0].lower() for folder in folders]
        if names == keys:
            found[tuple(unescape(folder.partition("=")[2]) for folder in folders)] = "/".join(folders)
    new = {values: folder for values, folder in found.items() if values not in known}
    add_partitions(session, table, [(list(values), f"{root}{folder}/") for values, folder in new.items()])
    missing = " ".join(f"{table['Name']}:{folder}" for folder in new.values())
    lines = [f"Partitions not in metastore:\t{missing}"] if new else []
    lines += [f"Repair: Added partition to metastore {table['Name']}:{folder}" for folder in new.values()]
    return Result([("result", "string")], [[line] for line in lines])


def alter_table(session: Session, sql: str) -> Result:
    """ALTER TABLE: partitions, properties, location, columns. Anything else is a `QueryError`."""
    found = match(sql, rf"alter\s+table\s+{NAME}\s+(?P<what>.*)")
    table, what = find_table(session, found["name"]), found["what"]
    for pattern, change in (
        (r"add\s+(if\s+not\s+exists\s+)?partition\b", _alter_add),
        (r"drop\s+(if\s+exists\s+)?partition\b", _alter_drop),
        (r"set\s+tblproperties\b", _alter_properties),
        (r"set\s+location\b", _alter_location),
        (r"add\s+columns\b", _alter_columns),
        (r"replace\s+columns\b", _replace_columns),
    ):
        if head := re.match(pattern, what, re.IGNORECASE):
            change(session, table, what, bool(head.lastindex and head[1]))
            return Result()
    raise unsupported(f"ALTER TABLE ... {' '.join(what.split()[:2]).upper()}")


def _alter_add(session: Session, table: Table, text: str, quiet: bool) -> None:
    known = {tuple(partition["Values"]) for partition in session.partitions(table)}
    keys = [key["Name"] for key in table.get("PartitionKeys") or []]
    root = table["StorageDescriptor"]["Location"].rstrip("/")
    added = []
    for values, location in added_partitions(table, text):
        if tuple(values) in known:
            if quiet:
                continue
            raise QueryError("FAILED: SemanticException: Partition already exists: "
                             f"{dict(zip(keys, values, strict=True))}")  # fmt: skip
        known.add(tuple(values))
        added.append((values, location or f"{root}/{partition_name(keys, values)}/"))
    add_partitions(session, table, added)


def _alter_drop(session: Session, table: Table, text: str, quiet: bool) -> None:
    known = {tuple(partition["Values"]) for partition in session.partitions(table)}
    for values in dropped_partitions(table, text):
        if tuple(values) not in known:
            if quiet:
                continue
            raise QueryError(f"FAILED: SemanticException [Error 10006]: Partition not found {values}")
        call(
            session.glue.delete_partition,
            f"glue:DeletePartition of {table['Name']}",
            DatabaseName=table["DatabaseName"],
            TableName=table["Name"],
            PartitionValues=values,
        )


INPUT_KEYS = ("Name", "Description", "Owner", "StorageDescriptor", "PartitionKeys", "TableType", "Parameters")


def _update(session: Session, table: Table, **changes: Any) -> None:
    kept = {key: table[key] for key in INPUT_KEYS if table.get(key) is not None}
    call(
        session.glue.update_table,
        f"glue:UpdateTable {table['DatabaseName']}.{table['Name']}",
        DatabaseName=table["DatabaseName"],
        TableInput={**kept, **changes},
    )


def _alter_properties(session: Session, table: Table, text: str, _quiet: bool) -> None:
    pairs = text_pairs(match(text, r"set\s+tblproperties\s*\((?P<pairs>.*)\)")["pairs"])
    _update(session, table, Parameters={**(table.get("Parameters") or {}), **pairs})


def _alter_location(session: Session, table: Table, text: str, _quiet: bool) -> None:
    location = match(text, r"set\s+location\s+'(?P<to>[^']+)'")["to"]
    check_location(location)
    _update(session, table, StorageDescriptor={**table["StorageDescriptor"], "Location": location})


def _alter_columns(session: Session, table: Table, text: str, _quiet: bool) -> None:
    added = _columns(match(text, r"add\s+columns\s*\((?P<columns>.*)\)")["columns"])
    _set_columns(session, table, [*table["StorageDescriptor"]["Columns"], *added])


def _replace_columns(session: Session, table: Table, text: str, _quiet: bool) -> None:
    """The columns that the table has from now on; its files and partitions stay as they are."""
    form = format_of(table["StorageDescriptor"])
    if form == OTHERS["orc"][2]:
        raise unsupported(f"REPLACE COLUMNS of {table['Name']}, a table of ORC, whose columns have numbers")
    if form not in ("lazy", "parquet"):  # those whose SerDe Hive lets it do this
        raise QueryError(
            "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. Replace "
            f"columns is not supported for table {table['DatabaseName']}.{table['Name']}. "
            "SerDe may be incompatible."
        )
    columns = _columns(match(text, r"replace\s+columns\s*\((?P<columns>.*)\)")["columns"])
    _set_columns(session, table, columns)


def _columns(body: str) -> list[dict[str, str]]:
    tree = parse_create(f"CREATE EXTERNAL TABLE t ({body}) LOCATION {literal('s3://b/')}")
    columns = column_definitions(tree.this.expressions)
    for column in columns:
        if column["Type"] == "date":
            raise unsupported(
                f"ALTER TABLE with the column {column['Name']} of the type date",
                "nor does Athena; use timestamp, or make the table anew",
            )
    return columns


def _set_columns(session: Session, table: Table, columns: list[dict[str, str]]) -> None:
    stored = table["StorageDescriptor"]
    check_names(columns, table.get("PartitionKeys") or [])
    _update(session, table, StorageDescriptor={**stored, "Columns": columns})
