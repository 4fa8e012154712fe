"""Expressions: each becomes DuckDB's SQL with Trino's type, or is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from localcloud.athena.sql.errors import QueryError
from localcloud.athena.sql.trino import types
from localcloud.athena.sql.trino.analysis import conversions
from localcloud.athena.sql.trino.analysis.scopes import Compiled, Scope
from localcloud.athena.sql.trino.context import Typed
from localcloud.athena.sql.trino.types import BOOLEAN, Type, duckdb_field
from localcloud.glue.catalog.types import literal
from localcloud.plugin import refusals

Compiler = Callable[[Any, Scope], Typed]
COMPILERS: dict[type[exp.Expression], Compiler] = {}
"""By the node of sqlglot; the modules of this folder add theirs."""


HOOKS: dict[str, Callable[..., Any]] = {}
"""What modules above do for those below: queries are made of expressions, and these of queries."""


def compiles(*kinds: type[exp.Expression]) -> Callable[[Compiler], Compiler]:
    """Register the function that compiles these nodes."""

    def add(function: Compiler) -> Compiler:
        COMPILERS.update(dict.fromkeys(kinds, function))
        return function

    return add


def compile_query(node: exp.Expression, scope: Scope) -> Compiled:
    """A query inside of another; the module of queries, which stands above, says how."""
    made: Compiled = HOOKS["query"](node, scope)
    return made


def compile_expression(node: exp.Expression, scope: Scope) -> Typed:
    """The SQL and the type of an expression; raises `QueryError` as Athena would."""
    compiler = COMPILERS.get(type(node))
    if compiler is None:
        where, shown = scope.context.where(node), scope.context.text(node)
        raise QueryError(f"NOT_SUPPORTED: {where}: {refusals.not_supported(f'the expression {shown}')}")
    before = len(scope.grouping.violations) if scope.grouping else 0
    made = compiler(node, scope)
    if scope.grouping and made.sql in scope.grouping.keys:
        del scope.grouping.violations[before:]
    return made


def compile_as(node: exp.Expression, wanted: Type, scope: Scope, what: str) -> Typed:
    """An expression that must have a type; `what` is how Trino's message begins."""
    made = compile_expression(node, scope)
    if made.kind not in (wanted, types.UNKNOWN):
        text = f"{what} must evaluate to a {wanted}: actual type {made.kind}"
        raise scope.context.error("TYPE_MISMATCH", node, text)
    return conversions.coerce(made, wanted, scope.context)


@compiles(exp.Paren)
def _parenthesis(node: exp.Paren, scope: Scope) -> Typed:
    return compile_expression(node.this, scope)


@compiles(exp.Null)
def _null(_node: exp.Null, _scope: Scope) -> Typed:
    return Typed("NULL", types.UNKNOWN)


@compiles(exp.Boolean)
def _boolean(node: exp.Boolean, _scope: Scope) -> Typed:
    return Typed("true" if node.this else "false", BOOLEAN)


@compiles(exp.Column)
def _column(node: exp.Column, scope: Scope) -> Typed:
    parts = [part.name for part in node.parts]
    if len(parts) == 1 and parts[0].lower() in scope.variables:
        return scope.variables[parts[0].lower()]
    if scope.outputs and len(parts) == 1 and parts[0].lower() in scope.outputs:
        return scope.outputs[parts[0].lower()]
    return _resolved(node, parts, scope)


def _resolved(node: exp.Expression, parts: list[str], scope: Scope) -> Typed:
    if parts[0].lower() in scope.variables:
        return _fields(node, scope.variables[parts[0].lower()], parts[1:], scope)
    found = scope.find(parts)
    if found is None:
        if (
            len(parts) == 1
            and (constant := CONSTANTS.get(parts[0].lower()))
            and not node.find(exp.Identifier).quoted
        ):
            return constant(scope)
        raise _not_found(node, parts, scope)
    owner, columns, taken = found
    if len(columns) > 1:
        raise scope.context.error("AMBIGUOUS_NAME", node, f"Column '{'.'.join(parts[:taken])}' is ambiguous")
    free = owner.grouping and not owner.inside_aggregate
    if owner.grouping and free and columns[0].value.sql not in owner.grouping.keys:
        owner.grouping.violations.append(node)
    return _fields(node, columns[0].value, parts[taken:], scope)


