"""Values as Trino writes them when they are cast to varchar, and how texts of other types must look."""

from __future__ import annotations

import math
import struct
from decimal import Decimal

from localcloud.athena.sql.trino import types
from localcloud.athena.sql.trino.context import Context, Typed

_HOURS = r"(?:[01]?\d|2[0-3]):\d{1,2}(?::\d{1,2}(?:\.\d{1,12})?)?"
# The date, the time and the zone of a text that becomes a timestamp with time zone.
MOMENT = rf"\+?(-?\d{{4,}}-\d{{1,2}}-\d{{1,2}})(?: ({_HOURS})?\s*(.*))?"
# The zones that Trino shows as UTC, spelled as Java knows them; and how any zone is spelled.
UTC = r"(?:(?:Etc/)?(?:UTC|UCT|GMT0?|Universal)|UT|Z|Zulu|Greenwich|[+-](?:0|00(?::?00)?))"
_OFFSET = (
    r"[+-](?:\d|(?:0\d|1[0-7])(?:[0-5]\d(?:[0-5]\d)?|:[0-5]\d(?::[0-5]\d)?)?|18(?:00(?:00)?|:00(?::00)?)?)"
)
ZONE = rf"[A-Za-z][A-Za-z0-9~/._+-]+|(?:UTC|GMT|UT)?{_OFFSET}"
# The regions of Java: those with a slash, and the older names without one.
REGION = (
    r"[A-Z]\w*(?:/[A-Z][\w+-]*)+|CET|CST6CDT|Cuba|EET|EST5EDT|Egypt|Eire|GB|GB-Eire|GMT0|Greenwich|Hongkong"
    r"|Iceland|Iran|Israel|Jamaica|Japan|Kwajalein|Libya|MET|MST7MDT|NZ|NZ-CHAT|Navajo|PRC|PST8PDT|Poland"
    r"|Portugal|ROK|Singapore|Turkey|UCT|Universal|W-SU|WET|Zulu"
)
# The date, the time and the zone of a text that becomes a timestamp without one.
TIMESTAMP = (
    rf"([+-]?\d{{4,}}-\d{{1,2}}-\d{{1,2}})"
    rf"(?: ({_HOURS})?\s*(Z|(?:UTC|GMT|UT)(?:{_OFFSET})?|{_OFFSET}|{REGION})?)?"
)
PATTERNS = {
    "integer": r"[+-]?\d+",
    "decimal": r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?",
    "boolean": r"(?i)(true|false|t|f|1|0)",
    "date": r"\s*[+-]?\d{4,}-\d{1,2}-\d{1,2}\s*",
    "timestamp": TIMESTAMP,
    "double": r"\s*[+-]?(\d+(\.\d*)?|\.\d+|NaN|Infinity)([eE][+-]?\d+)?\s*",
    "real": r"\s*[+-]?(\d+(\.\d*)?|\.\d+|NaN|Infinity)([eE][+-]?\d+)?\s*",
    "time": _HOURS,
}


def written(value: Typed, context: Context) -> str:
    """The SQL of a value as Trino's text."""
    kind = value.kind
    if kind.name == "double":
        return context.python(double_text, [value], types.VARCHAR)
    if kind.name == "real":
        return context.python(real_text, [value], types.VARCHAR)
    if kind.name in ("timestamp", types.ZONED):
        digits = {0: "", 3: ".%g"}.get((kind.sizes or (3,))[0], ".%f")
        zone = " UTC" if kind.name == types.ZONED else ""
        return f"strftime({value.sql}, '%Y-%m-%d %H:%M:%S{digits}{zone}')"
    if kind.name == "time":
        digits = {0: "", 3: ".%g"}.get((kind.sizes or (3,))[0], ".%f")
        return f"strftime(DATE '1970-01-01' + {value.sql}, '%H:%M:%S{digits}')"
    if kind == types.DAY_INTERVAL:
        return f"trino_day_interval({value.sql})"
    if kind == types.MONTH_INTERVAL:
        return f"trino_month_interval({value.sql})"
    return f"CAST({value.sql} AS VARCHAR)"


def double_text(value: float) -> str:
    """A double as CAST writes it: always scientific, as `3.77E1`."""
    return _scientific(value, repr(value))


def real_text(value: float) -> str:
    return _scientific(value, shortest_real(value))


def _scientific(value: float, digits_of: str) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0:
        return "-0.0E0" if math.copysign(1, value) < 0 else "0.0E0"
    sign, digits, exponent = Decimal(digits_of).as_tuple()
    figures = "".join(map(str, digits)).rstrip("0") or "0"
    power = len(digits) + int(exponent) - 1
    return f"{'-' if sign else ''}{figures[0]}.{figures[1:] or '0'}E{power}"


def shortest_real(value: float) -> str:
    """The fewest digits that mean the same real."""
    packed = struct.pack("f", value)
    tried = (f"{value:.{digits}g}" for digits in range(1, 10))
    return next((text for text in tried if struct.pack("f", float(text)) == packed), repr(value))
