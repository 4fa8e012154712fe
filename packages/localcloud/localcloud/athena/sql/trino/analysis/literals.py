"""Literals, and the values that look like them: ARRAY, ROW, intervals, the current time."""

from __future__ import annotations

import re

from sqlglot import exp

from localcloud.athena.sql.errors import unsupported
from localcloud.athena.sql.trino import types
from localcloud.athena.sql.trino.analysis import conversions
from localcloud.athena.sql.trino.analysis.expressions import compile_expression, compiles
from localcloud.athena.sql.trino.analysis.scopes import Scope
from localcloud.athena.sql.trino.coercions import common_of
from localcloud.athena.sql.trino.context import Typed
from localcloud.athena.sql.trino.functions import json_values, texts
from localcloud.athena.sql.trino.syntax import WRITTEN
from localcloud.athena.sql.trino.types import Type, to_duckdb
from localcloud.glue.catalog.types import literal

OTHER_TYPES = (
    *("time with time zone", "ipaddress", "ipprefix", "hyperloglog", "p4hyperloglog", "setdigest", "tdigest"),
    *("qdigest", "geometry", "sphericalgeography", "bingtile", "color", "function", "char varying"),
)
"""Types that Trino has and nothing here does."""
SPANS = {"SECOND": 1, "MINUTE": 60, "HOUR": 3600, "DAY": 86400}


