"""SELECT and everything that reads through one: tables bound, SQL translated, rows fetched."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb
from sqlglot import exp

from localcloud.athena.sql.errors import QueryError
from localcloud.athena.sql.session import CATALOGS, Result, Session, Table
from localcloud.athena.sql.tables.information_schema import create_information_view
from localcloud.athena.sql.tables.relations import columns_of, create_partitions_view, create_view, keys_of
from localcloud.athena.sql.trino.failures import explain_failure
from localcloud.athena.sql.trino.positions import find_name
from localcloud.athena.sql.trino.text_values import athena_type, writer
from localcloud.athena.sql.trino.translate import (
    name_columns,
    output_name,
    parse,
    point_to,
    require_known_functions,
    tables_of,
    to_duckdb_sql,
    touched_columns,
)
from localcloud.glue.catalog.types import STRING, Map, quote

VIEW_PREFIX = "/* Presto View: "
COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)
OPERATORS = {exp.EQ: "=", exp.NEQ: "<>", exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<="}


@dataclass(frozen=True)
class Prepared:
    """A query ready for DuckDB: its SQL and its columns with DuckDB's types."""

    sql: str
    columns: list[tuple[str, Any]]


def prepare(session: Session, sql: str) -> Prepared:
    """Bind the tables of a query and translate it; QueryError says what Athena would."""
    require_known_functions(sql)
    tree = bind_parameters(parse(sql), session.parameters)
    name_columns(tree)
    maps = _bind(session, sql, tree, session.database)
    translated = to_duckdb_sql(tree, maps)
    try:
        described = session.connection.execute(f"DESCRIBE {translated}").fetchall()
    except duckdb.Error as error:
        raise explain_failure(sql, str(error)) from error
    columns = [
        (output_name(name, position), duckdb.sqltype(kind))
        for position, (name, kind, *_) in enumerate(described)
    ]
    return Prepared(translated, columns)


def run_select(session: Session, sql: str) -> Result:
    """The rows of a query, each value as Athena's text."""
    prepared = prepare(session, sql)
    session.load()
    columns = [(name, athena_type(kind)) for name, kind in prepared.columns]
    return Result(columns, list(_texts(session, sql, prepared)))


def _texts(session: Session, sql: str, prepared: Prepared) -> Iterator[list[str | None]]:
    """The rows as text; what Python cannot hold (zoned timestamps) DuckDB writes."""
    statement = prepared.sql
    kinds = [str(kind).upper() for _, kind in prepared.columns]
    writers = [writer(kind) for _, kind in prepared.columns]
    if any("TIME ZONE" in kind or kind == "JSON" for kind in kinds):
        names = [f"c{index}" for index in range(len(kinds))]
        shown = ", ".join(_shown(name, kind) for name, kind in zip(names, kinds, strict=True))
        statement = f"SELECT {shown} FROM ({statement}) q({', '.join(names)})"  # noqa: S608
    try:
        for row in session.rows(statement):
            yield [write(value) for write, value in zip(writers, row, strict=True)]
    except duckdb.InterruptException:
        session.check()
        raise
    except duckdb.Error as error:
        raise _data_failure(session, sql, str(error)) from error


def _shown(name: str, kind: str) -> str:
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"strftime({name}, '%Y-%m-%d %H:%M:%S.%g') || ' UTC'"
    return f"CAST({name} AS VARCHAR)" if "TIME ZONE" in kind or kind == "JSON" else name


def _data_failure(session: Session, sql: str, message: str) -> QueryError:
    for item, path in session.local.items():
        message = message.replace(str(path), item.url)
    first = message.split("\n")[0]
    if "JSON" in first and "rror" in first and "s3://" in first:
        kind = "HIVE_BAD_DATA" if "transform error" in first else "HIVE_CURSOR_ERROR"
        return QueryError(f"{kind}: Row is not a valid JSON Object - {first}")
    return explain_failure(sql, message)


def qualified(session: Session, table: exp.Table, default: str) -> tuple[str, str]:
    """Database and name of a table reference; only the AwsDataCatalog exists."""
    catalog = table.catalog.lower()
    if catalog not in CATALOGS:
        where = find_name(session.sql, table.catalog)
        raise QueryError(f"CATALOG_NOT_FOUND: {where}: Catalog '{catalog}' does not exist")
    return (table.db or default).lower(), table.name.lower()