def _not_found(node: exp.Expression, parts: list[str], scope: Scope) -> QueryError:
    text = (
        f"Column '{'.'.join(parts).lower()}' cannot be resolved or requester is not authorized to access "
        "requested resources"
    )
    return scope.context.error("COLUMN_NOT_FOUND", node, text)


def _fields(node: exp.Expression, value: Typed, names: list[str], scope: Scope) -> Typed:
    for name in names:
        value = field_of(node, value, name, scope)
    return value


def field_of(node: exp.Expression, value: Typed, name: str, scope: Scope) -> Typed:
    """A field of a row by its name."""
    if value.kind.name != "row":
        text = f"Expression {scope.context.text(node)} is not of type ROW"
        raise scope.context.error("TYPE_MISMATCH", node, text)
    found = [at for at, field in enumerate(value.kind.fields) if field.lower() == name.lower()]
    if len(found) != 1:
        if not found:
            raise _not_found(node, [scope.context.text(node)], scope)
        raise scope.context.error("AMBIGUOUS_NAME", node, f"Ambiguous row field reference: {name}")
    stored = duckdb_field(value.kind.fields[found[0]], found[0])
    return Typed(f"struct_extract({value.sql}, {literal(stored)})", value.kind.parts[found[0]])


@compiles(exp.Identifier)
def _identifier(node: exp.Identifier, scope: Scope) -> Typed:
    """A variable of a lambda, or a column that sqlglot takes for one."""
    return _resolved(node, [node.name], scope)


@compiles(exp.Dot)
def _dot(node: exp.Dot, scope: Scope) -> Typed:
    if not isinstance(node.expression, exp.Identifier):
        raise scope.context.error("SYNTAX_ERROR", node, f"mismatched input '{node.expression.name}'")
    flat = _flat(node)
    if flat and flat[0].lower() not in scope.variables:
        return _resolved(node, flat, scope)
    return field_of(node, compile_expression(node.this, scope), node.expression.name, scope)


def _flat(node: exp.Expression) -> list[str]:
    """The parts of a name that is nothing but names and dots; [] for anything else."""
    if isinstance(node, exp.Dot):
        inner = _flat(node.this)
        return [*inner, node.expression.name] if inner else []
    if isinstance(node, exp.Column):
        return [part.name for part in node.parts]
    return [node.name] if isinstance(node, exp.Identifier) else []


@compiles(exp.Bracket)
def _subscript(node: exp.Bracket, scope: Scope) -> Typed:
    """`array[i]` and `map[key]`, which fail where nothing is there."""
    if len(node.expressions) != 1:
        raise scope.context.error("SYNTAX_ERROR", node, "mismatched input ','")
    value, index = compile_expression(node.this, scope), compile_expression(node.expressions[0], scope)
    if value.kind.name == "map":
        key, item = value.kind.parts
        index = _argument(node, index, key, value.kind, scope)
        text = "trino_map_value" if key.is_text else "trino_map_item"
        return Typed(f"{text}({value.sql}, {index.sql})", item)
    if value.kind.name == "array":
        index = _argument(node, index, types.BIGINT, value.kind, scope)
        return Typed(f"trino_item({value.sql}, {index.sql})", value.kind.element)
    if value.kind.name == "row" and isinstance(node.expressions[0], exp.Literal):
        at = int(node.expressions[0].name) - 1
        if not 0 <= at < len(value.kind.parts):
            raise scope.context.error("INVALID_FUNCTION_ARGUMENT", node, f"ROW index out of bounds: {at + 1}")
        stored = literal(duckdb_field(value.kind.fields[at], at))
        return Typed(f"struct_extract({value.sql}, {stored})", value.kind.parts[at])
    raise scope.context.error("TYPE_MISMATCH", node, f"Cannot use {index.kind} for subscript of {value.kind}")


def _argument(node: exp.Expression, index: Typed, wanted: Type, owner: Type, scope: Scope) -> Typed:
    if not conversions.coercible(index.kind, wanted):
        raise scope.context.error("TYPE_MISMATCH", node, f"Cannot use {index.kind} for subscript of {owner}")
    return conversions.coerce(index, wanted, scope.context)


CONSTANTS: dict[str, Callable[[Scope], Typed]] = {
    "current_schema": lambda scope: Typed(literal(scope.context.database), types.VARCHAR),
    "current_catalog": lambda _scope: Typed("'awsdatacatalog'", types.VARCHAR),
}
