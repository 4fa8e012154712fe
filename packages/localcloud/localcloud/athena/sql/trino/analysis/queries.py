"""Queries: WITH, set operations, VALUES, ORDER BY, LIMIT."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from localcloud.athena.sql.errors import QueryError, unsupported
from localcloud.athena.sql.trino.analysis import calls, clauses, conversions, selects
from localcloud.athena.sql.trino.analysis.expressions import HOOKS, compile_expression
from localcloud.athena.sql.trino.analysis.scopes import Column, CommonTable, Compiled, Output, Scope
from localcloud.athena.sql.trino.coercions import common_of, common_type
from localcloud.athena.sql.trino.context import Typed
from localcloud.athena.sql.trino.types import duckdb_field
from localcloud.glue.catalog.types import literal

SET_WORDS = {exp.Union: "UNION", exp.Intersect: "INTERSECT", exp.Except: "EXCEPT"}


def compile_query(node: exp.Expression, outer: Scope) -> Compiled:
    """A query with what stands before it (WITH) and behind it (ORDER BY, OFFSET, LIMIT)."""
    scope = outer
    prefix = ""
    if with_ := node.args.get("with_") or node.args.get("with"):
        scope, prefix = _common_tables(with_, scope)
    made = _body(node, scope)
    return Compiled(f"{prefix}{made.sql}", made.outputs)


def _body(node: exp.Expression, scope: Scope) -> Compiled:
    if isinstance(node, exp.Select):
        return selects.compile_select(node, scope)
    if isinstance(node, exp.SetOperation):
        return _ordered(node, _combined(node, scope), scope)
    if isinstance(node, exp.Values):
        return _ordered(node, _values(node, scope), scope)
    if isinstance(node, exp.Subquery | exp.Paren):
        return _ordered(node, compile_query(node.this, scope), scope)
    raise scope.context.error("SYNTAX_ERROR", node, f"mismatched input '{node.key}'. Expecting: <query>")


def _common_tables(with_: exp.With, scope: Scope) -> tuple[Scope, str]:
    """The scope that knows the queries of a WITH, and their text."""
    if with_.args.get("recursive"):
        raise unsupported("WITH RECURSIVE")
    tables, pieces = dict(scope.ctes), []
    seen: set[str] = set()
    for cte in with_.expressions:
        if not isinstance(cte, exp.CTE):
            raise unsupported(f"{cte.key} in WITH")
        name = cte.alias.lower()
        if name in seen:
            raise scope.context.error(
                "DUPLICATE_NAMED_QUERY", cte, f"WITH query name '{name}' specified more than once"
            )
        seen.add(name)
        made = compile_query(cte.this, replace(scope, ctes=dict(tables)))
        stored = scope.context.new_name("w")
        columns = clauses.named_columns(cte, made.outputs, cte.args["alias"].args.get("columns") or [], scope)
        tables[name] = CommonTable(stored, tuple(columns))
        pieces.append(f"{stored} AS ({made.sql})")
    return replace(scope, ctes=tables), f"WITH {', '.join(pieces)} "


def _values(node: exp.Values, scope: Scope) -> Compiled:
    made = [_row_of_values(one, scope) for one in node.expressions]
    if len({len(row) for row in made}) > 1:
        raise scope.context.error("TYPE_MISMATCH", node, "Values rows have mismatched sizes")
    kinds = []
    for at in range(len(made[0])):
        kind = common_of([row[at].kind for row in made])
        if kind is None:
            other = next(row[at].kind for row in made if common_type(made[0][at].kind, row[at].kind) is None)
            text = f"Values rows have mismatched types: {made[0][at].kind} vs {other}"
            raise scope.context.error("TYPE_MISMATCH", node, text)
        kinds.append(kind)
    lines = [
        ", ".join(
            conversions.coerce(item, kind, scope.context).sql for item, kind in zip(row, kinds, strict=True)
        )
        for row in made
    ]
    names = ", ".join(f"c{at}" for at in range(len(kinds)))
    shown = ", ".join(f"({line})" for line in lines)
    return Compiled(f"SELECT * FROM (VALUES {shown}) q({names})", [Output("", kind) for kind in kinds])  # noqa: S608


def _row_of_values(node: exp.Expression, scope: Scope) -> list[Typed]:
    """The columns of one row: what is a row by itself, such as ROW(1, 2), has as many as fields."""
    items = node.expressions if isinstance(node, exp.Tuple) else [node]
    if len(items) > 1:
        return [compile_expression(item, scope) for item in items]
    value = compile_expression(items[0], scope)
    if value.kind.name != "row":
        return [value]
    fields = enumerate(zip(value.kind.fields, value.kind.parts, strict=True))
    return [
        Typed(f"struct_extract({value.sql}, {literal(duckdb_field(name, at))})", part)
        for at, (name, part) in fields
    ]


def _combined(node: exp.SetOperation, scope: Scope) -> Compiled:
    """UNION, INTERSECT, EXCEPT: column by column of one type."""
    if node.args.get("by_name") or node.args.get("side") or node.args.get("kind"):
        raise scope.context.error("SYNTAX_ERROR", node, "mismatched input 'BY'")
    left, right = compile_query(node.this, scope), compile_query(node.expression, scope)
    word = SET_WORDS[type(node)]
    if len(left.outputs) != len(right.outputs):
        text = f"{word} query has different number of fields: {len(left.outputs)}, {len(right.outputs)}"
        raise scope.context.error("TYPE_MISMATCH", node, text)
    outputs = []
    for at, (one, other) in enumerate(zip(left.outputs, right.outputs, strict=True)):
        kind = common_type(one.kind, other.kind)
        if kind is None:
            text = f"column {at + 1} in {word} query has incompatible types: {one.kind}, {other.kind}"
            raise scope.context.error("TYPE_MISMATCH", node, text)
        outputs.append(Output(one.name, kind))
    every = " ALL" if not node.args.get("distinct", True) else ""
    sides = [_converted(side, outputs, scope) for side in (left, right)]
    return Compiled(f"{sides[0]} {word}{every} {sides[1]}", outputs)


def _converted(made: Compiled, outputs: list[Output], scope: Scope) -> str:
    pieces = [
        f"{conversions.coerce(Typed(f'c{at}', have.kind), want.kind, scope.context).sql} AS c{at}"
        for at, (have, want) in enumerate(zip(made.outputs, outputs, strict=True))
    ]
    return f"(SELECT {', '.join(pieces)} FROM ({made.sql}) q)"  # noqa: S608


def _ordered(node: exp.Expression, made: Compiled, scope: Scope) -> Compiled:
    """ORDER BY of a whole query: only its output columns have names there."""
    order, tail = node.args.get("order"), clauses.limits(node, scope)
    if order is None and not tail:
        return made
    columns = tuple(
        Column(one.name, Typed(f"q.c{at}", one.kind)) for at, one in enumerate(made.outputs) if one.name
    )
    inner = Scope(scope.context, columns, scope.outer, ctes=scope.ctes)
    items = []
    for one in order.expressions if order else []:
        at = clauses.ordinal(one.this, len(made.outputs), inner)
        value = (
            Typed(f"q.c{at}", made.outputs[at].kind)
            if at is not None
            else compile_expression(one.this, inner)
        )
        calls.require_orderable(one, value, inner)
        items.append(calls.sort_item(one, value))
    sorting = f" ORDER BY {', '.join(items)}" if items else ""
    return Compiled(f"SELECT * FROM ({made.sql}) q{sorting}{tail}", made.outputs)  # noqa: S608


def require_names(outputs: list[Output]) -> None:
    """CREATE VIEW and CREATE TABLE AS take no column without a name or a type, and no name twice."""
    for position, one in enumerate(outputs, 1):
        if not one.name:
            raise QueryError(
                f"MISSING_COLUMN_NAME: line 1:1: Column name not specified at position {position}"
            )
        if "unknown" in str(one.kind):
            raise QueryError(f"COLUMN_TYPE_UNKNOWN: line 1:1: Column type is unknown at position {position}")
    require_different_names([one.name for one in outputs])


def require_different_names(names: list[str]) -> None:
    """What is written takes no name twice, in whatever case."""
    names = [name.lower() for name in names]
    double = next((name for name in names if names.count(name) > 1), "")
    if double:
        raise QueryError(f"DUPLICATE_COLUMN_NAME: line 1:1: Column name '{double}' specified more than once")


HOOKS["query"] = compile_query
