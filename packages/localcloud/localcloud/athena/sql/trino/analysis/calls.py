"""Calls of functions: which form is meant, lambdas, aggregates, windows."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from localcloud.athena.sql.errors import QueryError
from localcloud.athena.sql.trino import types
from localcloud.athena.sql.trino.analysis import conversions
from localcloud.athena.sql.trino.analysis.expressions import compile_as, compile_expression, compiles
from localcloud.athena.sql.trino.analysis.operators import orderable
from localcloud.athena.sql.trino.analysis.scopes import Scope
from localcloud.athena.sql.trino.analysis.special import SPECIAL
from localcloud.athena.sql.trino.context import Typed
from localcloud.athena.sql.trino.functions import catalog, signatures
from localcloud.athena.sql.trino.functions.names import is_trino_function
from localcloud.athena.sql.trino.functions.signatures import SCALAR, WINDOW, Match
from localcloud.athena.sql.trino.types import BOOLEAN, Type
from localcloud.plugin import refusals

# Of the aggregates that a function writes: those that heed DISTINCT or ORDER BY among their arguments.
HEED_DISTINCT = {"avg", "histogram", "map_union"}
HEED_ORDER = {"map_agg", "multimap_agg", "map_union"}
# With one argument, for these DISTINCT or an order makes no difference.
NO_DISTINCT = {
    *("min", "max", "bool_and", "bool_or", "every", "arbitrary", "any_value", "approx_distinct"),
    *("bitwise_and_agg", "bitwise_or_agg"),
}
NO_ORDER = (NO_DISTINCT - {"arbitrary", "any_value"}) | {"count", "count_if", "sum", "avg", "histogram"}


@compiles(exp.Anonymous)
def _call(node: exp.Anonymous, scope: Scope) -> Typed:
    return call(node, scope)


@compiles(exp.Filter)
def _filtered(node: exp.Filter, scope: Scope) -> Typed:
    return call(node.this, scope, condition=node.expression.this)


def call(node: exp.Expression, scope: Scope, *, condition: exp.Expression | None = None,
         window: exp.Window | None = None, nulls: str = "") -> Typed:  # fmt: skip
    """A call with what stands behind it: FILTER, OVER, IGNORE NULLS."""
    if isinstance(node, exp.GroupConcat):
        return _listagg(node, scope, condition)
    if not isinstance(node, exp.Anonymous):
        return compile_expression(node, scope)
    name = node.name.lower()
    if special := SPECIAL.get(name):
        return special(node, scope)
    signatures_of = catalog.CATALOG.get(name)
    if signatures_of is None:
        raise unknown_function(node, name, scope)
    if signatures_of[0].kind == SCALAR:
        if condition is not None or window is not None:
            text = (
                "Filter is only valid for aggregation functions"
                if condition is not None
                else f"'{name}' is not a window function"
            )
            raise scope.context.error(
                "FUNCTION_NOT_AGGREGATE" if condition is not None else "FUNCTION_NOT_WINDOW", node, text
            )
        return _scalar(node, name, scope)
    return _over_rows(node, name, scope, condition, window, nulls)


def unknown_function(node: exp.Expression, name: str, scope: Scope) -> QueryError:
    """Not claimed here, or no function of Trino's at all."""
    if is_trino_function(name):
        sentence = refusals.not_supported(f"the function '{name}'")
        return scope.context.error("NOT_SUPPORTED", node, sentence)
    return scope.context.error("FUNCTION_NOT_FOUND", node, f"Function '{name}' not registered")


def _scalar(node: exp.Anonymous, name: str, scope: Scope) -> Typed:
    arguments = node.expressions
    given = [None if isinstance(one, exp.Lambda) else compile_expression(one, scope) for one in arguments]
    match = _chosen(node, name, given, scope)
    values: list[Typed] = []
    for at, value in enumerate(given):
        if value is not None:
            wanted = signatures.substitute(match.arguments[at], match.bindings)
            values.append(conversions.coerce(value, wanted, scope.context))
        else:
            values.append(_lambda(arguments[at], match, at, scope))
    return Typed(signatures.emitted(match, values, scope.context), match.returns)


def _chosen(node: exp.Expression, name: str, given: list[Typed | None], scope: Scope) -> Match:
    match = signatures.choose(name, [one.kind if one else None for one in given])
    if match is not None:
        return match
    shown = ", ".join(str(one.kind) if one else "function" for one in given)
    expected = ", ".join(one.text.partition(" -> ")[0] for one in catalog.CATALOG[name])
    text = f"Unexpected parameters ({shown}) for function {name}. Expected: {expected}"
    raise scope.context.error("FUNCTION_NOT_FOUND", node, text)


