"""Values as Athena writes them into results: Trino's texts of DuckDB's Python values."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from localcloud.glue.catalog.types import from_duckdb

ATHENA_NAMES = {"string": "varchar", "int": "integer", "binary": "varbinary"}


def athena_type(kind: Any) -> str:
    """The type that GetQueryResults shows for a DuckDB type: `row` and `array` without their parts."""
    if kind.id == "decimal":
        return "decimal"
    plain = {"list": "array", "array": "array", "struct": "row", "map": "map", "hugeint": "bigint"}
    if kind.id in plain:
        return plain[kind.id]
    named = {"timestamp with time zone": "timestamp with time zone", "time": "time", "json": "json"}
    if str(kind).lower() in named:
        return named[str(kind).lower()]
    if str(kind) == '"NULL"':
        return "unknown"
    if str(kind).lower().startswith("interval"):
        return "interval day to second"
    if kind.id == "float":
        return "float"
    hive = str(from_duckdb(kind))
    return ATHENA_NAMES.get(hive, hive)


def writer(kind: Any) -> Callable[[Any], str | None]:
    """Writes values of a DuckDB type: the fields of rows are named as the type, not the data, spells them."""
    if kind.id == "struct":
        fields = [(_field(name), writer(child)) for name, child in kind.children]
        return _nullable(lambda value: "{" + ", ".join(_named(fields, value)) + "}")
    if kind.id in ("list", "array"):
        element = writer(kind.children[0][1])
        return _nullable(lambda value: "[" + ", ".join(_or_null(element(item)) for item in value) + "]")
    return text


def _nullable(write: Callable[[Any], str]) -> Callable[[Any], str | None]:
    return lambda value: None if value is None else write(value)


def _named(fields: list[tuple[str, Callable[[Any], str | None]]], value: dict[str, Any]) -> Iterator[str]:
    for (name, write), item in zip(fields, value.values(), strict=True):
        yield f"{name}={_or_null(write(item))}"


def _or_null(written: str | None) -> str:
    return "null" if written is None else written


def text(value: Any) -> str | None:
    """One value of a result; None stays NULL."""
    return None if value is None else _WRITERS.get(type(value), str)(value)


def _inner(value: Any) -> str:
    return _or_null(text(value))


def _boolean(value: bool) -> str:
    return "true" if value else "false"


def _double(value: float) -> str:
    """Java's Double.toString: scientific outside of 10^-3 to 10^7."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        plain = repr(value)
        return plain if "e" not in plain else format(Decimal(plain), "f")
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    figures = "".join(map(str, digits)).rstrip("0") or "0"
    power = len(digits) + int(exponent) - 1
    return f"{'-' if sign else ''}{figures[0]}.{figures[1:] or '0'}E{power}"


def _timestamp(value: datetime.datetime) -> str:
    zone = " UTC" if value.tzinfo else ""
    return value.strftime("%Y-%m-%d %H:%M:%S.") + f"{value.microsecond // 1000:03d}{zone}"


def _interval(value: datetime.timedelta) -> str:
    seconds, hours = value.seconds % 3600, value.seconds // 3600
    return f"{value.days} {hours:02d}:{seconds // 60:02d}:{seconds % 60:02d}.{value.microseconds // 1000:03d}"


def _pairs(value: dict[Any, Any]) -> str:
    return "{" + ", ".join(f"{_field(key)}={_inner(item)}" for key, item in value.items()) + "}"


def _field(name: Any) -> str:
    """A key of a map or the name of a row's field; a field without name is field0, field1, ..."""
    written = _inner(name)
    return f"field{written[1:]}" if written[:1] == "_" and written[1:].isdigit() else written


_WRITERS: dict[type, Callable[[Any], str]] = {
    bool: _boolean,
    float: _double,
    Decimal: lambda value: format(value, "f"),
    datetime.datetime: _timestamp,
    datetime.date: lambda value: value.isoformat(),
    datetime.timedelta: _interval,
    bytes: lambda value: value.hex(" "),
    list: lambda value: "[" + ", ".join(map(_inner, value)) + "]",
    tuple: lambda value: "[" + ", ".join(map(_inner, value)) + "]",
    dict: _pairs,
}