def _bind(session: Session, sql: str, tree: exp.Expression, database: str) -> set[str]:
    """Create a DuckDB view for every table reference; returns the names of columns of type map."""
    wanted, maps = touched_columns(tree), set()
    references = tables_of(tree)
    found = []
    for reference in references:
        owner, name = qualified(session, reference, database)
        where = find_name(sql, *([reference.db] if reference.db else []), reference.name)
        if owner == "information_schema":
            view = session.new_name()
            create_information_view(session, name, where, view)
            point_to(reference, view)
            continue
        found.append((reference, session.table(owner, name.removesuffix("$partitions"), where)))
    _check_types(sql, tree, [table for _, table in found])
    for reference, table in found:
        predicate = None if _is_view(table) else partition_predicate(reference, table)
        view = session.new_name()
        if reference.name.endswith("$partitions"):
            create_partitions_view(session, table, view)
        elif _is_view(table):
            _create_presto_view(session, table, view)
        else:
            create_view(session, table, view, wanted, predicate)
            maps |= {name for name, kind in columns_of(table) if isinstance(kind, Map)}
        point_to(reference, view)
    return maps


def _is_view(table: Table) -> bool:
    return table.get("TableType") == "VIRTUAL_VIEW"


def view_definition(table: Table) -> dict[str, Any]:
    """The JSON inside of a Presto view's text: originalSql, catalog, schema, columns."""
    stored = table.get("ViewOriginalText") or ""
    if not stored.startswith(VIEW_PREFIX):
        raise QueryError(f"INVALID_VIEW: {table['DatabaseName']}.{table['Name']} is not a view of Athena")
    definition: dict[str, Any] = json.loads(base64.b64decode(stored[len(VIEW_PREFIX) :].split(" ")[0]))
    return definition


def _create_presto_view(session: Session, table: Table, view: str) -> None:
    definition = view_definition(table)
    tree = parse(definition["originalSql"])
    maps = _bind(session, definition["originalSql"], tree, definition.get("schema") or table["DatabaseName"])
    names = ", ".join(quote(column["name"]) for column in definition["columns"])
    session.connection.execute(f"CREATE VIEW {quote(view)} ({names}) AS {to_duckdb_sql(tree, maps)}")


def partition_predicate(reference: exp.Table, table: Table) -> str | None:
    """The conditions of the WHERE around a table that speak of its partition keys only, as DuckDB's SQL.

    Conditions are taken only where the table is read by that SELECT itself, and never from the
    side of an outer join that may be absent.
    """
    keys = {name for name, _ in keys_of(table)}
    select = reference.parent_select
    where = select.args.get("where") if select is not None else None
    joins = (select.args.get("joins") or []) if select is not None else []
    if not keys or where is None or any(join.side for join in joins):
        return None
    alone = not joins
    names = {reference.alias_or_name.lower()}
    conditions = where.this.flatten() if isinstance(where.this, exp.And) else [where.this]
    kept = [condition.copy() for condition in conditions]
    usable = [condition for condition in kept if _only_keys(condition, keys, names, alone)]
    if not usable:
        return None
    for condition in usable:
        for column in condition.find_all(exp.Column):
            column.set("table", None)
            column.set("db", None)
    whole = exp.and_(*usable, copy=False)
    return to_duckdb_sql(whole, set())


def _only_keys(condition: exp.Expression, keys: set[str], names: set[str], alone: bool) -> bool:
    columns = list(condition.find_all(exp.Column))
    if not columns or condition.find(exp.Select, exp.Subquery, exp.Rand, exp.Anonymous):
        return False
    return all(
        column.name.lower() in keys and (column.table.lower() in names if column.table else alone)
        for column in columns
    )


def bind_parameters(tree: exp.Expression, values: list[str]) -> exp.Expression:
    """Put the ExecutionParameters, which are literals of SQL, in the places of the question marks."""
    marks = [mark for mark in tree.find_all(exp.Placeholder, bfs=False) if not mark.this]
    if len(marks) != len(values):
        raise QueryError(
            f"INVALID_PARAMETER_USAGE: line 1:1: Incorrect number of parameters: expected {len(marks)} "
            f"but found {len(values)}"
        )
    for mark, value in zip(marks, values, strict=True):
        mark.replace(parse(f"SELECT {value}").expressions[0])
    return tree


def _check_types(sql: str, tree: exp.Expression, tables: list[Table]) -> None:
    """Trino compares no varchar with a number, where DuckDB casts: a common mistake on partition keys."""
    kinds: dict[str, set[Any]] = {}
    for table in tables:
        if not _is_view(table):
            for name, kind in columns_of(table) + keys_of(table):
                kinds.setdefault(name, set()).add(kind)
    for comparison in tree.find_all(*COMPARISONS):
        left, right = comparison.this, comparison.expression
        for column, value in ((left, right), (right, left)):
            number = isinstance(value, exp.Literal) and not value.is_string
            if isinstance(column, exp.Column) and number and kinds.get(column.name.lower()) == {STRING}:
                number_type = "integer" if value.name.isdigit() else "decimal"
                operator = OPERATORS[type(comparison)]
                pair = ["varchar", number_type] if column is left else [number_type, "varchar"]
                raise QueryError(
                    f"TYPE_MISMATCH: {find_name(sql, column.name)}: Cannot apply operator: "
                    f"{pair[0]} {operator} {pair[1]}"
                )
