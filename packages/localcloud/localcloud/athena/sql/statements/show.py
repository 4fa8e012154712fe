"""SHOW, DESCRIBE and EXPLAIN."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from botocore.exceptions import ClientError

from localcloud.athena.sql.errors import QueryError, refused, unsupported
from localcloud.athena.sql.query import VIEW_PREFIX, prepare, view_definition
from localcloud.athena.sql.session import Result, Session, Table
from localcloud.athena.sql.statements import shapes
from localcloud.athena.sql.statements.names import NAME, PART, find_table, match, parts
from localcloud.athena.sql.statements.printed import create_statement
from localcloud.glue.catalog.partition_paths import partition_name

PLANNED = r"(?:\s*(?:format\s+text|type\s+logical|type\s+distributed)\s*(?:,|$))+"


def _lines(column: str, values: Iterable[str]) -> Result:
    return Result([(column, "string")], [[value] for value in values])


def _like(values: Iterable[str], pattern: str | None) -> list[str]:
    """Hive's pattern: `*` for any characters, `|` between alternatives; % and _ are taken too."""
    if not pattern:
        return sorted(values)
    expression = "|".join(
        re.escape(part).replace(r"\*", ".*").replace("%", ".*") for part in pattern.strip("'\"").split("|")
    )
    return sorted(value for value in values if re.fullmatch(expression, value, re.IGNORECASE))


def _database_tables(session: Session, database: str) -> list[Table]:
    session.require_database(database)
    try:
        pages = session.glue.get_paginator("get_tables").paginate(DatabaseName=database)
        return [table for page in pages for table in page["TableList"]]
    except ClientError as error:
        raise refused(error, f"glue:GetTables of {database}") from error


def show_databases(session: Session, sql: str) -> Result:
    found = match(sql, r"show\s+(?:databases|schemas)(?:\s+like\s+)?(?:\s*(?P<like>'[^']*'))?")
    try:
        pages = session.glue.get_paginator("get_databases").paginate()
        names = [database["Name"] for page in pages for database in page["DatabaseList"]]
    except ClientError as error:
        raise refused(error, "glue:GetDatabases") from error
    return _lines("database_name", _like(names, found["like"]))


def show_tables(session: Session, sql: str) -> Result:
    found = match(
        sql, rf"show\s+tables(?:\s+in\s+(?P<name>{PART}))?(?:\s+like)?(?:\s*(?P<like>'[^']*'|\"[^\"]*\"))?"
    )
    database = parts(found["name"])[0] if found["name"] else session.database
    return _lines("tab_name", _like((t["Name"] for t in _database_tables(session, database)), found["like"]))


def show_views(session: Session, sql: str) -> Result:
    found = match(sql, rf"show\s+views(?:\s+in\s+(?P<name>{PART}))?(?:\s+like\s+(?P<like>'[^']*'))?")
    database = parts(found["name"])[0] if found["name"] else session.database
    views = [t["Name"] for t in _database_tables(session, database) if t["TableType"] == "VIRTUAL_VIEW"]
    return _lines("views", _like(views, found["like"]))


def _fields(table: Table) -> list[dict[str, Any]]:
    return [*table["StorageDescriptor"]["Columns"], *(table.get("PartitionKeys") or [])]


def show_columns(session: Session, sql: str) -> Result:
    found = match(sql, rf"show\s+columns\s+(?:from|in)\s+{NAME}(?:\s+(?:from|in)\s+(?P<database>{PART}))?")
    name = f"{found['database']}.{found['name']}" if found["database"] else found["name"]
    return _lines("field", (f"{column['Name']:<20}" for column in _fields(find_table(session, name))))


