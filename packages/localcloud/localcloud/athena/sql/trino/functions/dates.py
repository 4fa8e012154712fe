"""Functions of dates and times. The one time zone is UTC."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from typing import Any

from localcloud.athena.sql.errors import QueryError, unsupported
from localcloud.athena.sql.trino import date_patterns, types
from localcloud.athena.sql.trino.context import Context, Typed
from localcloud.athena.sql.trino.functions.signatures import define
from localcloud.athena.sql.trino.functions.strings import python, wrong

UNITS = ("millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year")
OF_TIMES = ("second", "minute", "hour", "millisecond")
MOMENTS = ("date", "timestamp", types.ZONED)
FIELDS = {
    "year": ("year",),
    "quarter": ("quarter",),
    "month": ("month",),
    "week": ("week", "week_of_year"),
    "day": ("day", "day_of_month"),
    "isodow": ("day_of_week", "dow"),
    "dayofyear": ("day_of_year", "doy"),
    "isoyear": ("year_of_week", "yow"),
}
DAY = re.compile(
    r"(?P<year>[+-]?\d{4,})-(?:W(?P<week>\d\d)(?:-(?P<weekday>\d))?|(?P<month>\d\d)(?:-(?P<day>\d\d))?)"
)


def _unit(arguments: list[Typed], name: str, moment: Typed) -> str:
    """The unit of date_add and its kin, a literal in every statement that was met; a date has no times."""
    found = re.fullmatch(r"'([A-Za-z]+)'", arguments[0].sql)
    if not found:
        raise unsupported(f"{name} with a unit that is not a literal")
    unit = found[1].lower()
    is_date = moment.kind.name == "date"
    if unit not in UNITS or (is_date and unit in OF_TIMES):
        field = "DATE" if is_date else "TIMESTAMP"
        raise QueryError(f"INVALID_FUNCTION_ARGUMENT: '{unit}' is not a valid {field} field")
    return unit


def _add(arguments: list[Typed], _context: Context) -> str:
    unit = _unit(arguments, "date_add", arguments[2])
    kind = arguments[2].kind
    count = f"CAST({arguments[1].sql} AS INTEGER)"
    step = {
        "millisecond": f"to_milliseconds({count})",
        "quarter": f"to_months(3 * {count})",
        "week": f"to_days(7 * {count})",
    }.get(unit, f"to_{unit}s({count})")
    return f"CAST(({arguments[2].sql} + {step}) AS {types.to_duckdb(kind)})"


def _diff(arguments: list[Typed], _context: Context) -> str:
    """Whole units, where DuckDB's date_diff counts the borders between them."""
    unit = _unit(arguments, "date_diff", arguments[2])
    first, second = (f"CAST({one.sql} AS TIMESTAMP)" for one in arguments[1:])
    return f"date_sub('{unit}', {first}, {second})"


def _trunc(arguments: list[Typed], _context: Context) -> str:
    unit = _unit(arguments, "date_trunc", arguments[1])
    return f"CAST(date_trunc('{unit}', {arguments[1].sql}) AS {types.to_duckdb(arguments[1].kind)})"


def _field(core: str) -> str:
    return f"CAST({core}({{0}}) AS BIGINT)"


# MySQL's signs that Python writes in another way; an empty text for those that Trino refuses.
_MYSQL = {
    "%i": "%M",
    "%s": "%S",
    "%e": "%-d",
    "%c": "%-m",
    "%k": "%-H",
    "%l": "%-I",
    "%M": "%B",
    "%h": "%I",
    "%W": "%A",
    "%T": "%H:%M:%S",
    "%r": "%I:%M:%S %p",
    "%v": "%V",
    "%x": "%G",
    **dict.fromkeys(("%D", "%U", "%u", "%V", "%X", "%w"), ""),
}
_PYTHON = ("f", "H", "I", "M", "S", "p", "Y", "y", "m", "d", "j", "a", "A", "b", "B", "V", "G", "%", "-")


def mysql(pattern: str) -> str:
    """A pattern of date_format and date_parse, which is MySQL's, as Python's for one value."""

    def one(found: re.Match[str]) -> str:
        known = _MYSQL.get(found[0], found[0])
        if not known:
            raise wrong(f"{found[0]} not supported in date format string")
        return known if known[1] in _PYTHON else known[1:]

    return re.sub(r"%.", one, pattern)


