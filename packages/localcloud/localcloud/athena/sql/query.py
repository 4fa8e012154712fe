"""SELECT and everything that reads through one: tables bound, SQL translated, rows fetched."""

from __future__ import annotations

import base64
import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
from sqlglot import exp

from localcloud.athena.sql.errors import QueryError
from localcloud.athena.sql.session import CATALOGS, Result, Session, Table
from localcloud.athena.sql.tables.information_schema import create_information_view
from localcloud.athena.sql.tables.injected import Around, named_values, require_stated
from localcloud.athena.sql.tables.projection import injected_keys
from localcloud.athena.sql.tables.relations import (
    HIDDEN,
    Asked,
    columns_of,
    create_partitions_view,
    create_view,
    keys_of,
)
from localcloud.athena.sql.trino.analysis.conversions import coerce
from localcloud.athena.sql.trino.analysis.scopes import Output
from localcloud.athena.sql.trino.coercions import coercible
from localcloud.athena.sql.trino.context import Context, Source, Typed, register
from localcloud.athena.sql.trino.failures import explain_failure
from localcloud.athena.sql.trino.syntax import parse, parse_expression
from localcloud.athena.sql.trino.text_values import fetched, writer
from localcloud.athena.sql.trino.translate import condition as compile_condition
from localcloud.athena.sql.trino.translate import touched_columns, translate
from localcloud.athena.sql.trino.types import VARCHAR, Type, from_hive, parse_type
from localcloud.glue.catalog.types import quote

VIEW_PREFIX = "/* Presto View: "


@dataclass(frozen=True)
class Prepared:
    """A query ready for DuckDB: its SQL, in which the columns are c0, c1, ..., and their names and types."""

    sql: str
    outputs: list[Output]

    @property
    def columns(self) -> list[tuple[str, Type]]:
        """Names and types; a column without a name is _col0, _col1, ... by its place."""
        return [(one.name or f"_col{at}", one.kind) for at, one in enumerate(self.outputs)]


def prepare(session: Session, sql: str) -> Prepared:
    """Bind the tables of a query and translate it; QueryError says what Athena would."""
    tree = bind_parameters(parse(sql), session.parameters)
    wanted = touched_columns(tree)
    context = Context(
        sql,
        lambda table, where: bind(session, table, where, wanted, context),
        session.database,
        names=session.names,
    )
    made = translate(tree, context)
    register(session.connection, context)
    try:
        session.connection.execute(f"DESCRIBE {made.sql}")
    except duckdb.Error as error:
        raise explain_failure(sql, str(error)) from error
    return Prepared(made.sql, made.outputs)


def run_select(session: Session, sql: str) -> Result:
    """The rows of a query, each value as Athena's text."""
    prepared = prepare(session, sql)
    session.load()
    columns = [(name, str(kind)) for name, kind in prepared.columns]
    return Result(columns, list(_texts(session, sql, prepared)))


def _texts(session: Session, sql: str, prepared: Prepared) -> Iterator[list[str | None]]:
    """The rows as text; what Python cannot hold (moments with a zone) is fetched without it."""
    kinds = [one.kind for one in prepared.outputs]
    writers = [writer(kind) for kind in kinds]
    shown = ", ".join(fetched(f"c{at}", kind) for at, kind in enumerate(kinds))
    statement = f"SELECT {shown} FROM ({prepared.sql}) q"  # noqa: S608
    try:
        for row in session.rows(statement):
            yield [write(value) for write, value in zip(writers, row, strict=True)]
    except duckdb.InterruptException:
        session.check()
        raise
    except duckdb.Error as error:
        raise data_failure(session, sql, str(error)) from error


def data_failure(session: Session, sql: str, message: str) -> QueryError:
    """The error of a statement that DuckDB gave up while it read the data."""
    for path, item in session.copies.items():
        message = item.url.join(re.split(_copies_of(path), message))
    first = message.split("\n")[0]
    if "JSON" in first and "rror" in first and "s3://" in first:
        kind = "HIVE_BAD_DATA" if "transform error" in first else "HIVE_CURSOR_ERROR"
        return QueryError(f"{kind}: Row is not a valid JSON Object - {first}")
    return explain_failure(sql, message)


