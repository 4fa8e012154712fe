"""Values as Athena writes them into results: Trino's texts of the Python values that DuckDB gives."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from localcloud.athena.sql.trino.functions.texts import shortest_real
from localcloud.athena.sql.trino.types import LARGEST_TEXT, ZONED, Type, duckdb_field, to_duckdb

PRECISIONS = {
    "tinyint": 3,
    "smallint": 5,
    "integer": 10,
    "bigint": 19,
    "real": 17,
    "double": 17,
    "timestamp": 3,
    ZONED: 3,
    "time": 3,
    "varbinary": 1073741824,
}


def column_type(kind: Type) -> tuple[str, int, int]:
    """Type, precision and scale as GetQueryResults shows them: `row` and `array` without their parts."""
    if kind.name == "decimal":
        return "decimal", kind.sizes[0], kind.sizes[1]
    if kind.is_text:
        return kind.name, (kind.sizes or (LARGEST_TEXT,))[0], 0
    return {"real": "float"}.get(kind.name, kind.name), PRECISIONS.get(kind.name, 0), 0


def fetched(name: str, kind: Type) -> str:
    """How a column is read from DuckDB, in SQL: what Python has no value for, as another type."""
    if kind.name == ZONED:
        return f"CAST({name} AS TIMESTAMP)"
    if kind.name == "interval year to month":
        return f"trino_month_interval({name})"
    if kind.name == "interval day to second":
        return f"trino_day_interval({name})"
    return f"CAST({name} AS {_nested_fetch(kind)})" if kind.parts and ZONED in str(kind) else name


def _nested_fetch(kind: Type) -> str:
    return to_duckdb(kind).replace("TIMESTAMPTZ", "TIMESTAMP")


def writer(kind: Type) -> Callable[[Any], str | None]:
    """Writes values of a type: the fields of rows are named as the type, not the data, spells them."""
    if kind.name == "row":
        named = zip(kind.fields, kind.parts, strict=True)
        fields = [(duckdb_field(name, at), writer(part)) for at, (name, part) in enumerate(named)]
        return _nullable(lambda value: "{" + ", ".join(_named(fields, value)) + "}")
    if kind.name == "array":
        element = writer(kind.element)
        return _nullable(lambda value: "[" + ", ".join(_or_null(element(item)) for item in value) + "]")
    if kind.name == "map":
        key, item = writer(kind.parts[0]), writer(kind.parts[1])
        return _nullable(
            lambda value: (
                "{"
                + ", ".join(f"{_or_null(key(one))}={_or_null(item(other))}" for one, other in value.items())
                + "}"
            )
        )
    if kind.name == "real":
        return _nullable(lambda value: _java(value, shortest_real(value)))
    if kind.name == ZONED:
        return _nullable(lambda value: f"{_timestamp(value)} UTC")
    if kind.name == "time" and kind.sizes:
        return _nullable(lambda value: _precise_time(value, kind.sizes[0]))
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


def _boolean(value: bool) -> str:
    return "true" if value else "false"


def _double(value: float) -> str:
    return _java(value, repr(value))


def _java(value: float, digits_of: str) -> str:
    """Java's Double.toString: scientific outside of 10^-3 to 10^7."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    sign, digits, exponent = Decimal(digits_of).as_tuple()
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        plain = format(Decimal(digits_of), "f")
        return plain if "." in plain else f"{plain}.0"
    figures = "".join(map(str, digits)).rstrip("0") or "0"
    power = len(digits) + int(exponent) - 1
    return f"{'-' if sign else ''}{figures[0]}.{figures[1:] or '0'}E{power}"


def _timestamp(value: datetime.datetime) -> str:
    return value.strftime("%Y-%m-%d %H:%M:%S.") + f"{value.microsecond // 1000:03d}"


def _time(value: datetime.time) -> str:
    return value.strftime("%H:%M:%S.") + f"{value.microsecond // 1000:03d}"


def _precise_time(value: datetime.time, digits: int) -> str:
    """A time has as many digits as its type; a timestamp always has three."""
    return f"{value:%H:%M:%S}" + (f".{value.microsecond:06d}"[: digits + 1] if digits else "")


_WRITERS: dict[type, Callable[[Any], str]] = {
    bool: _boolean,
    float: _double,
    Decimal: lambda value: format(value, "f"),
    datetime.datetime: _timestamp,
    datetime.date: lambda value: value.isoformat(),
    datetime.time: _time,
    bytes: lambda value: value.hex(" "),
}
