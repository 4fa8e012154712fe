"""CREATE EXTERNAL TABLE: Hive's DDL as a table of the catalog."""

from __future__ import annotations

import re
import time
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.dialects.hive import Hive
from sqlglot.errors import ParseError

from localcloud.athena.sql.errors import QueryError, unsupported
from localcloud.athena.sql.session import Result, Session
from localcloud.athena.sql.statements.catalog_calls import call
from localcloud.athena.sql.statements.hive_shape import check_shape, storage_clauses
from localcloud.athena.sql.statements.hive_texts import TEXT, refuse, text_pairs, unescape
from localcloud.athena.sql.statements.names import resolve
from localcloud.glue.catalog.storage import HIVE, OPENX_JSON_SERDE, TEXT_INPUT, TEXT_OUTPUT, storage_format
from localcloud.glue.catalog.table_objects import split_location
from localcloud.glue.catalog.types import parse as parse_type

STORED_AS = {"PARQUET": "parquet", "TEXTFILE": "csv", "JSONFILE": "json", "ORC": "orc", "AVRO": "avro"}
JSON_OUTPUT = HIVE + "ql.io.IgnoreKeyTextOutputFormat"
DELIMITERS = {
    r"fields\s+terminated\s+by": "field.delim",
    r"escaped\s+by": "escape.delim",
    r"collection\s+items\s+terminated\s+by": "collection.delim",
    r"map\s+keys\s+terminated\s+by": "mapkey.delim",
    r"lines\s+terminated\s+by": "line.delim",
    r"null\s+defined\s+as": "serialization.null.format",
}
_PROPERTIES = r"\bwith\s+serdeproperties\b"


def create_external_table(session: Session, sql: str) -> Result:
    """CREATE EXTERNAL TABLE: a catalog entry in Athena's form; no object is read."""
    tree = parse_create(sql)
    schema = tree.this
    if not isinstance(schema, exp.Schema):
        raise QueryError("SYNTAX_ERROR: line 1:1: CREATE EXTERNAL TABLE needs a list of columns")
    database, name = resolve(session, schema.this.sql("hive"))
    session.require_database(database)
    if session.has_table(database, name):
        if tree.args.get("exists"):
            return Result()
        raise QueryError(f"FAILED: AlreadyExistsException(message:Table {name} already exists in {database})")
    storage = _storage_descriptor(sql, name, tree)
    described = {**_described(name, tree), "StorageDescriptor": storage}
    check_names(storage["Columns"], described["PartitionKeys"])
    call(
        session.glue.create_table,
        f"glue:CreateTable {database}.{name}",
        DatabaseName=database,
        TableInput=described,
    )
    return Result()


def _properties(tree: exp.Create) -> list[exp.Expression]:
    return tree.args["properties"].expressions if tree.args.get("properties") else []


def _described(name: str, tree: exp.Create) -> dict[str, Any]:
    """A `TableInput` of Glue's, without the storage."""
    properties = _properties(tree)
    partitioned = next((p for p in properties if isinstance(p, exp.PartitionedByProperty)), None)
    pairs = [p for p in properties if type(p) is exp.Property]
    parameters = {_text(p.this): _text(p.args["value"]) for p in pairs}
    comment = next((p.this.name for p in properties if isinstance(p, exp.SchemaCommentProperty)), "")
    comment = " ".join(comment.split())  # in one line, as the catalog has it
    return {
        "Name": name,
        "Owner": "hadoop",
        "TableType": "EXTERNAL_TABLE",
        **({"Description": comment} if comment else {}),
        "Parameters": {
            "EXTERNAL": "TRUE",
            "transient_lastDdlTime": str(int(time.time())),
            **({"comment": comment} if comment else {}),
            **parameters,
        },
        "PartitionKeys": column_definitions(partitioned.this.expressions) if partitioned else [],
    }


def _text(value: exp.Expression) -> str:
    """The name or value of a property, which must be a text."""
    if not value.is_string:
        refuse(value.sql("hive"))
    return str(value.name)


def _storage_descriptor(sql: str, name: str, tree: exp.Create) -> dict[str, Any]:
    location = next((p.this.name for p in _properties(tree) if isinstance(p, exp.LocationProperty)), None)
    if not location:
        raise QueryError(f"FAILED: SemanticException: CREATE EXTERNAL TABLE {name} needs LOCATION 's3://...'")
    check_location(location)
    return {
        "Columns": column_definitions(tree.this.expressions),
        "Location": location,
        "Compressed": False,
        **_buckets(tree),
        "StoredAsSubDirectories": False,
        **_storage(sql),
    }


def _buckets(tree: exp.Create) -> dict[str, Any]:
    """CLUSTERED BY, as the catalog has it."""
    found = next((p for p in _properties(tree) if isinstance(p, exp.ClusteredByProperty)), None)
    if found is None:
        return {"NumberOfBuckets": -1}
    if found.args.get("sorted_by"):
        raise unsupported("SORTED BY of CREATE EXTERNAL TABLE")
    columns = [column.name.lower() for column in found.expressions]
    declared = {column.name.lower() for column in tree.this.find_all(exp.ColumnDef)}
    if not declared.issuperset(columns):
        raise QueryError("FAILED: SemanticException [Error 10002]: Invalid column reference")
    return {"NumberOfBuckets": int(found.args["buckets"].name), "BucketColumns": columns}


