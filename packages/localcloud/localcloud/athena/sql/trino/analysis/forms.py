"""Calls with a syntax of their own: EXTRACT, TRIM, POSITION, SUBSTRING, AT TIME ZONE, JSON_VALUE."""

from __future__ import annotations

import re

from sqlglot import exp

from localcloud.athena.sql.errors import unsupported
from localcloud.athena.sql.trino import types
from localcloud.athena.sql.trino.analysis import conversions
from localcloud.athena.sql.trino.analysis.calls import call
from localcloud.athena.sql.trino.analysis.expressions import compile_expression, compiles
from localcloud.athena.sql.trino.analysis.scopes import Scope
from localcloud.athena.sql.trino.context import Typed
from localcloud.athena.sql.trino.functions import dates, texts
from localcloud.athena.sql.trino.syntax import START
from localcloud.glue.catalog.types import literal

FIELDS = {
    "DAY_OF_MONTH": "day", "DAY_OF_WEEK": "day_of_week", "DOW": "day_of_week", "DAY_OF_YEAR": "day_of_year",
    "DOY": "day_of_year", "YEAR_OF_WEEK": "year_of_week", "YOW": "year_of_week",
    **{name: name.lower() for name in ("YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND",
                                       "TIMEZONE_HOUR", "TIMEZONE_MINUTE")},
}  # fmt: skip


def _as_call(node: exp.Expression, name: str, arguments: list[exp.Expression], scope: Scope) -> Typed:
    called = exp.Anonymous(this=name, expressions=arguments)
    if START in node.meta:
        called.meta[START] = node.meta[START]
    return call(called, scope)


@compiles(exp.Extract)
def _extract(node: exp.Extract, scope: Scope) -> Typed:
    name = FIELDS.get(node.name.upper())
    if name is None:
        raise scope.context.error("SYNTAX_ERROR", node, f"Invalid EXTRACT field: {node.name}")
    return _as_call(node, name, [node.expression], scope)


@compiles(exp.Trim)
def _trim(node: exp.Trim, scope: Scope) -> Typed:
    name = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get((node.args.get("position") or "").upper(), "trim")
    arguments = [node.this, *([node.expression] if node.expression else [])]
    return _as_call(node, name, arguments, scope)


@compiles(exp.StrPosition)
def _position(node: exp.StrPosition, scope: Scope) -> Typed:
    return _as_call(node, "strpos", [node.this, node.args["substr"]], scope)


@compiles(exp.Substring)
def _substring(node: exp.Substring, scope: Scope) -> Typed:
    rest = [one for one in (node.args.get("start"), node.args.get("length")) if one is not None]
    return _as_call(node, "substr", [node.this, *rest], scope)


def _moment(node: exp.Expression, scope: Scope) -> Typed:
    """A value of which only the moment matters: in UTC that is right whatever zone its text names."""
    if isinstance(node, exp.Paren):
        return _moment(node.this, scope)
    if isinstance(node, exp.Anonymous) and node.name.lower() == "from_iso8601_timestamp":
        compile_expression(node, scope)  # refuses what is no text
        return dates.instant(compile_expression(node.expressions[0], scope), scope.context)
    if isinstance(node, exp.Cast) and isinstance(node.this, exp.Literal) and node.to.is_type("timestamptz"):
        return _zoned_moment(node, node.this.name, scope)
    return compile_expression(node, scope)


def _zoned_moment(node: exp.Cast, text: str, scope: Scope) -> Typed:
    """A text with a region or an offset of hours and minutes; abbreviations mean other zones to DuckDB."""
    value = compile_expression(node, scope)
    found = re.fullmatch(texts.MOMENT, text.strip())
    zone = (found[3] or "") if found else ""
    if not found or not re.fullmatch(r"[A-Z]\w+(/[A-Z][\w+-]*)+|[+-]\d\d:\d\d", zone):
        return value
    moment = f"{found[1]} {found[2] or '00:00'}{'' if zone[0] in '+-' else ' '}{zone}"
    parsed = f"TRY_CAST({literal(moment)} AS TIMESTAMPTZ)"
    if not isinstance(node, exp.TryCast):
        parsed = f"trino_cast({parsed}, {literal(text)}, {literal(conversions.complaint(value.kind))})"
    return Typed(parsed, value.kind)


@compiles(exp.AtTimeZone)
def _at_time_zone(node: exp.AtTimeZone, scope: Scope) -> Typed:
    value = _moment(node.this, scope)
    if node.args["zone"].name.upper() != "UTC":
        raise unsupported("a time zone other than UTC")
    if value.kind.name not in ("timestamp", types.ZONED):
        text = f"Type of value must be a time or timestamp with or without time zone (actual {value.kind})"
        raise scope.context.error("TYPE_MISMATCH", node, text)
    return Typed(f"CAST({value.sql} AS TIMESTAMPTZ)", types.Type(types.ZONED, value.kind.sizes))


@compiles(exp.JSONValue)
def _json_value(node: exp.JSONValue, scope: Scope) -> Typed:
    if node.args.get("returning") or node.args.get("on_condition"):
        raise unsupported("RETURNING and ON ERROR of json_value")
    return _as_call(node, "json_value", [node.this, node.args["path"]], scope)


@compiles(exp.JSONExtract)
def _json_query(node: exp.JSONExtract, scope: Scope) -> Typed:
    if not node.args.get("json_query"):
        raise scope.context.error("SYNTAX_ERROR", node, "mismatched input '->'")
    if node.args.get("option") or node.args.get("on_condition") or node.args.get("quote"):
        raise unsupported("WITH WRAPPER, QUOTES and ON ERROR of json_query")
    return _as_call(node, "json_query", [node.this, node.expression], scope)
