"""Rewriters: the functions and operators of Trino that DuckDB has with another meaning, or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB

from localcloud.athena.sql.errors import unsupported
from localcloud.athena.sql.trino import date_patterns


def rewrite(node: exp.Expression) -> exp.Expression:
    """The node as DuckDB needs it; most nodes stay as they are."""
    if isinstance(node, exp.Anonymous):
        by_name = FUNCTIONS.get(node.name.lower())
        return by_name(node.expressions) if by_name else node
    by_type = NODES.get(type(node))
    return by_type(node) if by_type else node


def _divide(node: exp.Div) -> exp.Expression:
    """Trino's division by zero fails, unless TRY is around it."""
    if node.find_ancestor(exp.Try):
        return node
    divisor = exp.Anonymous(this="trino_divisor", expressions=[node.expression])
    return exp.Div(this=node.this, expression=divisor, typed=False, safe=True)


def _plus_interval(node: exp.Add | exp.Sub) -> exp.Expression:
    """A date plus an interval of days stays a date in Trino."""
    if not isinstance(node.expression, exp.Interval):
        return node
    interval = node.expression
    amount = exp.Neg(this=exp.Paren(this=interval)) if isinstance(node, exp.Sub) else interval
    return exp.Anonymous(this="trino_plus", expressions=[node.this, amount])


def _date_add(node: exp.DateAdd) -> exp.Expression:
    """Trino's date_add keeps a date a date; DuckDB would make it a timestamp."""
    if not node.args.get("unit"):
        return node
    unit = node.args["unit"].name.upper()
    step = exp.Anonymous(
        this="to_milliseconds" if unit == "MILLISECOND" else f"to_{unit.lower()}s",
        expressions=[exp.cast(node.expression, "bigint")],
    )
    if unit == "QUARTER":
        months = exp.Mul(this=exp.Paren(this=node.expression), expression=exp.Literal.number(3))
        step = exp.Anonymous(this="to_months", expressions=[exp.cast(months, "bigint")])
    return exp.Anonymous(this="trino_plus", expressions=[node.this, step])


def _date_trunc(node: exp.DateTrunc | exp.TimestampTrunc) -> exp.Expression:
    """Trino's date_trunc keeps a date a date."""
    unit = exp.Literal.string(node.args["unit"].name.lower())
    return exp.Anonymous(this="trino_date_trunc", expressions=[unit, node.this])


def _at_time_zone(node: exp.AtTimeZone) -> exp.Expression:
    if node.args["zone"].name.upper() != "UTC":
        raise unsupported("a time zone other than UTC")
    return node


def _from_unixtime(node: exp.UnixToTime) -> exp.Expression:
    zone = node.args.get("zone")
    if zone and zone.name.upper() != "UTC":
        raise unsupported("a time zone other than UTC")
    return node


def _regexp_replace(node: exp.RegexpReplace) -> exp.Expression:
    """Trino replaces every match and writes groups as $1; DuckDB needs an option and \\1."""
    replacement = node.args.get("replacement") or exp.Literal.string("")
    if isinstance(replacement, exp.Literal):
        replacement = exp.Literal.string(re.sub(r"\$(\d)", r"\\\1", replacement.name))
    arguments = [node.this, node.expression, replacement, exp.Literal.string("g")]
    return exp.Anonymous(this="regexp_replace", expressions=arguments)


def _any_match(arguments: list[exp.Expression]) -> exp.Expression:
    return exp.Paren(this=exp.GT(this=_matches(*arguments), expression=exp.Literal.number(0)))


def _all_match(arguments: list[exp.Expression]) -> exp.Expression:
    return exp.Paren(this=exp.EQ(this=_matches(*arguments), expression=_length(arguments[0].copy())))


def _none_match(arguments: list[exp.Expression]) -> exp.Expression:
    return exp.Paren(this=exp.EQ(this=_matches(*arguments), expression=exp.Literal.number(0)))


def _matches(array: exp.Expression, predicate: exp.Expression) -> exp.Expression:
    """How many elements of the array the predicate holds for."""
    return _length(exp.Anonymous(this="list_filter", expressions=[array.copy(), predicate]))


def _length(array: exp.Expression) -> exp.Expression:
    return exp.Anonymous(this="len", expressions=[array])


def _map_filter(arguments: list[exp.Expression]) -> exp.Expression:
    entries, body = _over_entries(*arguments)
    return _map_from(f"list_filter({entries}, lambda entry: {body})")


def _transform_keys(arguments: list[exp.Expression]) -> exp.Expression:
    entries, body = _over_entries(*arguments)
    return _map_from(f"list_transform({entries}, lambda entry: {{'key': {body}, 'value': entry.value}})")


def _transform_values(arguments: list[exp.Expression]) -> exp.Expression:
    entries, body = _over_entries(*arguments)
    return _map_from(f"list_transform({entries}, lambda entry: {{'key': entry.key, 'value': {body}}})")


def _map_from(entries: str) -> exp.Expression:
    return sqlglot.parse_one(f"map_from_entries({entries})", read=DuckDB)


def _over_entries(source: exp.Expression, function: exp.Expression) -> tuple[str, str]:
    """The entries of a map, and the body of a function of key and value as one of `entry`."""
    names = [name.name for name in function.expressions]
    body = function.this.copy()
    for name, part in zip(names, ("key", "value"), strict=True):
        entry = exp.Dot(this=exp.to_identifier("entry"), expression=exp.to_identifier(part, quoted=True))
        body = body.transform(
            lambda node, n=name, e=entry: (
                e.copy()
                if isinstance(node, exp.Column | exp.Identifier)
                and node.name == n
                and not isinstance(node.parent, exp.Column)
                else node
            )
        )
    return f"map_entries({source.sql('duckdb')})", body.sql("duckdb")


FUNCTIONS: dict[str, Callable[[list[exp.Expression]], exp.Expression]] = {
    "format_datetime": date_patterns.format_datetime,
    "any_match": _any_match,
    "all_match": _all_match,
    "none_match": _none_match,
    "map_filter": _map_filter,
    "transform_keys": _transform_keys,
    "transform_values": _transform_values,
}
"""By name: functions of which sqlglot knows nothing."""

NODES: dict[type[exp.Expression], Callable[[Any], exp.Expression]] = {
    exp.Div: _divide,
    exp.Add: _plus_interval,
    exp.Sub: _plus_interval,
    exp.DateAdd: _date_add,
    exp.DateTrunc: _date_trunc,
    exp.TimestampTrunc: _date_trunc,
    exp.ParseDatetime: date_patterns.parse_datetime,
    exp.RegexpReplace: _regexp_replace,
    exp.AtTimeZone: _at_time_zone,
    exp.UnixToTime: _from_unixtime,
}
"""By the node that sqlglot parses: functions and operators that it renders with another meaning."""
