"""Operators: arithmetic, comparison, logic, LIKE, IN, BETWEEN, CASE."""

from __future__ import annotations

from sqlglot import exp

from localcloud.athena.sql.trino import types
from localcloud.athena.sql.trino.analysis import conversions
from localcloud.athena.sql.trino.analysis.expressions import HOOKS, compile_as, compile_expression, compiles
from localcloud.athena.sql.trino.analysis.scopes import Scope
from localcloud.athena.sql.trino.coercions import as_decimal, common_of, common_type
from localcloud.athena.sql.trino.context import Typed
from localcloud.athena.sql.trino.functions import numbers
from localcloud.athena.sql.trino.types import BOOLEAN, Type, to_duckdb

SIGNS: dict[type[exp.Expression], str] = {
    exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%",
    exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
    exp.NullSafeEQ: "IS NOT DISTINCT FROM", exp.NullSafeNEQ: "IS DISTINCT FROM",
}  # fmt: skip


def _mismatch(node: exp.Expression, sign: str, left: Type, right: Type, scope: Scope) -> Exception:
    return scope.context.error("TYPE_MISMATCH", node, f"Cannot apply operator: {left} {sign} {right}")


@compiles(exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod)
def _arithmetic(node: exp.Binary, scope: Scope) -> Typed:
    left, right = compile_expression(node.this, scope), compile_expression(node.expression, scope)
    sign = SIGNS[type(node)]
    if left.kind == types.UNKNOWN and right.kind.is_number:
        left = conversions.coerce(left, right.kind, scope.context)
    if right.kind == types.UNKNOWN and left.kind.is_number:
        right = conversions.coerce(right, left.kind, scope.context)
    if left.kind.is_number and right.kind.is_number:
        return _numbers(sign, left, right, scope)
    made = _times(sign, left, right)
    if made is None:
        raise _mismatch(node, sign, left.kind, right.kind, scope)
    return made


def _numbers(sign: str, left: Typed, right: Typed, scope: Scope) -> Typed:
    kind = common_type(left.kind, right.kind)
    if kind is None or kind.name != "decimal":
        kind = kind or types.DOUBLE
        a, b = (conversions.coerce(one, kind, scope.context).sql for one in (left, right))
        if kind.is_integer and sign in "/%":
            return Typed(f"({a} {'//' if sign == '/' else '%'} trino_divisor({b}))", kind)
        return Typed(
            (
                f"trino_{'divide' if sign == '/' else 'remainder'}({a}, {b})"
                if sign in "/%"
                else f"({a} {sign} {b})"
            ),
            kind,
        )
    return _decimals(sign, left, right, scope)


def _decimals(sign: str, left: Typed, right: Typed, scope: Scope) -> Typed:
    """Sizes by Trino's rules; quotients and remainders are exact, which DuckDB's are not."""
    one, other = as_decimal(left.kind), as_decimal(right.kind)
    (p1, s1), (p2, s2) = one.sizes, other.sizes
    scale = max(s1, s2)
    kind = {
        "+": types.decimal(max(p1 - s1, p2 - s2) + scale + 1, scale),
        "-": types.decimal(max(p1 - s1, p2 - s2) + scale + 1, scale),
        "*": types.decimal(p1 + p2, min(38, s1 + s2)),
        "/": types.decimal(p1 + s2 + max(s2 - s1, 0), scale),
        "%": types.decimal(min(p1 - s1, p2 - s2) + scale, scale),
    }[sign]
    a, b = (conversions.coerce(value, size, scope.context) for value, size in ((left, one), (right, other)))
    if sign in "/%":
        function = numbers.decimal_divide(kind.sizes[1]) if sign == "/" else numbers.decimal_remainder
        return Typed(scope.context.python(function, [a, b], kind, key=(sign, kind)), kind)
    duck = to_duckdb(kind)
    if sign == "*":
        return Typed(f"CAST(({a.sql} * {b.sql}) AS {duck})", kind)
    return Typed(f"CAST((CAST({a.sql} AS {duck}) {sign} CAST({b.sql} AS {duck})) AS {duck})", kind)