def _lambda(node: exp.Lambda, match: Match, at: int, scope: Scope) -> Typed:
    """A lambda in DuckDB's SQL; its result says what a variable of the signature stands for."""
    wanted = match.signature.arguments[at]
    *parameters, returns = wanted.parts
    names = [one.name.lower() for one in node.expressions]
    if len(names) != len(parameters):
        text = f"Expected a lambda that takes {len(parameters)} argument(s) but got {len(names)}"
        raise scope.context.error("INVALID_PARAMETER_USAGE", node, text)
    made = [scope.context.new_name("v") for _ in names]
    kinds = [signatures.substitute(one, match.bindings) for one in parameters]
    variables = {name: Typed(sql, kind) for name, sql, kind in zip(names, made, kinds, strict=True)}
    body = compile_expression(node.this, scope.with_variables(variables))
    body = _returned(node, body, returns, match, scope)
    return Typed(f"lambda {', '.join(made)}: {body.sql}", types.UNKNOWN)


def _returned(node: exp.Lambda, body: Typed, returns: Type, match: Match, scope: Scope) -> Typed:
    if returns.name == "variable":
        letter = returns.fields[0]
        known = match.bindings.get(letter)
        if known is None:
            match.bindings[letter] = body.kind
            return body
        returns = known
    returns = signatures.substitute(returns, match.bindings)
    if not conversions.coercible(body.kind, returns):
        text = f"Lambda expression must return {returns}, and returns {body.kind}"
        raise scope.context.error("TYPE_MISMATCH", node, text)
    return conversions.coerce(body, returns, scope.context)


def _over_rows(node: exp.Anonymous, name: str, scope: Scope, condition: exp.Expression | None,
               window: exp.Window | None, nulls: str) -> Typed:  # fmt: skip
    """An aggregate or a window function."""
    kind = catalog.CATALOG[name][0].kind
    if kind == WINDOW and window is None:
        raise scope.context.error("MISSING_OVER", node, f"Window function {name} requires an OVER clause")
    if window is None:
        _require_place(node, scope)
    inner = replace(scope, inside_aggregate=True) if window is None else scope
    arguments, distinct, order = _aggregate_arguments(node, inner)
    if scope.inside_aggregate and window is None:
        text = f"Cannot nest aggregations inside aggregation '{name}': [{scope.context.text(node)}]"
        raise scope.context.error("NESTED_AGGREGATION", node, text)
    if name == "count" and len(arguments) == 1 and isinstance(arguments[0], exp.Star):
        given: list[Typed] = []
        name = "count_rows"
    else:
        given = [compile_expression(one, inner) for one in arguments if not isinstance(one, exp.Star)]
    match = _chosen(node, name, list(given), scope)
    _require_heeded(node, name, match, distinct=distinct, order=bool(order), scope=scope)
    wanted = [signatures.substitute(one, match.bindings) for one in match.arguments]
    values = [conversions.coerce(one, kind, scope.context) for one, kind in zip(given, wanted, strict=True)]
    where = (
        f" FILTER (WHERE {compile_as(condition, BOOLEAN, inner, 'FILTER expression').sql})"
        if condition
        else ""
    )
    over = f" OVER {_window(window, scope)}" if window is not None else ""
    words = {"d": "DISTINCT " if distinct else "", "o": order, "tail": where + over, "n": nulls}
    return Typed(signatures.emitted(match, values, scope.context, **words), match.returns)


def _require_heeded(
    node: exp.Anonymous, name: str, match: Match, *, distinct: bool, order: bool, scope: Scope
) -> None:
    """Refuse DISTINCT and ORDER BY among arguments where the aggregate would not heed them."""
    emit = match.signature.emit
    written = "" if callable(emit) else emit
    single = len(match.arguments) == 1
    heeds_distinct = "{d}" in written or name in HEED_DISTINCT or (single and name in NO_DISTINCT)
    heeds_order = "{o}" in written or name in HEED_ORDER or (single and name in NO_ORDER)
    for word, given, heeded in (("DISTINCT", distinct, heeds_distinct), ("ORDER BY", order, heeds_order)):
        if given and not heeded:
            text = refusals.not_supported(f"{word} in {name}")
            raise scope.context.error("NOT_SUPPORTED", node, text)


def _require_place(node: exp.Expression, scope: Scope) -> None:
    if scope.clause:
        text = (
            f"{scope.clause} cannot contain aggregations, window functions or grouping operations:"
            f" [{scope.context.text(node)}]"
        )
        raise scope.context.error("EXPRESSION_NOT_SCALAR", node, text)