def date_format(value: datetime.datetime, pattern: str) -> str:
    return value.strftime(mysql(pattern))


def date_parse(text: str, pattern: str) -> datetime.datetime:
    try:
        return datetime.datetime.strptime(text, mysql(pattern).replace("%-", "%"))  # noqa: DTZ007 - a timestamp has no zone
    except ValueError as error:
        if str(error).startswith("INVALID_"):
            raise
        raise wrong(f'Invalid format: "{text}"') from None


def format_datetime(value: datetime.datetime, pattern: str) -> str:
    made = date_patterns.joda(pattern)
    return value.strftime(made.replace("%g", f"{value.microsecond // 1000:03d}"))


def parse_datetime(text: str, pattern: str) -> datetime.datetime:
    made = date_patterns.joda(pattern).replace("%-", "%").replace("%g", "%f")
    try:
        return datetime.datetime.strptime(text, made).replace(tzinfo=datetime.UTC)
    except ValueError:
        raise wrong(f'Invalid format: "{text}"') from None


def iso_date(text: str) -> datetime.date:
    found = DAY.fullmatch(text)
    if not found:
        raise wrong(f'Invalid format: "{text}"')
    try:
        if found["week"]:
            return datetime.date.fromisocalendar(
                int(found["year"]), int(found["week"]), int(found["weekday"] or 1)
            )
        return datetime.date(int(found["year"]), int(found["month"]), int(found["day"] or 1))
    except ValueError:
        raise wrong(f'Invalid format: "{text}"') from None


def iso_timestamp(text: str) -> datetime.datetime:
    """Raises where the text has another zone than UTC: its hour would be that of UTC here."""
    moment = iso_instant(text)
    if moment.utcoffset():
        raise ValueError(unsupported("a time zone other than UTC").message)
    return moment


def iso_instant(text: str) -> datetime.datetime:
    """The moment, in whatever zone."""
    try:
        found = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise wrong(f'Invalid format: "{text}"') from None
    return found.replace(tzinfo=found.tzinfo or datetime.UTC)