def _times(sign: str, left: Typed, right: Typed) -> Typed | None:
    """Dates, times and intervals; None where Trino has no such operator."""
    intervals = (types.DAY_INTERVAL, types.MONTH_INTERVAL)
    a, b = left.kind, right.kind
    moments = ("date", "timestamp", types.ZONED, "time")
    if sign == "+" and a in intervals and b.name in moments:
        left, right, a, b = right, left, b, a
    if sign in "+-" and a.name in moments and b in intervals:
        if a.name == "date" and b == types.DAY_INTERVAL:
            return Typed(f"trino_date_plus({left.sql}, {sign}1, {right.sql})", a)
        if a.name == "time" and b == types.MONTH_INTERVAL:
            return None
        finer = b == types.DAY_INTERVAL and a.name != "date"  # an interval has milliseconds
        kind = types.Type(a.name, (max(3, *(a.sizes or (3,))),)) if finer else a
        return Typed(f"CAST(({left.sql} {sign} {right.sql}) AS {to_duckdb(kind)})", kind)
    if sign == "-" and a.name == b.name and a.name in ("date", "timestamp", types.ZONED):
        return Typed(f"trino_elapsed({left.sql}, {right.sql})", types.DAY_INTERVAL)
    if sign in "+-" and a == b and a in intervals:
        return Typed(f"({left.sql} {sign} {right.sql})", a)
    if sign == "*" and a in intervals and b.is_integer:
        return Typed(f"({left.sql} * CAST({right.sql} AS BIGINT))", a)
    if sign == "*" and b in intervals and a.is_integer:
        return Typed(f"({right.sql} * CAST({left.sql} AS BIGINT))", b)
    return None


@compiles(exp.Neg)
def _negative(node: exp.Neg, scope: Scope) -> Typed:
    value = compile_expression(node.this, scope)
    if value.kind.is_integer:
        return Typed(f"CAST((- {value.sql}) AS {to_duckdb(value.kind)})", value.kind)
    if value.kind.is_number or value.kind in (types.DAY_INTERVAL, types.MONTH_INTERVAL):
        return Typed(f"(- {value.sql})", value.kind)
    raise scope.context.error("TYPE_MISMATCH", node, f"Cannot negate {value.kind}")


@compiles(exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.NullSafeEQ, exp.NullSafeNEQ)
def _compared(node: exp.Binary, scope: Scope) -> Typed:
    if isinstance(node.expression, exp.All | exp.Any):
        found: Typed = HOOKS["quantified"](node, SIGNS[type(node)], scope)
        return found
    left, right = compile_expression(node.this, scope), compile_expression(node.expression, scope)
    return compare(node, SIGNS[type(node)], left, right, scope)


def compare(node: exp.Expression, sign: str, left: Typed, right: Typed, scope: Scope) -> Typed:
    """A comparison of two values; TYPE_MISMATCH where their types have nothing in common."""
    kind = common_type(left.kind, right.kind)
    shown = {"<>": "<>", "IS NOT DISTINCT FROM": "IS DISTINCT FROM"}.get(sign, sign)
    if kind is None or (sign in ("<", "<=", ">", ">=") and not orderable(kind)):
        raise _mismatch(node, shown, left.kind, right.kind, scope)
    a, b = (conversions.coerce(one, kind, scope.context).sql for one in (left, right))
    return Typed(f"({a} {sign} {b})", BOOLEAN)


def orderable(kind: Type) -> bool:
    """Whether values of a type can be sorted."""
    return kind.name not in ("map", "json") and all(map(orderable, kind.parts))