@compiles(exp.Literal)
def _literal(node: exp.Literal, scope: Scope) -> Typed:
    """Athena reads `1.2` as a double, as its clients find; `decimal '1.2'` is a decimal."""
    if node.is_string:
        return Typed(literal(node.name), types.varchar(len(node.name)))
    text = node.name
    if re.fullmatch(r"\d+", text):
        value = int(text)
        if value > 2**63 - 1:
            raise scope.context.error("SYNTAX_ERROR", node, f"Invalid numeric literal: {text}")
        kind = types.INTEGER if value < 2**31 else types.BIGINT
        return Typed(f"CAST({value} AS {to_duckdb(kind)})", kind)
    if not re.fullmatch(r"(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text):
        raise scope.context.error("SYNTAX_ERROR", node, f"mismatched input '{text}'")
    return Typed(f"CAST('{text}' AS DOUBLE)", types.DOUBLE)


@compiles(exp.UnicodeString)
def _unicode(node: exp.UnicodeString, _scope: Scope) -> Typed:
    text = re.sub(r"\\(?:\+([0-9a-fA-F]{6})|([0-9a-fA-F]{4})|(\\))",
                  lambda found: found[3] or chr(int(found[1] or found[2], 16)), node.name)  # fmt: skip
    return Typed(literal(text), types.varchar(len(text)))


@compiles(exp.HexString)
def _hex(node: exp.HexString, scope: Scope) -> Typed:
    digits = node.name
    if len(digits) % 2:
        raise scope.context.error(
            "SYNTAX_ERROR", node, "Hexadecimal literal must contain an even number of digits"
        )
    return Typed(f"unhex('{digits}')", types.VARBINARY)


@compiles(exp.Array)
def _array(node: exp.Array, scope: Scope) -> Typed:
    items = [compile_expression(item, scope) for item in node.expressions]
    kind = common_of([item.kind for item in items])
    if kind is None:
        other = next(item.kind for item in items if common_of([items[0].kind, item.kind]) is None)
        text = f"All ARRAY elements must be the same type: {items[0].kind}, {other}"
        raise scope.context.error("TYPE_MISMATCH", node, text)
    shown = ", ".join(conversions.coerce(item, kind, scope.context).sql for item in items)
    return Typed(f"CAST([{shown}] AS {to_duckdb(kind)}[])", types.array(kind))


def row_of(nodes: list[exp.Expression], scope: Scope) -> Typed:
    """ROW(...), and a list of expressions in parentheses."""
    items = [compile_expression(item, scope) for item in nodes]
    kind = types.row([item.kind for item in items], ["" for _ in items])
    fields = ", ".join(f'"field{at}" := {item.sql}' for at, item in enumerate(items))
    return Typed(f"CAST(struct_pack({fields}) AS {to_duckdb(kind)})", kind)


@compiles(exp.Tuple)
def _tuple(node: exp.Tuple, scope: Scope) -> Typed:
    return row_of(node.expressions, scope)


@compiles(exp.Interval)
def _interval(node: exp.Interval, scope: Scope) -> Typed:
    """`INTERVAL '2' DAY`; one of months and one of seconds are two types."""
    unit = node.args.get("unit")
    text = node.this.name if isinstance(node.this, exp.Literal) else ""
    if isinstance(unit, exp.IntervalSpan):
        return _span(node, text, str(unit.this).upper(), str(unit.expression).upper(), scope)
    name = unit.name.upper() if unit is not None else ""
    if name in ("YEAR", "MONTH") and re.fullmatch(r"[+-]?\d+", text):
        return Typed(f"to_months({int(text) * (12 if name == 'YEAR' else 1)})", types.MONTH_INTERVAL)
    if name in (*SPANS, "WEEK") and re.fullmatch(r"[+-]?\d+(\.\d{1,3})?", text):
        seconds = SPANS.get(name, 604800)
        return Typed(f"to_milliseconds({round(float(text) * seconds * 1000)})", types.DAY_INTERVAL)
    raise scope.context.error("INVALID_LITERAL", node, f"'{text}' is not a valid INTERVAL literal")


def _span(node: exp.Interval, text: str, first: str, last: str, scope: Scope) -> Typed:
    months = re.fullmatch(r"([+-]?)(\d+)-(\d+)", text)
    if months and (first, last) == ("YEAR", "MONTH"):
        count = int(months[2]) * 12 + int(months[3])
        return Typed(f"to_months({'-' if months[1] == '-' else ''}{count})", types.MONTH_INTERVAL)
    units = ["DAY", "HOUR", "MINUTE", "SECOND"]
    wanted = units[units.index(first) : units.index(last) + 1] if first in units and last in units else []
    pieces = re.split(r"[ :]", text.lstrip("+-"))
    if (
        not wanted
        or len(pieces) != len(wanted)
        or not all(re.fullmatch(r"\d+(\.\d+)?", one) for one in pieces)
    ):
        raise scope.context.error("INVALID_LITERAL", node, f"'{text}' is not a valid INTERVAL literal")
    total = sum(float(piece) * SPANS[unit] for piece, unit in zip(pieces, wanted, strict=True))
    return Typed(
        f"to_milliseconds({'-' if text[:1] == '-' else ''}{round(total * 1000)})", types.DAY_INTERVAL
    )


@compiles(exp.Cast, exp.TryCast)
def _cast(node: exp.Cast, scope: Scope) -> Typed:
    """CAST and TRY_CAST, and literals with a type in front such as `date '2020-01-31'`."""
    written = node.args["to"].meta.get(WRITTEN, node.args["to"].sql("trino"))
    if isinstance(node.this, exp.Literal) and node.this.is_string and not _is_call(node, scope):
        return _typed_literal(node, written, node.this.name, scope)
    target = types.parse_type(written)
    if target is None:
        raise _unknown_type(written, node.args["to"], scope)
    value = compile_expression(node.this, scope)
    return conversions.checked_cast(value, target, node, scope.context, safe=isinstance(node, exp.TryCast))


def _unknown_type(written: str, node: exp.Expression, scope: Scope) -> Exception:
    """A type of Trino's that is not done here, or none at all."""
    name = " ".join(written.lower().split())
    if re.sub(r"\(.*?\)", "", name) in OTHER_TYPES:
        return unsupported(f"the type {name}")
    return scope.context.error("TYPE_NOT_FOUND", node, f"Unknown type: {name}")


def _is_call(node: exp.Cast, scope: Scope) -> bool:
    """Whether it is written with CAST: a literal's type stands before its text and not behind it."""
    to, value = node.args["to"].meta.get("start"), node.this.meta.get("start")
    text = scope.context.sql
    return to is None or (value is not None and value < to) or not re.match(
        r"\s*'", text[to + len(node.args["to"].meta.get(WRITTEN, "")) :])  # fmt: skip


def _typed_literal(node: exp.Cast, written: str, text: str, scope: Scope) -> Typed:
    name = written.lower().strip()
    if name in ("decimal", "dec", "numeric"):
        return _decimal(node, text, scope)
    if name == "json":
        return _json(node, text, scope)
    target = types.parse_type(name)
    if target is None:
        raise _unknown_type(name, node, scope)
    if target.name in ("timestamp", "time"):
        target = _precise(target, text)
    value = Typed(literal(text), types.varchar(len(text)))
    made = conversions.cast(value, target, scope.context, safe=False)
    if not _is_literal(text, target):
        raise scope.context.error("INVALID_LITERAL", node, f"'{text}' is not a valid {target.name} literal")
    return made


def _json(node: exp.Expression, text: str, scope: Scope) -> Typed:
    try:
        return Typed(literal(json_values.parse(text)), types.JSON)
    except ValueError as error:
        raise scope.context.error("INVALID_LITERAL", node, f"'{text}' is not a valid JSON literal") from error


def _precise(target: Type, text: str) -> Type:
    """The literal's precision is that of its digits; with a zone it is another type."""
    fraction = re.search(r"\.(\d+)", text)
    digits = len(fraction[1]) if fraction else 0
    if target.name == "timestamp" and _zone(text):
        return Type(types.ZONED, (digits,))
    return Type(target.name, (digits,))


def _zone(text: str) -> str:
    """The zone that a text ends with, if it has one."""
    found = re.fullmatch(texts.MOMENT, text)
    zone = (found[3] or "") if found else ""
    return zone if re.fullmatch(texts.ZONE, zone) or zone == "Z" else ""


def _is_literal(text: str, target: Type) -> bool:
    known = texts.PATTERNS.get("integer" if target.is_integer else target.name)
    if target.name == types.ZONED:
        return bool(_zone(text))
    return known is None or bool(re.fullmatch(known.replace("(?i)", ""), text, re.IGNORECASE))


def _decimal(node: exp.Cast, text: str, scope: Scope) -> Typed:
    """`decimal '0.10'` is a decimal(2,2): as many digits as are written, zeros in front left out."""
    found = re.fullmatch(r"[+-]?(\d*)(?:\.(\d*))?", text.strip())
    if not found or not (found[1] or found[2]):
        raise scope.context.error("INVALID_LITERAL", node, f"'{text}' is not a valid DECIMAL literal")
    whole, scale = found[1].lstrip("0"), len(found[2] or "")
    precision = max(1, len(whole) + scale)
    if precision > 38:
        raise scope.context.error("INVALID_LITERAL", node, f"'{text}' is not a valid DECIMAL literal")
    kind = types.decimal(precision, scale)
    return Typed(f"CAST('{text.strip()}' AS {to_duckdb(kind)})", kind)


@compiles(exp.CurrentDate)
def _current_date(_node: exp.CurrentDate, _scope: Scope) -> Typed:
    return Typed("current_date", types.DATE)


@compiles(exp.CurrentTimestamp)
def _now(_node: exp.CurrentTimestamp, _scope: Scope) -> Typed:
    return Typed("date_trunc('milliseconds', now())", types.TIMESTAMP_ZONED)


@compiles(exp.Localtimestamp)
def _local_now(_node: exp.Localtimestamp, _scope: Scope) -> Typed:
    return Typed("CAST(date_trunc('milliseconds', now()) AS TIMESTAMP)", types.TIMESTAMP)


@compiles(exp.Localtime, exp.CurrentTime)
def _local_time(_node: exp.Localtime, _scope: Scope) -> Typed:
    return Typed("CAST(CAST(date_trunc('milliseconds', now()) AS TIMESTAMP) AS TIME)", types.TIME)


@compiles(exp.CurrentCatalog)
def _catalog(_node: exp.CurrentCatalog, _scope: Scope) -> Typed:
    return Typed("'awsdatacatalog'", types.VARCHAR)