def _aggregate_arguments(node: exp.Anonymous, scope: Scope) -> tuple[list[exp.Expression], bool, str]:
    """The arguments, whether DISTINCT stands before them, and DuckDB's ORDER BY behind them."""
    arguments = list(node.expressions)
    order = ""
    if arguments and isinstance(arguments[-1], exp.Order):
        ordered = arguments[-1]
        order = " ORDER BY " + ", ".join(
            sort_item(one, compile_expression(one.this, scope)) for one in ordered.expressions
        )
        arguments[-1] = ordered.this
    if arguments and isinstance(arguments[0], exp.Distinct):
        return list(arguments[0].expressions), True, order
    return arguments, False, order


def sort_item(node: exp.Ordered, value: Typed | str) -> str:
    """One item of an ORDER BY; NULL is last in Trino unless it says otherwise."""
    written = value if isinstance(value, str) else value.sql
    first = node.args.get("nulls_first")
    return f"{written} {'DESC' if node.args.get('desc') else 'ASC'} NULLS {'FIRST' if first else 'LAST'}"


@compiles(exp.Window)
def _windowed(node: exp.Window, scope: Scope) -> Typed:
    if scope.clause:
        _require_place(node, scope)
    called, condition, nulls = node.this, None, ""
    if isinstance(called, exp.IgnoreNulls | exp.RespectNulls):
        nulls = " IGNORE NULLS" if isinstance(called, exp.IgnoreNulls) else ""
        called = called.this
    if isinstance(called, exp.Filter):
        called, condition = called.this, called.expression.this
    return call(called, scope, condition=condition, window=node, nulls=nulls)


def _window(node: exp.Window, scope: Scope) -> str:
    if node.args.get("alias"):
        return _named_window(node, scope)
    return f"({window_body(node, scope)})"


def _named_window(node: exp.Window, scope: Scope) -> str:
    name = node.args["alias"].name.lower()
    select = node.find_ancestor(exp.Select)
    for one in (select.args.get("windows") or []) if select else []:
        if one.name.lower() == name:
            return f"({window_body(one, scope)})"
    raise scope.context.error("INVALID_WINDOW_REFERENCE", node, f"Cannot resolve WINDOW name {name}")


def window_body(node: exp.Window, scope: Scope) -> str:
    """What stands between the parentheses of OVER."""
    pieces = []
    if partition := node.args.get("partition_by"):
        pieces.append("PARTITION BY " + ", ".join(compile_expression(one, scope).sql for one in partition))
    if order := node.args.get("order"):
        items = [(one, compile_expression(one.this, scope)) for one in order.expressions]
        for one, value in items:
            require_orderable(one, value, scope)
        pieces.append("ORDER BY " + ", ".join(sort_item(one, value) for one, value in items))
    if spec := node.args.get("spec"):
        pieces.append(_frame(spec, scope))
    return " ".join(pieces)


def require_orderable(node: exp.Expression, value: Typed, scope: Scope) -> None:
    if not orderable(value.kind):
        text = (
            f"Type {value.kind} is not orderable, and therefore cannot be used in ORDER BY:"
            f" {scope.context.text(node)}"
        )
        raise scope.context.error("TYPE_MISMATCH", node, text)


def _frame(spec: exp.WindowSpec, scope: Scope) -> str:
    def bound(side: str, where: str) -> str:
        found = spec.args.get(side)
        if isinstance(found, exp.Expression):
            return f"{compile_expression(found, scope).sql} {spec.args[where].upper()}"
        return f"{(found or 'CURRENT ROW').upper()} {(spec.args.get(where) or '').upper()}".strip()

    start = bound("start", "start_side")
    return f"{spec.args['kind'].upper()} BETWEEN {start} AND {bound('end', 'end_side')}"


def _listagg(node: exp.GroupConcat, scope: Scope, condition: exp.Expression | None) -> Typed:
    _require_place(node, scope)
    inner = replace(scope, inside_aggregate=True)
    value, order, distinct = node.this, "", ""
    if isinstance(value, exp.Order):
        order = " ORDER BY " + ", ".join(
            sort_item(one, compile_expression(one.this, inner)) for one in value.expressions
        )
        value = value.this
    if isinstance(value, exp.Distinct):
        distinct, value = "DISTINCT ", value.expressions[0]
    made = compile_expression(value, inner)
    if not made.kind.is_text and made.kind != types.UNKNOWN:
        raise scope.context.error(
            "FUNCTION_NOT_FOUND", node, f"Unexpected parameters ({made.kind}) for function listagg"
        )
    separator = compile_expression(node.args["separator"], scope).sql if node.args.get("separator") else "''"
    where = (
        f" FILTER (WHERE {compile_as(condition, BOOLEAN, inner, 'FILTER expression').sql})"
        if condition
        else ""
    )
    return Typed(f"string_agg({distinct}{made.sql}, {separator}{order}){where}", types.VARCHAR)


@compiles(exp.GroupConcat)
def _listagg_call(node: exp.GroupConcat, scope: Scope) -> Typed:
    return _listagg(node, scope, None)