@compiles(exp.And, exp.Or)
def _logic(node: exp.And | exp.Or, scope: Scope) -> Typed:
    word = "AND" if isinstance(node, exp.And) else "OR"
    terms = [compile_as(term, BOOLEAN, scope, "Logical expression term") for term in node.flatten()]
    return Typed("(" + f" {word} ".join(term.sql for term in terms) + ")", BOOLEAN)


@compiles(exp.Not)
def _not(node: exp.Not, scope: Scope) -> Typed:
    value = compile_as(node.this, BOOLEAN, scope, "Value of logical NOT expression")
    return Typed(f"(NOT {value.sql})", BOOLEAN)


@compiles(exp.Is)
def _is(node: exp.Is, scope: Scope) -> Typed:
    if not isinstance(node.expression, exp.Null):
        raise scope.context.error(
            "SYNTAX_ERROR", node.expression, f"mismatched input '{node.expression.sql('trino')}'"
        )
    value = compile_expression(node.this, scope)
    return Typed(f"({value.sql} IS {'NOT ' if node.args.get('negate') else ''}NULL)", BOOLEAN)


@compiles(exp.Between)
def _between(node: exp.Between, scope: Scope) -> Typed:
    value, low, high = (compile_expression(node.args[name], scope) for name in ("this", "low", "high"))
    kind = common_of([value.kind, low.kind, high.kind])
    if kind is None or not orderable(kind):
        text = f"Cannot check if {value.kind} is BETWEEN {low.kind} and {high.kind}"
        raise scope.context.error("TYPE_MISMATCH", node, text)
    a, b, c = (conversions.coerce(one, kind, scope.context).sql for one in (value, low, high))
    return Typed(f"({a} BETWEEN {b} AND {c})", BOOLEAN)


@compiles(exp.DPipe)
def _concatenated(node: exp.DPipe, scope: Scope) -> Typed:
    left, right = compile_expression(node.this, scope), compile_expression(node.expression, scope)
    return concatenate(node, left, right, scope)


def concatenate(node: exp.Expression, left: Typed, right: Typed, scope: Scope) -> Typed:
    a, b = left.kind, right.kind
    if "array" in (a.name, b.name):
        return _arrays(node, left, right, scope)
    known = [kind for kind in (a, b) if kind != types.UNKNOWN]
    if all(kind.is_text for kind in known):
        return Typed(f"({left.sql} || {right.sql})", types.VARCHAR if known else types.UNKNOWN)
    if all(kind == types.VARBINARY for kind in known):
        return Typed(f"({left.sql} || {right.sql})", types.VARBINARY)
    raise _mismatch(node, "||", a, b, scope)


def _arrays(node: exp.Expression, left: Typed, right: Typed, scope: Scope) -> Typed:
    """Two arrays, or an array and one element more."""
    kind = common_type(left.kind, right.kind)
    if kind is None:
        whole, single = (left, right) if left.kind.name == "array" else (right, left)
        element = common_type(whole.kind.element, single.kind)
        if element is None:
            raise _mismatch(node, "||", left.kind, right.kind, scope)
        kind = types.array(element)
        made = Typed(f"[{conversions.coerce(single, element, scope.context).sql}]", kind)
        left, right = (whole, made) if whole is left else (made, whole)
    a, b = (conversions.coerce(one, kind, scope.context).sql for one in (left, right))
    return Typed(f"({a} || {b})", kind)


@compiles(exp.Like)
def _plain_like(node: exp.Like, scope: Scope) -> Typed:
    return _like(node, scope, None)


def _like(node: exp.Like, scope: Scope, escape: Typed | None) -> Typed:
    value, like = compile_expression(node.this, scope), compile_expression(node.expression, scope)
    for one, part in ((value, node.this), (like, node.expression)):
        if not one.kind.is_text and one.kind != types.UNKNOWN:
            name = "Left side" if part is node.this else "Pattern for"
            raise scope.context.error(
                "TYPE_MISMATCH",
                part,
                f"{name} of LIKE expression must evaluate to a varchar: actual type {one.kind}",
            )
    tail = f" ESCAPE {escape.sql}" if escape else ""
    negate = "NOT " if node.args.get("negate") else ""
    return Typed(f"({value.sql} {negate}LIKE {like.sql}{tail})", BOOLEAN)


