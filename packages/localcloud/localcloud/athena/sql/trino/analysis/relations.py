"""FROM: tables, joins, queries in parentheses, VALUES, UNNEST."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from localcloud.athena.sql.errors import unsupported
from localcloud.athena.sql.trino import types
from localcloud.athena.sql.trino.analysis import clauses, conversions, table_functions
from localcloud.athena.sql.trino.analysis.expressions import compile_as, compile_expression, compile_query
from localcloud.athena.sql.trino.analysis.scopes import Column, Scope
from localcloud.athena.sql.trino.coercions import common_type
from localcloud.athena.sql.trino.context import Typed
from localcloud.athena.sql.trino.syntax import COMMA
from localcloud.athena.sql.trino.types import BOOLEAN, Type, duckdb_field
from localcloud.glue.catalog.types import literal, quote

Relation = tuple[str, list[Column]]


def compile_from(node: exp.Select, outer: Scope) -> Relation:
    """The FROM clause in DuckDB's SQL, and the columns that it offers."""
    start = node.args.get("from_") or node.args.get("from")
    if start is None:
        return "", []
    sql, columns = _joined(start.this, node.args.get("joins") or [], outer)
    return f" FROM {sql}", columns


def _joined(first: exp.Expression, joins: list[exp.Join], outer: Scope) -> Relation:
    sql, columns = _relation(first, outer, [])
    if first.args.get("joins") and not isinstance(first, exp.Paren):
        joins = [*first.args["joins"], *joins]
    for join in joins:
        sql, columns = _join(sql, columns, join, outer)
    return sql, columns


def _relation(node: exp.Expression, outer: Scope, before: list[Column]) -> Relation:
    """One item of a FROM clause; `before` are the columns that UNNEST and LATERAL may use."""
    if isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
        sql, columns = _table(node, outer)
        return f"{sql}{_sample(node)}", columns
    if node.args.get("sample"):
        raise unsupported("TABLESAMPLE of anything but a table")
    if isinstance(node, exp.Table) and table_functions.is_table_function(node):
        return table_functions.compile_table_function(node, outer)
    if isinstance(node, exp.Unnest):
        return _unnest(node, Scope(outer.context, tuple(before), outer, ctes=outer.ctes))
    if isinstance(node, exp.Lateral):
        inner = Scope(outer.context, tuple(before), outer, ctes=outer.ctes)
        sql, columns = _query(node.this, node.args.get("alias"), inner)
        return f"LATERAL {sql}", columns
    if isinstance(node, exp.Subquery | exp.Values):
        return _query(node, node.args.get("alias"), outer)
    if isinstance(node, exp.Paren):
        return _relation(node.this, outer, before)
    raise unsupported(f"`{outer.context.text(node)}` in FROM")


def _sample(node: exp.Table) -> str:
    """TABLESAMPLE: a part of the rows by chance."""
    sample = node.args.get("sample")
    if sample is None:
        return ""
    percent, method = sample.args.get("percent"), str(sample.args.get("method") or "").upper()
    if method not in ("BERNOULLI", "SYSTEM") or not isinstance(percent, exp.Literal):
        raise unsupported("this form of TABLESAMPLE")
    return f" TABLESAMPLE {method} ({percent.name} PERCENT)"


def _table(node: exp.Table, outer: Scope) -> Relation:
    alias = outer.context.new_name("r")
    name = node.args["alias"].name if node.args.get("alias") and node.args["alias"].this else ""
    names = (node.args["alias"].args.get("columns") or []) if node.args.get("alias") else []
    common = None if node.db else outer.ctes.get(node.name.lower())
    if common is not None:
        qualifiers: tuple[str, ...] = (name or node.name,)
        listed = [(f"{alias}.c{at}", column, kind) for at, (column, kind) in enumerate(common.columns)]
        source = common.sql
        hidden: list[Column] = []
    else:
        found = outer.context.bind(node, outer.context.where(node))
        qualifiers = (name,) if name else (node.name, node.db or outer.context.database, "awsdatacatalog")
        listed = [(f"{alias}.{quote(column)}", column, kind) for column, kind in found.columns]
        hidden = [Column(column, Typed(f"{alias}.{quote(column)}", kind), qualifiers, hidden=True)
                  for column, kind in found.hidden]  # fmt: skip
        source = found.sql
    if names:
        if len(names) != len(listed):
            text = (
                f"Column alias list has {len(names)} entries but '{name}' has {len(listed)} columns available"
            )
            raise outer.context.error("MISMATCHED_COLUMN_ALIASES", node, text)
        listed = [
            (sql, given.name.lower(), kind) for (sql, _, kind), given in zip(listed, names, strict=True)
        ]
    columns = [Column(column, Typed(sql, kind), qualifiers) for sql, column, kind in listed]
    return f"{source} {alias}", [*columns, *hidden]


def _query(node: exp.Expression, alias: exp.Expression | None, outer: Scope) -> Relation:
    """A query in parentheses, or joins in parentheses."""
    if isinstance(node, exp.Subquery) and not isinstance(node.this, exp.Query | exp.Values | exp.Subquery):
        sql, columns = _joined(node.this, node.args.get("joins") or [], outer)
        return f"({sql})", columns
    inner = node.this if isinstance(node, exp.Subquery) else node
    made = compile_query(inner, replace(outer, outputs={}, clause=""))
    stored = outer.context.new_name("r")
    names = (alias.args.get("columns") or []) if alias is not None else []
    listed = clauses.named_columns(node, made.outputs, names, outer)
    table = (alias.name,) if alias is not None and alias.this else ()
    columns = [Column(name, Typed(f"{stored}.c{at}", kind), table) for at, (name, kind) in enumerate(listed)]
    return f"({made.sql}) {stored}", columns


