"""DDL that changes databases, tables, partitions and views of the catalog."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

import sqlglot
from botocore.exceptions import ClientError
from sqlglot import exp
from sqlglot.errors import ParseError

from localcloud.catalog.objects import folder_prefix
from localcloud.catalog.storage import HIVE, TEXT_INPUT, TEXT_OUTPUT, storage_format
from localcloud.catalog.types import from_duckdb, literal
from localcloud.catalog.types import parse as parse_type
from localcloud.sql.compatibility import trino_name
from localcloud.sql.errors import QueryError, refused, unsupported
from localcloud.sql.names import NAME, PART, find_table, match, resolve
from localcloud.sql.query import VIEW_PREFIX, prepare
from localcloud.sql.session import Result, Session, Table

STORED_AS = {"PARQUET": "parquet", "TEXTFILE": "csv", "JSONFILE": "json"}
CLASSIFICATIONS = {"parquet": "parquet", "json": "json", "csv": "csv"}
PAIR = r"""['"]((?:[^'"\\]|\\.)*)['"]\s*=\s*['"]((?:[^'"\\]|\\.)*)['"]"""
BATCH = 100


def call(action: Any, doing: str, **arguments: Any) -> Any:
    """Call the catalog with the caller's rights; a refusal fails the query."""
    try:
        return action(**arguments)
    except ClientError as error:
        raise refused(error, doing) from error


def create_database(session: Session, sql: str) -> Result:
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
            f"FAILED: InvalidOperationException(message:Database {name} is not empty. One or more tables exist.)"
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
    found = match(sql, rf"create\s+(?P<replace>or\s+replace\s+)?view\s+{NAME}\s+as\s+(?P<query>.*)")
    database, name = resolve(session, found["name"])
    session.require_database(database)
    columns = prepare(session, found["query"]).columns
    unnamed = next((index for index, (column, _) in enumerate(columns) if column == f"_col{index}"), None)
    if unnamed is not None:
        raise QueryError(
            f"MISSING_COLUMN_NAME: line 1:1: Column name not specified at position {unnamed + 1}"
        )
    shown = [(column.lower(), from_duckdb(kind)) for column, kind in columns]
    definition = {
        "originalSql": found["query"].strip(),
        "catalog": "awsdatacatalog",
        "schema": session.database,
        "columns": [{"name": column, "type": trino_name(kind)} for column, kind in shown],
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
            "Columns": [{"Name": column, "Type": str(kind)} for column, kind in shown],
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


def create_external_table(session: Session, sql: str) -> Result:
    tree = _parse_create(sql)
    schema = tree.this
    if not isinstance(schema, exp.Schema):
        raise QueryError("SYNTAX_ERROR: line 1:1: CREATE EXTERNAL TABLE needs a list of columns")
    database, name = resolve(session, schema.this.sql("hive"))
    session.require_database(database)
    if session.has_table(database, name):
        if tree.args.get("exists"):
            return Result()
        raise QueryError(f"FAILED: AlreadyExistsException(message:Table {name} already exists in {database})")
    properties = tree.args["properties"].expressions if tree.args.get("properties") else []
    location = next((p.this.name for p in properties if isinstance(p, exp.LocationProperty)), None)
    if not location:
        raise QueryError(f"FAILED: SemanticException: CREATE EXTERNAL TABLE {name} needs LOCATION 's3://...'")
    partitioned = next((p for p in properties if isinstance(p, exp.PartitionedByProperty)), None)
    parameters = {p.name: p.args["value"].name for p in properties if type(p) is exp.Property}
    stored = _storage(sql)
    described = {
        "Name": name,
        "Owner": "hadoop",
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"EXTERNAL": "TRUE", **parameters},
        "PartitionKeys": _columns(partitioned.this.expressions) if partitioned else [],
        "StorageDescriptor": {
            "Columns": _columns(schema.expressions),
            "Location": location,
            "Compressed": False,
            "NumberOfBuckets": -1,
            "StoredAsSubDirectories": False,
            **stored,
        },
    }
    call(
        session.glue.create_table,
        f"glue:CreateTable {database}.{name}",
        DatabaseName=database,
        TableInput=described,
    )
    return Result()