def _copies_of(path: Path) -> str:
    """A pattern of a local copy and of the changed ones that were made of it, such as `t0-plain/...`."""
    root = path.parent.parent
    return rf"{re.escape(str(root))}(?:-[a-z]+)*/{re.escape(f'{path.parent.name}/{path.stem}')}\.\w+"


def qualified(table: exp.Table, default: str, where: str = "line 1:1") -> tuple[str, str]:
    """Database and name of a table reference; only the AwsDataCatalog exists."""
    catalog = table.catalog.lower()
    if catalog not in CATALOGS:
        raise QueryError(f"CATALOG_NOT_FOUND: {where}: Catalog '{catalog}' does not exist")
    return (table.db or default).lower(), table.name.lower()


def bind(
    session: Session, reference: exp.Table, where: str, wanted: set[str] | None, context: Context,
    around: Around = (),
) -> Source:  # fmt: skip
    """A DuckDB view for a table reference, and the columns that the catalog says it has.

    `around` are the references to the views through which the table is read.
    """
    owner, name = qualified(reference, context.database, where)
    view = session.new_name()
    if owner == "information_schema":
        return Source(quote(view), create_information_view(session, name, where, view))
    table = session.table(owner, name.removesuffix("$partitions"), where)
    if name.endswith("$partitions"):
        create_partitions_view(session, table, view)
        return Source(quote(view), [(key, from_hive(kind)) for key, kind in keys_of(table)])
    if _is_view(table):
        return Source(quote(view), _create_presto_view(session, table, view, (reference, *around)))
    asked = asked_of(reference, table, wanted, around)
    for key in [one for one in injected_keys(table) if one not in asked.values]:
        session.pending.append(partial(require_stated, reference, key, around))
    create_view(session, table, view, asked)
    hidden = [(one, kind) for one, kind in HIDDEN.items() if wanted is not None and one in wanted]
    columns = [(column, from_hive(kind)) for column, kind in columns_of(table) + keys_of(table)]
    return Source(quote(view), columns, hidden)


def _is_view(table: Table) -> bool:
    return table.get("TableType") == "VIRTUAL_VIEW"


def view_definition(table: Table) -> dict[str, Any]:
    """The JSON inside of a Presto view's text: originalSql, catalog, schema, columns."""
    stored = table.get("ViewOriginalText") or ""
    if not stored.startswith(VIEW_PREFIX):
        raise QueryError(f"INVALID_VIEW: {table['DatabaseName']}.{table['Name']} is not a view of Athena")
    definition: dict[str, Any] = json.loads(base64.b64decode(stored[len(VIEW_PREFIX) :].split(" ")[0]))
    return definition


def _create_presto_view(session: Session, table: Table, view: str, around: Around) -> list[tuple[str, Type]]:
    """Create the DuckDB view of a view of the catalog; its columns have the types that the catalog says."""
    definition = view_definition(table)
    sql = definition["originalSql"]
    tree = parse(sql)
    wanted = touched_columns(tree)
    owner = definition.get("schema") or table["DatabaseName"]
    context = Context(
        sql, lambda one, where: bind(session, one, where, wanted, context, around), owner, names=session.names
    )
    made = translate(tree, context)
    register(session.connection, context)
    columns = [(column["name"], parse_type(column["type"]) or VARCHAR) for column in definition["columns"]]
    if len(columns) != len(made.outputs):
        raise QueryError(
            f"VIEW_IS_STALE: line 1:1: View 'awsdatacatalog.{table['DatabaseName']}.{table['Name']}' is stale"
            f" or in invalid state: stored view column count ({len(columns)}) does not match column count"
            f" derived from the view query analysis ({len(made.outputs)})"
        )
    shown = []
    for at, ((name, kind), one) in enumerate(zip(columns, made.outputs, strict=True)):
        if not coercible(one.kind, kind):
            raise QueryError(
                f"VIEW_IS_STALE: line 1:1: View 'awsdatacatalog.{table['DatabaseName']}.{table['Name']}' is"
                f" stale or in invalid state: column [{name}] of type {one.kind} projected from query view at"
                f" position {at} cannot be coerced to column [{name}] of type {kind} stored in view"
                " definition"
            )
        shown.append(f"{coerce(Typed(f'c{at}', one.kind), kind, context).sql} AS {quote(name)}")
    session.connection.execute(f"CREATE VIEW {quote(view)} AS SELECT {', '.join(shown)} FROM ({made.sql}) q")  # noqa: S608
    return columns