def human_readable_seconds(seconds: float) -> str:
    rest, pieces = round(abs(seconds)), []
    for unit, size in (("week", 604800), ("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        count, rest = divmod(rest, size)
        if count:
            pieces.append(f"{count} {unit}{'' if count == 1 else 's'}")
    return ", ".join(pieces) or "0 seconds"


def parse_duration(text: str) -> Any:
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(ns|us|ms|s|m|h|d)\s*", text)
    if not found:
        raise wrong(f"duration is not a valid data duration string: {text}")
    size = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86400}[found[2]]
    return datetime.timedelta(milliseconds=round(float(found[1]) * size * 1000))


def _utc_only(arguments: list[Typed], _context: Context) -> str:
    if arguments[1].sql.strip("'").upper() not in ("UTC", "GMT", "Z"):
        raise unsupported("a time zone other than UTC")
    if arguments[0].kind.is_number:
        return f"trino_from_unixtime({arguments[0].sql})"
    return f"CAST({arguments[0].sql} AS TIMESTAMPTZ)"


def _timestamps(function: Callable[..., Any], key: str) -> Callable[[list[Typed], Context], str]:
    """A function on a timestamp of any kind: it is given as one without a zone, which is UTC."""

    def emit(arguments: list[Typed], context: Context) -> str:
        first = Typed(f"CAST({arguments[0].sql} AS TIMESTAMP)", types.TIMESTAMP)
        return context.python(function, [first, *arguments[1:]], types.VARCHAR, key=key)

    return emit


def _zoned(function: Callable[..., Any], key: str) -> Callable[[list[Typed], Context], str]:
    """A function whose result has a zone: Python gives it without one, which is UTC."""

    def plain(*arguments: Any) -> datetime.datetime:
        moment: datetime.datetime = function(*arguments)
        return moment.astimezone(datetime.UTC).replace(tzinfo=None)

    return lambda arguments, context: (
        f"CAST({context.python(plain, arguments, types.TIMESTAMP, key=key)} AS TIMESTAMPTZ)"
    )


def instant(text: Typed, context: Context) -> Typed:
    """from_iso8601_timestamp where only the moment matters, as in front of AT TIME ZONE 'UTC'."""
    return Typed(_zoned(iso_instant, "iso_instant")([text], context), types.TIMESTAMP_ZONED)


def claim() -> None:
    for kind in MOMENTS:
        define(f"date_add(varchar, bigint, {kind}) -> {kind}", _add, returns=lambda kinds: kinds[2])
        define(f"date_diff(varchar, {kind}, {kind}) -> bigint", _diff)
        define(f"date_trunc(varchar, {kind}) -> {kind}", _trunc, returns=lambda kinds: kinds[1])
        for core, names in FIELDS.items():
            for name in names:
                define(f"{name}({kind}) -> bigint", _field(core))
        define(f"last_day_of_month({kind}) -> date", "last_day({0})")
        define(f"date({kind}) -> date", "CAST({0} AS DATE)")
        define(f"to_unixtime({kind}) -> double", "epoch({0})")
    for kind in ("timestamp", types.ZONED, "time"):
        for name in OF_TIMES:
            core = "trino_millisecond" if name == "millisecond" else name
            define(f"{name}({kind}) -> bigint", _field(core))
    define(
        "date(varchar) -> date",
        lambda arguments, _context: (
            f"trino_cast(TRY_CAST({arguments[0].sql} AS DATE), {arguments[0].sql}, "
            "'INVALID_CAST_ARGUMENT: Value cannot be cast to date: ?')"
        ),
    )
    define(f"timezone_hour({types.ZONED}) -> bigint", "CAST(0 AS BIGINT)")
    define(f"timezone_minute({types.ZONED}) -> bigint", "CAST(0 AS BIGINT)")
    define(f"now() -> {types.ZONED}", "date_trunc('milliseconds', now())")
    define(f"from_unixtime(double) -> {types.ZONED}", "trino_from_unixtime({0})")
    define(f"from_unixtime(double, varchar) -> {types.ZONED}", _utc_only)
    define(
        f"from_unixtime_nanos(bigint) -> {types.ZONED}", "CAST(make_timestamp({0} // 1000) AS TIMESTAMPTZ)"
    )
    define(f"with_timezone(timestamp, varchar) -> {types.ZONED}", _utc_only)
    define(f"at_timezone({types.ZONED}, varchar) -> {types.ZONED}", _utc_only)
    for kind in ("timestamp", types.ZONED):
        define(f"date_format({kind}, varchar) -> varchar", _timestamps(date_format, "date_format"))
        define(
            f"format_datetime({kind}, varchar) -> varchar", _timestamps(format_datetime, "format_datetime")
        )
    define("date_parse(varchar, varchar) -> timestamp(3)", python(date_parse, types.TIMESTAMP))
    define(f"parse_datetime(varchar, varchar) -> {types.ZONED}", _zoned(parse_datetime, "parse_datetime"))
    define("from_iso8601_date(varchar) -> date", python(iso_date, types.DATE))
    define(f"from_iso8601_timestamp(varchar) -> {types.ZONED}", _zoned(iso_timestamp, "iso_timestamp"))
    define("to_iso8601(date) -> varchar", "strftime({0}, '%Y-%m-%d')")
    define("to_iso8601(timestamp) -> varchar", "strftime({0}, '%Y-%m-%dT%H:%M:%S.%g')")
    define(f"to_iso8601({types.ZONED}) -> varchar", "strftime({0}, '%Y-%m-%dT%H:%M:%S.%gZ')")
    define("to_milliseconds(interval day to second) -> bigint", "CAST(round(epoch({0}) * 1000) AS BIGINT)")
    define("human_readable_seconds(double) -> varchar", python(human_readable_seconds, types.VARCHAR))
    define("parse_duration(varchar) -> interval day to second", python(parse_duration, types.DAY_INTERVAL))
    for name in ("day", "hour", "minute", "second", "millisecond"):
        define(f"{name}(interval day to second) -> bigint", f"trino_interval_{name}({{0}})")
    for name in ("year", "month"):
        define(f"{name}(interval year to month) -> bigint", f"trino_interval_{name}({{0}})")
