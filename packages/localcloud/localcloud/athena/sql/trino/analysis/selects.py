"""SELECT: its columns, WHERE, GROUP BY, HAVING, DISTINCT, ORDER BY."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlglot import exp

from localcloud.athena.sql.trino.analysis import calls, clauses, relations
from localcloud.athena.sql.trino.analysis.expressions import compile_as, compile_expression
from localcloud.athena.sql.trino.analysis.scopes import Compiled, Grouping, Output, Scope
from localcloud.athena.sql.trino.context import Typed
from localcloud.athena.sql.trino.functions import signatures
from localcloud.athena.sql.trino.syntax import require_query
from localcloud.athena.sql.trino.types import BOOLEAN, duckdb_field
from localcloud.glue.catalog.types import literal


@dataclass(frozen=True)
class Item:
    """One column of a SELECT: the node that makes it, None for a column of a `*`."""

    name: str
    value: Typed
    node: exp.Expression | None


def compile_select(node: exp.Select, outer: Scope) -> Compiled:
    """One SELECT with all its clauses."""
    require_query(node, "a query")
    if node.args.get("laterals"):
        raise outer.context.error("SYNTAX_ERROR", node, "mismatched input 'LATERAL'")
    sql, columns = relations.compile_from(node, outer)
    scope = Scope(outer.context, tuple(columns), outer, ctes=outer.ctes)
    where = _where(node, scope)
    grouping = _grouping(node, scope)
    grouped = replace(scope, grouping=grouping[0]) if grouping else scope
    items = _items(node, grouped, scope)
    having = _having(node, grouped)
    distinct = node.args.get("distinct") is not None
    order = _order(node, items, grouped, distinct=distinct)
    if distinct:
        for item in items:
            _require_comparable(item, scope)
    shown = ", ".join(f"{item.value.sql} AS c{at}" for at, item in enumerate(items))
    text = (
        "SELECT"
        f" {'DISTINCT ' if distinct else ''}{shown}{sql}{where}{grouping[1] if grouping else ''}{having}"
    )
    text += order + clauses.limits(node, scope)
    return Compiled(text, [Output(item.name, item.value.kind) for item in items])


def _require_comparable(item: Item, scope: Scope) -> None:
    if item.value.kind.name == "json" and item.node is not None:
        text = f"DISTINCT can only be applied to comparable types (actual: {item.value.kind})"
        raise scope.context.error("TYPE_MISMATCH", item.node, text)


def _where(node: exp.Select, scope: Scope) -> str:
    found = node.args.get("where")
    if found is None:
        return ""
    inner = replace(scope, clause="WHERE clause")
    return f" WHERE {compile_as(found.this, BOOLEAN, inner, 'WHERE clause').sql}"


def _having(node: exp.Select, scope: Scope) -> str:
    found = node.args.get("having")
    if found is None:
        return ""
    made = compile_as(found.this, BOOLEAN, scope, "HAVING clause")
    _require_grouped(found.this, scope)
    return f" HAVING {made.sql}"


def _require_grouped(node: exp.Expression, scope: Scope) -> None:
    """Refuse a column that is neither aggregated nor a key of the GROUP BY."""
    if scope.grouping and scope.grouping.violations:
        text = f"'{scope.context.text(node)}' must be an aggregate expression or appear in GROUP BY clause"
        scope.grouping.violations.clear()
        raise scope.context.error("EXPRESSION_NOT_AGGREGATE", node, text)


def aggregates(node: exp.Expression) -> bool:
    """Whether an expression aggregates rows, its subqueries and windows aside."""
    if isinstance(node, exp.Query):
        return False
    if isinstance(node, exp.GroupConcat):
        return True
    if isinstance(node, exp.Anonymous) and not isinstance(_called_by(node), exp.Window):
        forms = signatures.CATALOG.get(node.name.lower())
        if forms and forms[0].kind == signatures.AGGREGATE:
            return True
    return any(aggregates(child) for child in node.iter_expressions())


def _called_by(node: exp.Expression) -> exp.Expression | None:
    parent = node.parent
    while isinstance(parent, exp.Filter | exp.IgnoreNulls | exp.RespectNulls) and parent.this is node:
        node, parent = parent, parent.parent
    return parent if isinstance(parent, exp.Window) and parent.this is node else None


def _grouping(node: exp.Select, scope: Scope) -> tuple[Grouping, str] | None:
    group = node.args.get("group")
    if group is None:
        parts = [*node.expressions, *([node.args["having"].this] if node.args.get("having") else [])]
        order = node.args.get("order")
        parts += [one.this for one in order.expressions] if order else []
        return (Grouping(frozenset()), "") if any(map(aggregates, parts)) or node.args.get("having") else None
    inner = replace(scope, clause="GROUP BY clause")
    keys: list[str] = []
    shown = []
    for one in group.expressions:
        written, found = _group_item(node, one, inner)
        shown.append(written)
        keys += found
    for name, word in (("rollup", "ROLLUP"), ("cube", "CUBE"), ("grouping_sets", "GROUPING SETS")):
        for one in group.args.get(name) or []:
            written, found = _group_set(node, one, word, inner)
            shown.append(written)
            keys += found
    return Grouping(frozenset(keys)), f" GROUP BY {', '.join(shown)}" if shown else ""


def _group_item(node: exp.Select, one: exp.Expression, scope: Scope) -> tuple[str, list[str]]:
    """One item of a GROUP BY in DuckDB's SQL, and the keys in it."""
    words = {exp.Rollup: "ROLLUP", exp.Cube: "CUBE", exp.GroupingSets: "GROUPING SETS"}
    if word := words.get(type(one)):
        return _group_set(node, one, word, scope)
    at = one.name if isinstance(one, exp.Literal) and not one.is_string else ""
    if at.isdigit():
        items = list(node.expressions)
        if not 0 < int(at) <= len(items) or any(isinstance(item, exp.Star) for item in items[: int(at)]):
            raise scope.context.error(
                "INVALID_COLUMN_REFERENCE", one, f"GROUP BY position {at} is not in select list"
            )
        one = items[int(at) - 1].unalias()
    made = compile_expression(one, scope)
    if made.kind.name == "json":
        raise scope.context.error(
            "TYPE_MISMATCH", one, f"{made.kind} is not comparable, and therefore cannot be used in GROUP BY"
        )
    return made.sql, [made.sql]