def show_partitions(session: Session, sql: str) -> Result:
    table = find_table(session, match(sql, rf"show\s+partitions\s+{NAME}")["name"])
    keys = [key["Name"] for key in table.get("PartitionKeys") or []]
    if not keys:
        raise QueryError(f"FAILED: Execution Error: Table {table['Name']} is not a partitioned table")
    values = [partition["Values"] for partition in session.partitions(table)]
    return _lines("partition", sorted(partition_name(keys, one) for one in values))


def describe(session: Session, sql: str) -> Result:
    """DESCRIBE: the columns, then the partition keys under Hive's own headings."""
    found = match(sql, rf"desc(?:ribe)?\s+(?P<more>(?:extended|formatted)\s+)?{NAME}")
    table = find_table(session, found["name"])
    keys = table.get("PartitionKeys") or []

    def row(column: dict[str, Any]) -> list[str | None]:
        return [f"{column['Name']:<20}", f"{column['Type']:<20}", f"{column.get('Comment') or '':<20}"]

    rows = [row(column) for column in _fields(table)]
    if keys:
        heading = [["", "", ""], ["# Partition Information", "", ""], ["# col_name", "data_type", "comment"]]
        rows.extend([f"{text:<20}" for text in line] for line in heading)
        rows.extend(row(key) for key in keys)
    if found["more"]:
        stored = table["StorageDescriptor"]
        details = {
            "Database:": table["DatabaseName"],
            "Location:": stored.get("Location", ""),
            "Table Type:": table.get("TableType", ""),
            "SerDe Library:": (stored.get("SerdeInfo") or {}).get("SerializationLibrary", ""),
            "InputFormat:": stored.get("InputFormat", ""),
            **dict(sorted((table.get("Parameters") or {}).items())),
        }
        rows.append(["# Detailed Table Information", "", ""])
        rows.extend([key, value, ""] for key, value in details.items())
    return Result([("col_name", "string"), ("data_type", "string"), ("comment", "string")], rows)


def show_properties(session: Session, sql: str) -> Result:
    found = match(sql, rf"show\s+tblproperties\s+{NAME}(?:\s*\(\s*['\"](?P<key>[^'\"]+)['\"]\s*\))?")
    properties = find_table(session, found["name"]).get("Parameters") or {}
    shown = {k: v for k, v in sorted(properties.items()) if found["key"] in (None, k)}
    return Result([("prpt_name", "string"), ("prpt_value", "string")], [[k, v] for k, v in shown.items()])


def show_create(session: Session, sql: str) -> Result:
    found = match(sql, rf"show\s+create\s+(?:table|view)\s+{NAME}")
    table = find_table(session, found["name"])
    if (table.get("ViewOriginalText") or "").startswith(VIEW_PREFIX):
        named = ".".join(_unquoted(table[part]) for part in ("DatabaseName", "Name"))
        text = f"CREATE VIEW {named} AS\n{view_definition(table)['originalSql']}"
        return _lines("Create View", text.split("\n"))
    return _lines("createtab_stmt", create_statement(".".join(parts(found["name"])), table).split("\n"))


def _unquoted(name: str) -> str:
    """A name as Trino prints it: in double quotes only where it needs them."""
    return name if re.fullmatch(r"[a-z_]\w*", name) else f'"{name}"'


def explain(session: Session, sql: str) -> Result:
    """The plan of the engine that answers here: DuckDB's, not Trino's."""
    found = match(sql, shapes.EXPLAIN)
    if found["analyze"]:
        raise unsupported("EXPLAIN ANALYZE")
    if not re.match(shapes.QUERY, found["query"], re.IGNORECASE):
        raise unsupported(f"EXPLAIN of {' '.join(found['query'].split()[:2]).upper()}")
    if found["options"] and not re.fullmatch(PLANNED, found["options"], re.IGNORECASE):
        raise unsupported(f"EXPLAIN ({found['options']})")
    prepared = prepare(session, found["query"])
    plan = session.connection.execute(f"EXPLAIN {prepared.sql}").fetchall()
    return _lines("Query Plan", [line for _, text in plan for line in text.split("\n")])
