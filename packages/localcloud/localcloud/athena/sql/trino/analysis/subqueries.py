"""Queries inside of expressions: one value, EXISTS, IN, ALL and ANY."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from localcloud.athena.sql.trino import types
from localcloud.athena.sql.trino.analysis import conversions
from localcloud.athena.sql.trino.analysis.expressions import (
    HOOKS,
    compile_expression,
    compile_query,
    compiles,
)
from localcloud.athena.sql.trino.analysis.operators import orderable
from localcloud.athena.sql.trino.analysis.scopes import Compiled, Scope
from localcloud.athena.sql.trino.coercions import common_type
from localcloud.athena.sql.trino.context import Typed
from localcloud.athena.sql.trino.types import BOOLEAN


def _compiled(node: exp.Expression, scope: Scope) -> Compiled:
    return compile_query(node, replace(scope, outputs={}, clause=""))


def _single(node: exp.Expression, scope: Scope) -> tuple[Compiled, types.Type]:
    made = _compiled(node, scope)
    if len(made.outputs) == 1:
        return made, made.outputs[0].kind
    return made, types.row([one.kind for one in made.outputs], [one.name for one in made.outputs])


@compiles(exp.Subquery)
def _value(node: exp.Subquery, scope: Scope) -> Typed:
    made, kind = _single(node.this, scope)
    if len(made.outputs) != 1:
        text = f"Multiple columns returned by subquery are not yet supported. Found {len(made.outputs)}"
        raise scope.context.error("NOT_SUPPORTED", node, text)
    return Typed(f"({made.sql})", kind)


@compiles(exp.Exists)
def _exists(node: exp.Exists, scope: Scope) -> Typed:
    return Typed(f"EXISTS ({_compiled(node.this, scope).sql})", BOOLEAN)


def contained(node: exp.In, scope: Scope) -> Typed:
    """`value IN (SELECT ...)`."""
    value = compile_expression(node.this, scope)
    query = node.args["query"]
    made, kind = _single(query.this if isinstance(query, exp.Subquery) else query, scope)
    common = common_type(value.kind, kind)
    if common is None:
        text = f"Value expression and result of subquery must be of the same type: {value.kind} vs {kind}"
        raise scope.context.error("TYPE_MISMATCH", node, text)
    if len(made.outputs) > 1:
        packed = ", ".join(f'"field{at}" := c{at}' for at in range(len(made.outputs)))
        inner = conversions.coerce(Typed(f"struct_pack({packed})", kind), common, scope.context)
    else:
        inner = conversions.coerce(Typed("c0", kind), common, scope.context)
    left = conversions.coerce(value, common, scope.context)
    return Typed(f"({left.sql} IN (SELECT {inner.sql} FROM ({made.sql}) q))", BOOLEAN)  # noqa: S608


def quantified(node: exp.Binary, sign: str, scope: Scope) -> Typed:
    """`value > ALL (SELECT ...)`, and with ANY."""
    value = compile_expression(node.this, scope)
    inner = node.expression.this
    made, kind = _single(inner.this if isinstance(inner, exp.Subquery) else inner, scope)
    common = common_type(value.kind, kind)
    if common is None or not orderable(common):
        text = (
            "Value expression and result of subquery must be of the same type for quantified comparison:"
            f" {value.kind} vs {kind}"
        )
        raise scope.context.error("TYPE_MISMATCH", node, text)
    left = conversions.coerce(value, common, scope.context)
    right = conversions.coerce(Typed("c0", kind), common, scope.context)
    word = "ALL" if isinstance(node.expression, exp.All) else "ANY"
    return Typed(f"({left.sql} {sign} {word} (SELECT {right.sql} FROM ({made.sql}) q))", BOOLEAN)  # noqa: S608


HOOKS.update(contained=contained, quantified=quantified)