@compiles(exp.Escape)
def _escaped(node: exp.Escape, scope: Scope) -> Typed:
    return _like(node.this, scope, compile_expression(node.expression, scope))


@compiles(exp.In)
def _in(node: exp.In, scope: Scope) -> Typed:
    if node.args.get("query"):
        found: Typed = HOOKS["contained"](node, scope)
        return found
    if node.args.get("field") or node.args.get("unnest") or not node.expressions:
        raise scope.context.error("SYNTAX_ERROR", node, "mismatched input. Expecting: '('")
    value = compile_expression(node.this, scope)
    items = [compile_expression(item, scope) for item in node.expressions]
    kind = common_of([value.kind, *(item.kind for item in items)])
    if kind is None:
        other = next(
            (item.kind for item in items if common_type(value.kind, item.kind) is None), items[0].kind
        )
        text = f"IN value and list items must be the same type: {value.kind}, {other}"
        raise scope.context.error("TYPE_MISMATCH", node.expressions[0], text)
    shown = ", ".join(conversions.coerce(item, kind, scope.context).sql for item in items)
    return Typed(f"({conversions.coerce(value, kind, scope.context).sql} IN ({shown}))", BOOLEAN)


@compiles(exp.Case)
def _case(node: exp.Case, scope: Scope) -> Typed:
    """Both forms of CASE; its results have one type."""
    base = compile_expression(node.this, scope) if node.this else None
    results = [compile_expression(one.args["true"], scope) for one in node.args["ifs"]]
    default = compile_expression(node.args["default"], scope) if node.args.get("default") else None
    conditions = []
    for one in node.args["ifs"]:
        if base is None:
            conditions.append(compile_as(one.this, BOOLEAN, scope, "CASE WHEN clause").sql)
            continue
        value = compile_expression(one.this, scope)
        if common_type(base.kind, value.kind) is None:
            text = f"CASE operand type does not match WHEN clause operand type: {base.kind} vs {value.kind}"
            raise scope.context.error("TYPE_MISMATCH", one.this, text)
        conditions.append(compare(one.this, "=", base, value, scope).sql)
    kind = common_of([one.kind for one in [*results, *([default] if default else [])]])
    if kind is None:
        raise scope.context.error(
            "TYPE_MISMATCH",
            node,
            _case_types([one.kind for one in [*results, *([default] if default else [])]]),
        )
    branches = " ".join(
        f"WHEN {condition} THEN {conversions.coerce(result, kind, scope.context).sql}"
        for condition, result in zip(conditions, results, strict=True)
    )
    tail = f" ELSE {conversions.coerce(default, kind, scope.context).sql}" if default else ""
    return Typed(f"(CASE {branches}{tail} END)", kind)


def _case_types(kinds: list[Type]) -> str:
    return (
        "All CASE results must be the same type or coercible to a common type. Cannot find common type"
        f" between {', '.join(map(str, dict.fromkeys(kinds)))}"
    )


@compiles(exp.If)
def _if(node: exp.If, scope: Scope) -> Typed:
    condition = compile_as(node.this, BOOLEAN, scope, "IF condition")
    yes = compile_expression(node.args["true"], scope)
    no = (
        compile_expression(node.args["false"], scope)
        if node.args.get("false")
        else Typed("NULL", types.UNKNOWN)
    )
    kind = common_type(yes.kind, no.kind)
    if kind is None:
        text = f"Result types for IF must be the same: {yes.kind} vs {no.kind}"
        raise scope.context.error("TYPE_MISMATCH", node, text)
    a, b = (conversions.coerce(one, kind, scope.context).sql for one in (yes, no))
    return Typed(f"(CASE WHEN {condition.sql} THEN {a} ELSE {b} END)", kind)