def _join(sql: str, columns: list[Column], join: exp.Join, outer: Scope) -> Relation:
    side, kind, method = ((join.args.get(name) or "").upper() for name in ("side", "kind", "method"))
    if method == "NATURAL":
        raise outer.context.error("NOT_SUPPORTED", join, "Natural join not supported")
    if method or kind not in ("", "INNER", "CROSS", "OUTER"):
        raise outer.context.error("SYNTAX_ERROR", join, f"mismatched input '{method or kind}'")
    right, added = _relation(join.this, outer, columns)
    if join.this.args.get("joins") and not isinstance(join.this, exp.Subquery):
        raise unsupported("joins inside of a join without parentheses")
    every = [*columns, *added]
    if kind == "CROSS" or join.meta.get(COMMA):
        return f"{sql} CROSS JOIN {right}", every
    word = f"{side} JOIN" if side else "JOIN"
    if using := join.args.get("using"):
        return _using(sql, columns, word, right, added, using, outer)
    if join.args.get("on") is None:
        raise outer.context.error("SYNTAX_ERROR", join, "mismatched input '<EOF>'. Expecting: 'ON', 'USING'")
    scope = Scope(outer.context, tuple(every), outer, clause="JOIN clause", ctes=outer.ctes)
    condition = compile_as(join.args["on"], BOOLEAN, scope, "JOIN ON clause")
    return f"{sql} {word} {right} ON {condition.sql}", every


def _using(sql: str, columns: list[Column], word: str, right: str, added: list[Column],
           using: list[exp.Expression], outer: Scope) -> Relation:  # fmt: skip
    """JOIN ... USING: the columns are one, and have no table."""
    merged, conditions = [], []
    names = {one.name.lower() for one in using}
    for one in using:
        pair = [_one(one, side, outer) for side in (columns, added)]
        kind = common_type(pair[0].kind, pair[1].kind)
        if kind is None:
            text = f"Cannot apply operator: {pair[0].kind} = {pair[1].kind}"
            raise outer.context.error("TYPE_MISMATCH", one, text)
        a, b = (conversions.coerce(value, kind, outer.context).sql for value in pair)
        conditions.append(f"{a} = {b}")
        merged.append(Column(one.name.lower(), Typed(f"coalesce({a}, {b})", kind)))
    rest = [column for column in [*columns, *added] if column.name.lower() not in names]
    return f"{sql} {word} {right} ON {' AND '.join(conditions)}", [*merged, *rest]


def _one(name: exp.Expression, columns: list[Column], outer: Scope) -> Typed:
    found = [column.value for column in columns if column.name.lower() == name.name.lower()]
    if len(found) == 1:
        return found[0]
    if found:
        raise outer.context.error("AMBIGUOUS_NAME", name, f"Column '{name.name}' is ambiguous")
    text = f"Column '{name.name}' is missing from one side of join"
    raise outer.context.error("COLUMN_NOT_FOUND", name, text)


def _unnest(node: exp.Unnest, scope: Scope) -> Relation:
    """UNNEST: side by side, the shorter filled with NULL; rows and maps give several columns."""
    stored, alias = scope.context.new_name("r"), node.args.get("alias")
    lists, columns = [], []
    for at, one in enumerate(node.expressions):
        value = compile_expression(one, scope)
        lists.append(_unnested(one, value, scope))
        columns += _unnested_columns(stored, at, value.kind)
    inner = "SELECT " + ", ".join(f"unnest({one}) AS u{at}" for at, one in enumerate(lists))
    given = [one.name.lower() for one in alias.args.get("columns") or []] if alias is not None else []
    if offset := node.args.get("offset"):
        longest = ", ".join(f"coalesce(len({one}), 0)" for one in lists)
        inner += f", unnest(generate_series(1, CAST(greatest({longest}) AS BIGINT))) AS n"
        columns.append((f"{stored}.n", types.BIGINT, ""))
        if isinstance(offset, exp.Identifier):
            given.append(offset.name.lower())
    if given and len(given) != len(columns):
        text = (
            f"Column alias list has {len(given)} entries but '{alias.name}' has {len(columns)} columns"
            " available"
        )
        raise scope.context.error("MISMATCHED_COLUMN_ALIASES", node, text)
    table = (alias.name,) if alias is not None and alias.this else ()
    names = given or [name for _, _, name in columns]
    made = [
        Column(name, Typed(sql, kind), table) for name, (sql, kind, _) in zip(names, columns, strict=True)
    ]
    return f"LATERAL ({inner}) {stored}", made


def _unnested(node: exp.Expression, value: Typed, scope: Scope) -> str:
    """The list that is unnested."""
    if value.kind.name == "map":
        return f"map_entries({value.sql})"
    if value.kind.name == "array":
        return value.sql
    raise scope.context.error("INVALID_FUNCTION_ARGUMENT", node, f"Cannot unnest type: {value.kind}")


def _unnested_columns(stored: str, at: int, kind: Type) -> list[tuple[str, Type, str]]:
    """SQL, type and own name of each column that one array or map becomes."""
    whole = f"{stored}.u{at}"
    if kind.name == "map":
        return [(f"{whole}.key", kind.parts[0], ""), (f"{whole}.value", kind.parts[1], "")]
    if kind.element.name != "row":
        return [(whole, kind.element, "")]
    named = enumerate(zip(kind.element.fields, kind.element.parts, strict=True))
    return [(f"struct_extract({whole}, {literal(duckdb_field(name, place))})", part, name)
            for place, (name, part) in named]  # fmt: skip
