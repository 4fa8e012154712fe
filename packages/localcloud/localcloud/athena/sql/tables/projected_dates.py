"""The values of a projected date: a range in Java's format, and the step between two values."""

from __future__ import annotations

import calendar
import contextlib
import datetime
import re
from collections.abc import Iterator, Mapping

from localcloud.athena.sql.errors import QueryError, unsupported

_TOKENS = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}
_PARTS = re.compile(r"'(?P<quoted>(?:[^']|'')*)'|(?P<token>(?P<letter>[A-Za-z])(?P=letter)*)|(?P<sign>.)")
_MEANT = "#{}[]'"
"""Signs that mean something in Java's formats, and that nothing here follows."""
_UNITS = ("YEAR", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND")
_NOW = re.compile(rf"NOW(?:\s*([+-])\s*(\d+)\s*({'|'.join(_UNITS)})S?)?", re.IGNORECASE)


def dates(parameters: Mapping[str, str], key: str) -> Iterator[str]:
    """The values of the key, both ends of the range among them."""
    named = f"projection.{key}."
    java = required(parameters, f"{named}format")
    pattern = _pattern(f"{named}format", java)
    unit, step = _step(parameters, named, java)
    moment, last = (_bound(f"{named}range", text, pattern) for text in range_of(parameters, key))
    while moment <= last:
        yield moment.strftime(pattern)
        try:
            moment = _add(moment, unit, step)
        except (ValueError, OverflowError):  # behind the year 9999
            return


def required(parameters: Mapping[str, str], name: str) -> str:
    """A property of the table that the projection cannot do without."""
    if name not in parameters:
        raise QueryError(f"INVALID_TABLE_PROPERTY: Table property {name} is required and missing")
    return parameters[name]


def range_of(parameters: Mapping[str, str], key: str) -> tuple[str, str]:
    """Both ends of a range, as they are written."""
    ends = [end.strip() for end in required(parameters, f"projection.{key}.range").split(",")]
    if len(ends) != 2:
        raise invalid(f"projection.{key}.range", ",".join(ends), "two values are needed")
    return ends[0], ends[1]


def positive(parameters: Mapping[str, str], name: str) -> int:
    """A property that is a number above zero; 1 where it is missing."""
    text = parameters.get(name, "1").strip()
    if not text.isdecimal() or int(text) < 1:
        raise invalid(name, text, "a positive whole number is needed")
    return int(text)


def invalid(name: str, value: str, reason: str) -> QueryError:
    """A value of a property that projects nothing."""
    return QueryError(f"INVALID_TABLE_PROPERTY: Table property {name} is `{value}`: {reason}")


def _tokens(java: str) -> list[re.Match[str]]:
    return list(_PARTS.finditer(java))


def _pattern(name: str, java: str) -> str:
    """Python's pattern for one of Java's."""
    made = ""
    for part in _tokens(java):
        token, quoted, sign = part["token"], part["quoted"], part["sign"]
        if (token and token not in _TOKENS) or (sign and sign in _MEANT):
            raise unsupported(f"`{token or sign}` in {name} `{java}`", f"use {', '.join(_TOKENS)}")
        text = sign or ("'" if quoted == "" else (quoted or "").replace("''", "'"))
        made += _TOKENS[token] if token else text.replace("%", "%%")
    return made


def _step(parameters: Mapping[str, str], named: str, java: str) -> tuple[str, int]:
    """The unit and count between two values: by default a day or month, where that is what the format has."""
    tokens = {part["token"] for part in _tokens(java)}
    default = "MONTHS" if "MM" in tokens else ""
    if tokens & {"dd", "HH", "mm", "ss"}:
        default = "" if tokens & {"HH", "mm", "ss"} else "DAYS"
    for name in () if default else ("interval", "interval.unit"):
        if f"{named}{name}" not in parameters:
            raise QueryError(
                f"INVALID_TABLE_PROPERTY: Table property {named}{name} is required, because the dates of "
                f"{named}format `{java}` are of neither single-day nor single-month precision"
            )
    unit = parameters.get(f"{named}interval.unit", default).strip().upper()
    if not unit.endswith("S") or unit[:-1] not in _UNITS:
        raise unsupported(f"{named}interval.unit `{unit}`", f"use {', '.join(one + 'S' for one in _UNITS)}")
    return unit[:-1], positive(parameters, f"{named}interval")


def _bound(name: str, text: str, pattern: str) -> datetime.datetime:
    """One end of a range, as exactly as the format says it: NOW is the begin of the month in `yyyy-MM`."""
    with contextlib.suppress(ValueError, OverflowError):
        given = _now(text).strftime(pattern) if text.upper().startswith("NOW") else text
        moment = datetime.datetime.strptime(given, pattern)  # noqa: DTZ007 - Athena projects in UTC
        if moment.strftime(pattern) == given:
            return moment
    raise invalid(name, text, "it has not the format of the property beside it")


def _now(text: str) -> datetime.datetime:
    found = _NOW.fullmatch(text)
    if found is None:
        raise ValueError(text)
    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    amount = int((found[1] or "+") + (found[2] or "0"))
    return _add(now, (found[3] or "DAY").upper(), amount)


def _add(moment: datetime.datetime, unit: str, count: int) -> datetime.datetime:
    if unit in ("MONTH", "YEAR"):
        months = moment.year * 12 + moment.month - 1 + count * (12 if unit == "YEAR" else 1)
        year, month = months // 12, months % 12 + 1
        return moment.replace(
            year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1])
        )
    return moment + datetime.timedelta(**{f"{unit.lower()}s": count})
