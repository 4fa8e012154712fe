"""CREATE and DROP of databases, tables and views."""

from __future__ import annotations

import base64
import json

from botocore.exceptions import ClientError

from localcloud.athena.sql.errors import QueryError, refused
from localcloud.athena.sql.query import VIEW_PREFIX, prepare
from localcloud.athena.sql.session import Result, Session
from localcloud.athena.sql.statements import shapes
from localcloud.athena.sql.statements.catalog_calls import call
from localcloud.athena.sql.statements.names import NAME, PART, match, resolve
from localcloud.athena.sql.trino.analysis.queries import require_names
from localcloud.athena.sql.trino.types import Type, to_hive


def create_database(session: Session, sql: str) -> Result:
    """CREATE DATABASE. Raises `QueryError` when it exists, unless IF NOT EXISTS is there."""
    found = match(
        sql,
        rf"create\s+(?:database|schema)\s+(?P<quiet>if\s+not\s+exists\s+)?(?P<name>{PART})"
        r"(?:\s+comment\s+'(?P<comment>[^']*)')?(?:\s+location\s+'(?P<location>[^']*)')?.*",
    )
    described = {"Name": found["name"].strip('`"').lower()}
    described |= {"Description": found["comment"]} if found["comment"] else {}
    described |= {"LocationUri": found["location"]} if found["location"] else {}
    try:
        session.glue.create_database(DatabaseInput=described)
    except session.glue.exceptions.AlreadyExistsException:
        if not found["quiet"]:
            raise QueryError(f"FAILED: Database {described['Name']} already exists") from None
    except ClientError as error:
        raise refused(error, f"glue:CreateDatabase {described['Name']}") from error
    return Result()


def drop_database(session: Session, sql: str) -> Result:
    """DROP DATABASE; one that holds tables only with CASCADE. Their objects in S3 stay."""
    found = match(
        sql,
        rf"drop\s+(?:database|schema)\s+(?P<quiet>if\s+exists\s+)?(?P<name>{PART})"
        r"(?:\s+(?P<how>cascade|restrict))?",
    )
    name = found["name"].strip('`"').lower()
    try:
        session.require_database(name)
    except QueryError:
        if found["quiet"]:
            return Result()
        raise
    tables = call(session.glue.get_tables, f"glue:GetTables of {name}", DatabaseName=name)["TableList"]
    if tables and (found["how"] or "").lower() != "cascade":
        raise QueryError(
            f"FAILED: InvalidOperationException(message:Database {name} is not empty. "
            "One or more tables exist.)"
        )
    call(session.glue.delete_database, f"glue:DeleteDatabase {name}", Name=name)
    return Result()


def _drop(session: Session, sql: str, kind: str) -> Result:
    found = match(sql, rf"drop\s+{kind}\s+(?P<quiet>if\s+exists\s+)?{NAME}(?:\s+purge)?")
    database, name = resolve(session, found["name"])
    if not session.has_table(database, name):
        if found["quiet"]:
            return Result()
        raise QueryError(f"FAILED: SemanticException [Error 10001]: Table not found {database}.{name}")
    is_view = session.table(database, name).get("TableType") == "VIRTUAL_VIEW"
    if is_view != (kind == "view"):
        raise QueryError(
            f"FAILED: {database}.{name} is a {'view: use DROP VIEW' if is_view else 'table: use DROP TABLE'}"
        )
    call(session.glue.delete_table, f"glue:DeleteTable {database}.{name}", DatabaseName=database, Name=name)
    return Result()


def drop_table(session: Session, sql: str) -> Result:
    """Drop the definition of a table; the data of an external table stays."""
    return _drop(session, sql, "table")


def drop_view(session: Session, sql: str) -> Result:
    return _drop(session, sql, "view")


def create_view(session: Session, sql: str) -> Result:
    """CREATE VIEW: a catalog entry with the query in Presto's encoding, once it was checked."""
    found = match(sql, shapes.CREATE_VIEW)
    database, name = resolve(session, found["name"])
    session.require_database(database)
    prepared = prepare(session, found["query"])
    require_names(prepared.outputs)
    columns = [(column.lower(), kind) for column, kind in prepared.columns]
    definition = {
        "originalSql": found["query"].strip(),
        "catalog": "awsdatacatalog",
        "schema": session.database,
        "columns": [{"name": column, "type": str(kind)} for column, kind in columns],
    }
    encoded = base64.b64encode(json.dumps(definition).encode()).decode()
    described = {
        "Name": name,
        "TableType": "VIRTUAL_VIEW",
        "Parameters": {"presto_view": "true", "comment": "Presto View"},
        "PartitionKeys": [],
        "ViewOriginalText": f"{VIEW_PREFIX}{encoded} */",
        "ViewExpandedText": "/* Presto View */",
        "StorageDescriptor": {
            "Columns": [{"Name": column, "Type": _hive_name(kind)} for column, kind in columns],
            "Location": "",
            "SerdeInfo": {},
        },
    }
    existing = session.table(database, name) if session.has_table(database, name) else None
    if existing and not (found["replace"] and existing.get("TableType") == "VIRTUAL_VIEW"):
        raise QueryError(f"ALREADY_EXISTS: line 1:1: View already exists: 'awsdatacatalog.{database}.{name}'")
    action = session.glue.update_table if existing else session.glue.create_table
    call(action, f"glue:CreateTable {database}.{name}", DatabaseName=database, TableInput=described)
    return Result()


def _hive_name(kind: Type) -> str:
    """The type of a view's column in the catalog, where what Hive lacks is a text."""
    return str(to_hive(kind)).replace("void", "string")
