"""Trino's SQL to DuckDB's: sqlglot does the dialect, `rewriters` and this module what it cannot know."""

from __future__ import annotations

import logging

import sqlglot
from sqlglot import exp
from sqlglot.dialects.athena import Athena
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import ErrorLevel, ParseError, TokenError, UnsupportedError

from localcloud.athena.sql.errors import QueryError, unsupported
from localcloud.athena.sql.trino.functions import is_trino_function
from localcloud.athena.sql.trino.positions import function_calls
from localcloud.athena.sql.trino.rewriters import rewrite

UNNAMED = "__unnamed_"
# The dialects are imported above and not looked up by name: sqlglot does that in the thread of the first
# query, and other threads find them half made.
logging.getLogger("sqlglot").setLevel(logging.ERROR)


def parse(sql: str) -> exp.Expression:
    """Parse one statement of Trino's SQL; SYNTAX_ERROR with the place of what was not understood."""
    try:
        trees = [tree for tree in sqlglot.parse(sql, read=Athena) if tree is not None]
    except ParseError as error:
        raise _syntax_error(error) from error
    except TokenError as error:
        raise QueryError(f"SYNTAX_ERROR: line 1:1: {str(error).splitlines()[0]}") from error
    if len(trees) == 1 and isinstance(trees[0], exp.Values):
        return _rows_as_select(trees[0])
    if len(trees) != 1:
        raise QueryError(f"SYNTAX_ERROR: line 1:1: one statement is expected, {len(trees)} were found")
    return trees[0]


def _rows_as_select(values: exp.Values) -> exp.Expression:
    """A statement that is nothing but VALUES: its columns are _col0, _col1, ..."""
    width = len(values.expressions[0].expressions) if isinstance(values.expressions[0], exp.Tuple) else 1
    names = [exp.to_identifier(f"{UNNAMED}{index}", quoted=True) for index in range(width)]
    values.set("alias", exp.TableAlias(this=exp.to_identifier("rows"), columns=names))
    return exp.select("*").from_(values)


def _syntax_error(error: ParseError) -> QueryError:
    found = error.errors[0] if error.errors else {}
    word = found.get("highlight") or "<EOF>"
    line, column = found.get("line") or 1, found.get("col") or 1
    start = max(1, column - len(word) + 1)
    return QueryError(
        f"SYNTAX_ERROR: line {line}:{start}: mismatched input '{word}'. {found.get('description', '')}"
    )


def require_known_functions(sql: str) -> None:
    for name, where in function_calls(sql):
        if not is_trino_function(name):
            raise QueryError(f"FUNCTION_NOT_FOUND: {where}: Function '{name}' not registered")


def tables_of(tree: exp.Expression) -> list[exp.Table]:
    """The tables that the catalog must know: every reference but those to a WITH of this query."""
    found = [table for table in tree.find_all(exp.Table) if isinstance(table.this, exp.Identifier)]
    return [table for table in found if table.db or not _is_cte(table)]


def _is_cte(table: exp.Table) -> bool:
    inside: set[str] = set()
    node: exp.Expression | None = table.parent
    while node is not None:
        if isinstance(node, exp.CTE):
            inside.add(node.alias.lower())
        clause = node.args.get("with_") or node.args.get("with")
        if clause is not None:
            names = {one.alias.lower() for one in clause.expressions}
            recursive = bool(clause.args.get("recursive"))
            if table.name.lower() in (names if recursive else names - inside):
                return True
        node = node.parent
    return False


def point_to(table: exp.Table, view: str) -> None:
    """Let a table reference mean a DuckDB view, under the name that the query knows it by."""
    alias = table.args.get("alias") or exp.TableAlias(this=exp.to_identifier(table.name, quoted=True))
    if not alias.this:
        alias.set("this", exp.to_identifier(table.name, quoted=True))
    for part in ("db", "catalog"):
        table.set(part, None)
    table.set("this", exp.to_identifier(view, quoted=True))
    table.set("alias", alias)


def name_columns(tree: exp.Expression) -> None:
    """Mark the unnamed columns of the outermost SELECT: Trino calls them _col0, _col1, ..."""
    select = tree
    while isinstance(select, exp.SetOperation | exp.Subquery):
        select = select.this
    if not isinstance(select, exp.Select):
        return
    named = []
    for index, column in enumerate(select.expressions):
        if isinstance(column, exp.Dot):
            named.append(exp.alias_(column, column.expression.name, quoted=True))
        elif isinstance(column, exp.Alias | exp.Star | exp.Column | exp.Aliases):
            named.append(column)
        else:
            named.append(exp.alias_(column, f"{UNNAMED}{index}", quoted=True))
    select.set("expressions", named)


def output_name(name: str, position: int) -> str:
    return f"_col{position}" if name.startswith(UNNAMED) else name


def touched_columns(tree: exp.Expression) -> set[str] | None:
    """Every name that the statement mentions, or None when a star may mean any column."""
    for star in tree.find_all(exp.Star):
        if not isinstance(star.parent, exp.Count):
            return None
    return {name.name.lower() for name in tree.find_all(exp.Identifier)}


def to_duckdb_sql(tree: exp.Expression, map_columns: set[str]) -> str:
    """DuckDB's SQL of a tree whose tables already point to views; the tree is changed.

    `map_columns` names the columns of type map, which UNNEST turns into two columns. Raises `QueryError` for
    what DuckDB lacks: sqlglot would leave it out, and the answer would be another one.
    """
    for column in tree.find_all(exp.Column):
        column.set("db", None)
        column.set("catalog", None)
    tree = tree.transform(rewrite)
    for unnest in list(tree.find_all(exp.Unnest)):
        _expand_rows(unnest, map_columns)
    try:
        return str(tree.sql(dialect=DuckDB, unsupported_level=ErrorLevel.RAISE))
    except UnsupportedError as error:
        raise unsupported(f"this in a query: {str(error).rstrip('.')}") from error


def _expand_rows(unnest: exp.Unnest, map_columns: set[str]) -> None:
    """UNNEST of an array of rows, or of a map, gives one column for each field: name them all."""
    alias = unnest.args.get("alias")
    sources = unnest.expressions
    offset = unnest.args.get("offset")
    if alias is None or len(sources) != 1 or offset or len(alias.args.get("columns") or []) < 2:
        return
    source = sources[0]
    is_map = isinstance(source, exp.Map | exp.VarMap | exp.MapFromEntries) or (
        isinstance(source, exp.Column) and source.name.lower() in map_columns
    )
    text = source.sql("duckdb")
    inner = f"map_entries({text})" if is_map else text
    expanded = sqlglot.parse_one(f"SELECT unnest({inner}, max_depth := 2)", read=DuckDB)
    unnest.replace(exp.Lateral(this=exp.Subquery(this=expanded), alias=alias.copy()))