def _group_set(node: exp.Select, one: exp.Expression, word: str, scope: Scope) -> tuple[str, list[str]]:
    keys: list[str] = []
    pieces = []
    for part in one.expressions:
        members = (
            part.expressions
            if isinstance(part, exp.Tuple)
            else [part.this if isinstance(part, exp.Paren) else part]
        )
        made = [_group_item(node, member, scope)[0] for member in members]
        keys += made
        pieces.append(f"({', '.join(made)})" if isinstance(part, exp.Tuple | exp.Paren) else made[0])
    return f"{word} ({', '.join(pieces)})", keys


def _items(node: exp.Select, scope: Scope, plain: Scope) -> list[Item]:
    items: list[Item] = []
    for one in node.expressions:
        inner = one.unalias()
        if isinstance(inner, exp.Star) or (
            isinstance(inner, exp.Column) and isinstance(inner.this, exp.Star)
        ):
            items += _star(inner, scope)
            continue
        if isinstance(inner, exp.Dot) and isinstance(inner.expression, exp.Star):
            items += _row_star(inner, scope)
            continue
        made = compile_expression(inner, scope)
        _require_grouped(inner, scope)
        items.append(Item(_name(one, inner), made, inner))
    if not items:
        raise plain.context.error(
            "COLUMN_NOT_FOUND", node, "SELECT * not allowed from relation that has no columns"
        )
    return items


def _name(one: exp.Expression, inner: exp.Expression) -> str:
    if isinstance(one, exp.Alias):
        return str(one.alias)
    if isinstance(inner, exp.Column):
        return str(inner.name)
    return str(inner.expression.name) if isinstance(inner, exp.Dot) else ""


def _star(node: exp.Expression, scope: Scope) -> list[Item]:
    wanted = node.parts[:-1] if isinstance(node, exp.Column) else []
    names = [part.name.lower() for part in reversed(wanted)]
    found = [
        column
        for column in scope.columns
        if not column.hidden and [name.lower() for name in column.qualifiers[: len(names)]] == names
    ]
    if names and not found:
        row = scope.find([part.name for part in wanted])
        if row is None:
            raise scope.context.error(
                "TABLE_NOT_FOUND", node, f"Unable to resolve reference {'.'.join(reversed(names))}"
            )
        return _fields(row[1][0].value)
    for column in found:
        if scope.grouping and column.value.sql not in scope.grouping.keys:
            text = f"Column '{column.name}' not in GROUP BY clause"
            raise scope.context.error("EXPRESSION_NOT_AGGREGATE", node, text)
    return [Item(column.name, column.value, None) for column in found]


def _row_star(node: exp.Dot, scope: Scope) -> list[Item]:
    return _fields(compile_expression(node.this, scope))


def _fields(value: Typed) -> list[Item]:
    named = enumerate(zip(value.kind.fields, value.kind.parts, strict=True))
    return [Item(name, Typed(f"struct_extract({value.sql}, {literal(duckdb_field(name, at))})", kind), None)
            for at, (name, kind) in named]  # fmt: skip


def _order(node: exp.Select, items: list[Item], scope: Scope, *, distinct: bool) -> str:
    """ORDER BY: names of output columns first, then those of the tables."""
    order = node.args.get("order")
    if order is None:
        return ""
    outputs: dict[str, Typed] = {}
    for item in items:
        if item.name and item.node is not None:
            outputs.setdefault(item.name.lower(), item.value)
    inner = replace(scope, outputs=outputs)
    selected = {item.value.sql: at for at, item in enumerate(items)}
    shown = []
    for one in order.expressions:
        at = clauses.ordinal(one.this, len(items), scope)
        value = items[at].value if at is not None else compile_expression(one.this, inner)
        _require_grouped(one.this, scope)
        calls.require_orderable(one, value, scope)
        if distinct and value.sql not in selected:
            text = "For SELECT DISTINCT, ORDER BY expressions must appear in select list"
            raise scope.context.error("EXPRESSION_NOT_IN_DISTINCT", one.this, text)
        position = selected.get(value.sql)
        shown.append(calls.sort_item(one, str(position + 1) if position is not None else value))
    return f" ORDER BY {', '.join(shown)}"
