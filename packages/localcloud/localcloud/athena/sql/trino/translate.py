"""Trino's SQL to DuckDB's: a statement is parsed, its names and types resolved, and written anew.

Whatever the analysis does not know is refused: nothing of a statement reaches DuckDB as it was written.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from localcloud.athena.sql.trino.analysis import (
    calls,
    expressions,
    forms,
    literals,
    operators,
    queries,
    subqueries,
)
from localcloud.athena.sql.trino.analysis.scopes import Column, Compiled, Scope
from localcloud.athena.sql.trino.context import Context, Source, Typed
from localcloud.athena.sql.trino.syntax import DIALECT, parse
from localcloud.athena.sql.trino.types import BOOLEAN, Type

__all__ = [
    "DIALECT",
    "Compiled",
    "Context",
    "Source",
    "calls",
    "forms",
    "literals",
    "operators",
    "parse",
    "subqueries",
]
Bind = Callable[[exp.Table, str], Source]


def translate(tree: exp.Expression, context: Context) -> Compiled:
    """A query in DuckDB's SQL, with the names and the types of its columns; raises `QueryError`."""
    return queries.compile_query(tree, Scope(context))


def condition(tree: exp.Expression, columns: dict[str, tuple[str, Type]], context: Context) -> str:
    """One condition over columns that DuckDB knows under other names."""
    known = tuple(Column(name, Typed(sql, kind)) for name, (sql, kind) in columns.items())
    return expressions.compile_as(tree, BOOLEAN, Scope(context, known), "WHERE clause").sql


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
            if table.name.lower() in names - inside:
                return True
        node = node.parent
    return False


def touched_columns(tree: exp.Expression) -> set[str] | None:
    """Every name that the statement mentions, or None when a star may mean any column."""
    for star in tree.find_all(exp.Star):
        if not _is_count(star):
            return None
    return {name.name.lower() for name in tree.find_all(exp.Identifier)}


def _is_count(star: exp.Star) -> bool:
    return isinstance(star.parent, exp.Anonymous) and star.parent.name.lower() == "count"