def _parse_create(sql: str) -> exp.Create:
    try:
        tree = sqlglot.parse_one(sql, read="hive")
    except ParseError as error:
        found = error.errors[0] if error.errors else {}
        raise QueryError(
            f"FAILED: ParseException line {found.get('line', 1)}:{found.get('col', 1)} cannot recognize input "
            f"near '{found.get('highlight', '')}'"
        ) from error
    if not isinstance(tree, exp.Create) or isinstance(tree, exp.Command):
        raise unsupported("this form of CREATE EXTERNAL TABLE")
    return tree


def _columns(definitions: list[exp.Expression]) -> list[dict[str, str]]:
    columns = []
    for definition in definitions:
        if not isinstance(definition, exp.ColumnDef):
            raise unsupported(f"`{definition.sql('hive')}` in a list of columns")
        comment = definition.find(exp.CommentColumnConstraint)
        kind = re.sub(r"\s*([<>:,()])\s*", r"\1", definition.args["kind"].sql("hive").lower()).replace(
            "`", ""
        )
        column = {"Name": definition.name.lower(), "Type": str(parse_type(kind))}
        columns.append({**column, "Comment": comment.this.name} if comment else column)
    return columns


def _storage(sql: str) -> dict[str, Any]:
    """SerDe and formats of ROW FORMAT and STORED AS; Hive's text by default."""
    serde = re.search(r"row\s+format\s+serde\s+['\"]([^'\"]+)['\"]", sql, re.IGNORECASE)
    block = re.search(r"with\s+serdeproperties\s*\(((?:[^()'\"]|'[^']*'|\"[^\"]*\")*)\)", sql, re.IGNORECASE)
    parameters = {unescape(k): unescape(v) for k, v in re.findall(PAIR, block[1])} if block else {}
    stored_as = re.search(r"stored\s+as\s+(\w+)", sql, re.IGNORECASE)
    kind = (stored_as[1] if stored_as else "TEXTFILE").upper()
    formats = re.search(
        r"inputformat\s+['\"]([^'\"]+)['\"]\s+outputformat\s+['\"]([^'\"]+)['\"]", sql, re.IGNORECASE
    )
    for clause, name in (
        ("fields", "field.delim"),
        ("collection\\s+items", "collection.delim"),
        ("map\\s+keys", "mapkey.delim"),
    ):
        delimiter = re.search(clause + r"\s+terminated\s+by\s+'([^']+)'", sql, re.IGNORECASE)
        if delimiter:
            parameters[name] = unescape(delimiter[1])
    if kind != "INPUTFORMAT" and kind not in STORED_AS:
        raise unsupported(f"STORED AS {kind}")
    described = storage_format(STORED_AS.get(kind, "csv"))
    if formats:
        described |= {"InputFormat": formats[1], "OutputFormat": formats[2]}
    if serde:
        described["SerdeInfo"] = {"SerializationLibrary": serde[1], "Parameters": parameters}
        if "parquet" in serde[1] and not formats:
            described |= {"InputFormat": HIVE + "ql.io.parquet.MapredParquetInputFormat"}
    elif described["InputFormat"] == TEXT_INPUT and described["OutputFormat"] == TEXT_OUTPUT:
        described["SerdeInfo"]["Parameters"] = {
            "field.delim": "\x01",
            "serialization.format": parameters.get("field.delim", "1"),
            **parameters,
        }
    return described


def unescape(text: str) -> str:
    """Hive's escapes in a literal: \\t, \\\\, \\001."""
    named = {"t": "\t", "n": "\n", "\\": "\\", "'": "'", '"': '"'}

    def one(found: re.Match[str]) -> str:
        code = found[1]
        return chr(int(code, 8)) if code[0].isdigit() else named.get(code, "\\" + code)

    return re.sub(r"\\([0-7]{3}|.)", one, text)


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
            found[tuple(folder.partition("=")[2] for folder in folders)] = "/".join(folders)
    new = {values: folder for values, folder in found.items() if values not in known}
    _add_partitions(session, table, [(list(values), f"{root}{folder}/") for values, folder in new.items()])
    missing = " ".join(f"{table['Name']}:{folder}" for folder in new.values())
    lines = [f"Partitions not in metastore:\t{missing}"] if new else []
    lines += [f"Repair: Added partition to metastore {table['Name']}:{folder}" for folder in new.values()]
    return Result([("result", "string")], [[line] for line in lines])


