"""Functions whose types no signature says: those of their arguments decide."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from localcloud.athena.sql.trino import types
from localcloud.athena.sql.trino.analysis import conversions, literals
from localcloud.athena.sql.trino.analysis.expressions import compile_expression
from localcloud.athena.sql.trino.analysis.operators import concatenate
from localcloud.athena.sql.trino.analysis.scopes import Scope
from localcloud.athena.sql.trino.coercions import common_of
from localcloud.athena.sql.trino.context import Typed
from localcloud.athena.sql.trino.functions import formats


def _row(node: exp.Anonymous, scope: Scope) -> Typed:
    return literals.row_of(node.expressions, scope)


def _coalesce(node: exp.Anonymous, scope: Scope) -> Typed:
    values = [compile_expression(one, scope) for one in node.expressions]
    if len(values) < 2:
        raise scope.context.error(
            "INVALID_FUNCTION_ARGUMENT", node, "The 'coalesce' function must have at least two arguments"
        )
    kind = common_of([one.kind for one in values])
    if kind is None:
        shown = next(one.kind for one in values if common_of([values[0].kind, one.kind]) is None)
        text = f"All COALESCE operands must be the same type: {values[0].kind}, {shown}"
        raise scope.context.error("TYPE_MISMATCH", node, text)
    return Typed(
        "coalesce(" + ", ".join(conversions.coerce(one, kind, scope.context).sql for one in values) + ")",
        kind,
    )


def _nullif(node: exp.Anonymous, scope: Scope) -> Typed:
    left, right = (compile_expression(one, scope) for one in _exactly(node, 2, scope))
    kind = common_of([left.kind, right.kind])
    if kind is None:
        text = f"Types are not comparable with NULLIF: {left.kind} vs {right.kind}"
        raise scope.context.error("TYPE_MISMATCH", node, text)
    a, b = (conversions.coerce(one, kind, scope.context).sql for one in (left, right))
    return Typed(f"(CASE WHEN {a} = {b} THEN NULL ELSE {left.sql} END)", left.kind)


def _try(node: exp.Anonymous, scope: Scope) -> Typed:
    value = compile_expression(_exactly(node, 1, scope)[0], scope)
    return Typed(f"TRY({value.sql})", value.kind)


def _typeof(node: exp.Anonymous, scope: Scope) -> Typed:
    value = compile_expression(_exactly(node, 1, scope)[0], scope)
    return Typed("'" + str(value.kind).replace("'", "''") + "'", types.VARCHAR)


def _concat(node: exp.Anonymous, scope: Scope) -> Typed:
    values = [compile_expression(one, scope) for one in node.expressions]
    if len(values) < 2:
        raise scope.context.error(
            "INVALID_FUNCTION_ARGUMENT", node, "There must be two or more concatenation arguments"
        )
    texts = all(one.kind.is_text or one.kind == types.UNKNOWN for one in values)
    if not texts and not any(one.kind.name in ("array", "varbinary") for one in values):
        shown = ", ".join(str(one.kind) for one in values)
        raise scope.context.error(
            "FUNCTION_NOT_FOUND", node, f"Unexpected parameters ({shown}) for function concat"
        )
    made = values[0]
    for one in values[1:]:
        made = concatenate(node, made, one, scope)
    return made


def _exactly(node: exp.Anonymous, count: int, scope: Scope) -> list[exp.Expression]:
    if len(node.expressions) != count:
        text = f"Unexpected number of parameters ({len(node.expressions)}) for function {node.name.lower()}"
        raise scope.context.error("FUNCTION_NOT_FOUND", node, text)
    return list(node.expressions)


def _format(node: exp.Anonymous, scope: Scope) -> Typed:
    values = [compile_expression(one, scope) for one in node.expressions]
    if len(values) < 2 or not values[0].kind.is_text:
        raise scope.context.error(
            "FUNCTION_NOT_FOUND",
            node,
            "Unexpected parameters for function format. Expected: format(varchar, ...)",
        )
    kinds = [one.kind for one in values[1:]]
    function = formats.formatter(kinds)
    return Typed(
        scope.context.python(function, values, types.VARCHAR, key="format", nulls=True), types.VARCHAR
    )


def _grouping(node: exp.Anonymous, scope: Scope) -> Typed:
    inner = replace(scope, inside_aggregate=True)
    shown = ", ".join(compile_expression(one, inner).sql for one in node.expressions)
    return Typed(f"CAST(grouping({shown}) AS BIGINT)", types.BIGINT)


SPECIAL = {
    "row": _row, "coalesce": _coalesce, "nullif": _nullif, "try": _try, "typeof": _typeof, "concat": _concat,
    "format": _format, "grouping": _grouping,
}  # fmt: skip
"""Functions whose types no signature says."""
CLAIMED_FORMS = (*SPECIAL, "cast", "try_cast", "extract", "trim", "position", "listagg", "if", "exists",
                 "current_date", "current_time", "current_timestamp", "localtime",
                 "localtimestamp", "substring", "json_value", "json_query", "unnest")  # fmt: skip