def asked_of(reference: exp.Table, table: Table, wanted: set[str] | None, around: Around = ()) -> Asked:
    """What the statement around a table says of its columns and partitions."""
    usable = partition_conditions(reference, table)
    values = {key: found for key in injected_keys(table) if (found := named_values(reference, key, around))}
    return Asked(wanted, _compiled(usable, table), values)


def partition_conditions(reference: exp.Table, table: Table) -> list[exp.Expression]:
    """The conditions of the WHERE around a table that speak of its partition keys only, without qualifiers.

    Conditions are taken only where the table is read by that SELECT itself, and never from the
    side of an outer join that may be absent.
    """
    keys = {name for name, _ in keys_of(table)}
    select = reference.parent_select
    where = select.args.get("where") if select is not None else None
    joins = (select.args.get("joins") or []) if select is not None else []
    if not keys or where is None or any(join.side for join in joins):
        return []
    names = {reference.alias_or_name.lower()}
    conditions = list(where.this.flatten()) if isinstance(where.this, exp.And) else [where.this]
    usable = [condition.copy() for condition in conditions if _only_keys(condition, keys, names, not joins)]
    for column in itertools.chain.from_iterable(one.find_all(exp.Column) for one in usable):
        for part in ("table", "db", "catalog"):
            column.set(part, None)
    return usable


def _compiled(conditions: list[exp.Expression], table: Table) -> str | None:
    """Conditions on partition keys as DuckDB's SQL, if it needs no function of ours."""
    if not conditions:
        return None
    context = Context("", _no_table)
    columns = {name: (quote(name), from_hive(kind)) for name, kind in keys_of(table)}
    made = [compile_condition(one, columns, context) for one in conditions]
    return None if context.functions else " AND ".join(made)


def _no_table(table: exp.Table, _where: str) -> Source:
    raise QueryError(f"INTERNAL_ERROR: {table.name} in a condition on partitions")


def _only_keys(condition: exp.Expression, keys: set[str], names: set[str], alone: bool) -> bool:
    columns = list(condition.find_all(exp.Column))
    if not columns or condition.find(exp.Select, exp.Subquery, exp.Anonymous):
        return False
    return all(
        column.name.lower() in keys and (column.table.lower() in names if column.table else alone)
        for column in columns
    )


def bind_parameters(tree: exp.Expression, values: list[str]) -> exp.Expression:
    """Put the ExecutionParameters in the places of the question marks.

    A value that is no expression of SQL is a text: `2020-01-01` and `new york` need no quotes.
    """
    marks = [mark for mark in tree.find_all(exp.Placeholder, bfs=False) if not mark.this]
    if len(marks) != len(values):
        raise QueryError(
            f"INVALID_PARAMETER_USAGE: line 1:1: Incorrect number of parameters: expected {len(marks)} "
            f"but found {len(values)}"
        )
    for mark, value in zip(marks, values, strict=True):
        mark.replace(parameter(value))
    return tree


def parameter(value: str) -> exp.Expression:
    """One parameter: a literal or an expression without columns, otherwise the text that it is."""
    try:
        found = parse_expression(value)
    except QueryError:
        return exp.Literal.string(value)
    if found.find(exp.Column, exp.Query, exp.Star, exp.Placeholder) or re.fullmatch(
        r"\d+(-\d+)+", value.strip()
    ):
        return exp.Literal.string(value)
    return found