def _add_partitions(session: Session, table: Table, added: list[tuple[list[str], str]]) -> None:
    inputs = [
        {
            "Values": values,
            "StorageDescriptor": {**table["StorageDescriptor"], "Location": location},
            "Parameters": {},
        }
        for values, location in added
    ]
    for start in range(0, len(inputs), BATCH):
        answer = call(
            session.glue.batch_create_partition,
            f"glue:BatchCreatePartition of {table['DatabaseName']}.{table['Name']}",
            DatabaseName=table["DatabaseName"],
            TableName=table["Name"],
            PartitionInputList=inputs[start : start + BATCH],
        )
        for failure in answer.get("Errors") or []:
            detail = failure["ErrorDetail"]
            raise QueryError(
                f"FAILED: {detail['ErrorCode']}: {failure['PartitionValues']}: {detail['ErrorMessage']}"
            )


def _specifications(table: Table, text: str) -> Iterator[tuple[list[str], str | None]]:
    """The PARTITION (...) clauses of an ALTER TABLE, with the LOCATION behind each."""
    keys = [key["Name"] for key in table.get("PartitionKeys") or []]
    clause = r"partition\s*\(((?:[^()']|'[^']*')*)\)\s*(?:location\s+'([^']*)')?"
    for body, location in re.findall(clause, text, re.IGNORECASE):
        pairs = re.findall(r"([`\w]+)\s*=\s*(?:'([^']*)'|\"([^\"]*)\"|([\w.-]+))", body)
        values = {name.strip("`").lower(): a or b or c for name, a, b, c in pairs}
        if sorted(values) != sorted(keys):
            raise QueryError(
                f"FAILED: SemanticException: partition ({body}) does not name the keys {', '.join(keys)}"
            )
        yield [values[key] for key in keys], location or None


def alter_table(session: Session, sql: str) -> Result:
    found = match(sql, rf"alter\s+table\s+{NAME}\s+(?P<what>.*)")
    table, what = find_table(session, found["name"]), found["what"]
    for pattern, change in (
        (r"add\s+(if\s+not\s+exists\s+)?partition\b", _alter_add),
        (r"drop\s+(if\s+exists\s+)?partition\b", _alter_drop),
        (r"set\s+tblproperties\b", _alter_properties),
        (r"set\s+location\b", _alter_location),
        (r"add\s+columns\b", _alter_columns),
    ):
        if head := re.match(pattern, what, re.IGNORECASE):
            change(session, table, what, bool(head.lastindex and head[1]))
            return Result()
    raise unsupported(f"ALTER TABLE ... {' '.join(what.split()[:2]).upper()}")


def _alter_add(session: Session, table: Table, text: str, quiet: bool) -> None:
    known = {tuple(partition["Values"]) for partition in session.partitions(table)}
    keys = [key["Name"] for key in table["PartitionKeys"]]
    root = table["StorageDescriptor"]["Location"].rstrip("/")
    added = []
    for values, location in _specifications(table, text):
        if tuple(values) in known:
            if quiet:
                continue
            raise QueryError("FAILED: SemanticException: Partition already exists: "
                             f"{dict(zip(keys, values, strict=True))}")  # fmt: skip
        folders = "".join(f"{key}={value}/" for key, value in zip(keys, values, strict=True))
        added.append((values, location or f"{root}/{folders}"))
    _add_partitions(session, table, added)


def _alter_drop(session: Session, table: Table, text: str, quiet: bool) -> None:
    known = {tuple(partition["Values"]) for partition in session.partitions(table)}
    for values, _ in list(_specifications(table, text)):
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
    pairs = {unescape(key): unescape(value) for key, value in re.findall(PAIR, text)}
    _update(session, table, Parameters={**(table.get("Parameters") or {}), **pairs})


def _alter_location(session: Session, table: Table, text: str, _quiet: bool) -> None:
    location = match(text, r"set\s+location\s+'(?P<to>[^']+)'")["to"]
    _update(session, table, StorageDescriptor={**table["StorageDescriptor"], "Location": location})


def _alter_columns(session: Session, table: Table, text: str, _quiet: bool) -> None:
    body = match(text, r"add\s+columns\s*\((?P<columns>.*)\)")["columns"]
    tree = _parse_create(f"CREATE EXTERNAL TABLE t ({body}) LOCATION {literal('s3://b/')}")
    stored = table["StorageDescriptor"]
    columns = [*stored["Columns"], *_columns(tree.this.expressions)]
    _update(session, table, StorageDescriptor={**stored, "Columns": columns})