def check_location(location: str) -> None:
    """Data are in S3 and nowhere else."""
    try:
        split_location(location)
    except ValueError as error:
        raise QueryError(f"FAILED: SemanticException: {error}") from None


def check_names(columns: list[dict[str, str]], keys: list[dict[str, str]]) -> None:
    """Each name stands once, among columns and partition keys."""
    names = [column["Name"] for column in columns]
    double = next((name for name in names if names.count(name) > 1), "")
    if double:
        raise QueryError(f"FAILED: SemanticException [Error 10036]: Duplicate column name: {double}")
    parts = [key["Name"] for key in keys]
    if set(parts) & set(names) or len(set(parts)) < len(parts):
        raise QueryError("FAILED: SemanticException [Error 10035]: Column repeated in partitioning columns")


def parse_create(sql: str) -> exp.Create:
    """The statement, read as Hive's. Raises `QueryError` in the words of Athena's parser."""
    try:
        tree = sqlglot.parse_one(sql, read=Hive)
    except ParseError as error:
        found = error.errors[0] if error.errors else {}
        raise QueryError(
            f"FAILED: ParseException line {found.get('line', 1)}:{found.get('col', 1)} cannot recognize "
            f"input near '{found.get('highlight', '')}'"
        ) from error
    if not isinstance(tree, exp.Create) or isinstance(tree, exp.Command):
        raise unsupported("this form of CREATE EXTERNAL TABLE")
    check_shape(sql)
    if tree.expression is not None:
        raise QueryError(
            "FAILED: SemanticException [Error 10070]: CREATE-TABLE-AS-SELECT cannot create external table"
        )
    return tree


def column_definitions(definitions: list[exp.Expression]) -> list[dict[str, str]]:
    """`Columns` of a Glue table, from a statement's list."""
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
    sql = storage_clauses(sql)
    serde = re.search(r"row\s+format\s+serde\s+['\"]([^'\"]+)['\"]", sql, re.IGNORECASE)
    stored_as = re.search(r"stored\s+as\s+(\w+)", sql, re.IGNORECASE)
    kind = (stored_as[1] if stored_as else "TEXTFILE").upper()
    formats = re.search(
        r"inputformat\s+['\"]([^'\"]+)['\"]\s+outputformat\s+['\"]([^'\"]+)['\"]", sql, re.IGNORECASE
    )
    if kind != "INPUTFORMAT" and kind not in STORED_AS:
        raise unsupported(f"STORED AS {kind}")
    parameters = _serde_parameters(sql)
    described = storage_format(STORED_AS.get(kind, "csv"))
    if formats:
        described |= {"InputFormat": formats[1], "OutputFormat": formats[2]}
    if serde:
        described["SerdeInfo"] = {"SerializationLibrary": serde[1], "Parameters": parameters}
        if "parquet" in serde[1] and not formats:
            described |= {"InputFormat": HIVE + "ql.io.parquet.MapredParquetInputFormat"}
        if serde[1] == OPENX_JSON_SERDE and not stored_as:
            described |= {"OutputFormat": JSON_OUTPUT}
    elif described["InputFormat"] == TEXT_INPUT and described["OutputFormat"] == TEXT_OUTPUT:
        described["SerdeInfo"]["Parameters"] = {
            "field.delim": "\x01",
            "serialization.format": parameters.get("field.delim", "1"),
            **parameters,
        }
    return described


def _named_parameters(sql: str) -> dict[str, str]:
    """WITH SERDEPROPERTIES, if it is there: it must be there as a whole."""
    head = re.search(_PROPERTIES, sql, re.IGNORECASE)
    if head is None:
        return {}
    rest = sql[head.end() :]
    block = re.match(rf"\s*\((?P<pairs>(?:[^()'\"]|{TEXT})*)\)", rest, re.DOTALL)
    return text_pairs(block["pairs"]) if block else refuse(rest)


def _serde_parameters(sql: str) -> dict[str, str]:
    """WITH SERDEPROPERTIES, and the delimiters of ROW FORMAT DELIMITED."""
    parameters = _named_parameters(sql)
    delimited = re.match(r"row\s+format\s+delimited\b", sql, re.IGNORECASE)
    for clause, name in DELIMITERS.items():
        found = re.search(rf"\b{clause}\s+{TEXT}", sql, re.IGNORECASE) if delimited else None
        if found:
            parameters[name] = unescape(found[1] if found[1] is not None else found[2])
    if parameters.get("line.delim", "\n") not in ("\n", "10"):
        raise QueryError(
            "FAILED: SemanticException [Error 10082]: LINES TERMINATED BY only supports newline '\\n' "
            "right now"
        )
    return parameters
