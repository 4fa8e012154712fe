"""How often a schedule starts something in a span of time; in UTC, as EventBridge counts."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_CRON = re.compile(r"cron\((.+)\)")
_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}
_MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
_DAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 1)}


def between(expression: str, start: datetime, end: datetime) -> int | None:
    """The starts in [start, end); None for an expression that is none."""
    if end <= start:
        return 0
    if rate := _RATE.fullmatch(expression.strip()):
        return int((end - start).total_seconds() // (int(rate[1]) * _SECONDS[rate[2]]))
    cron = _CRON.fullmatch(expression.strip())
    if cron is None or len(cron[1].split()) != 6:
        return None
    try:
        return sum(1 for _ in _starts(cron[1].split(), start, end))
    except ValueError:
        return None


def in_a_month(expression: str, day: datetime | None = None) -> int | None:
    """The starts in the month of a day, by default this one."""
    start, end = month_of(day or datetime.now(UTC))
    return between(expression, start, end)


def month_of(moment: datetime) -> tuple[datetime, datetime]:
    """The first moment of its month, and of the next."""
    start = moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return start, (start + timedelta(days=32)).replace(day=1)


def _starts(fields: list[str], start: datetime, end: datetime) -> Iterator[datetime]:
    minutes, hours = _values(fields[0], 0, 59), _values(fields[1], 0, 23)
    day = start.date()
    while day <= end.date():
        if _is_day(fields, day):
            for hour in sorted(hours):
                for minute in sorted(minutes):
                    at = datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)
                    if start <= at < end:
                        yield at
        day += timedelta(days=1)


def _is_day(fields: list[str], day: date) -> bool:
    _, _, of_month, month, of_week, year = fields
    if day.month not in _values(month, 1, 12, _MONTHS) or day.year not in _values(year, 1970, 2199):
        return False
    return _is_day_of_week(of_week, day) if of_month == "?" else _is_day_of_month(of_month, day)


def _is_day_of_month(field: str, day: date) -> bool:
    last = calendar.monthrange(day.year, day.month)[1]
    if field == "L":
        return day.day == last
    if field == "LW":
        return day.day == _weekday_near(last, day)
    if field.endswith("W"):
        return day.day == _weekday_near(int(field[:-1]), day)
    return day.day in _values(field, 1, 31)


def _weekday_near(wanted: int, day: date) -> int:
    """The working day nearest to a day of the month, within the month."""
    last = calendar.monthrange(day.year, day.month)[1]
    week_day = date(day.year, day.month, min(wanted, last)).weekday()
    if week_day < 5:
        return min(wanted, last)
    if week_day == 5:
        return wanted - 1 if wanted > 1 else wanted + 2
    return wanted + 1 if wanted < last else wanted - 2


def _is_day_of_week(field: str, day: date) -> bool:
    number = day.isoweekday() % 7 + 1  # Sunday is 1
    if "#" in field:
        name, _, nth = field.partition("#")
        return number == _number(name, _DAYS) and (day.day - 1) // 7 + 1 == int(nth)
    if field != "L" and field.endswith("L"):
        last = calendar.monthrange(day.year, day.month)[1]
        return number == _number(field[:-1], _DAYS) and day.day > last - 7
    return number in ({7} if field == "L" else _values(field, 1, 7, _DAYS))


def _values(field: str, low: int, high: int, names: dict[str, int] | None = None) -> set[int]:
    """The numbers that a field stands for: `*`, `5`, `MON-FRI`, `0/15`, and several by commas."""
    found: set[int] = set()
    for item in field.split(","):
        span, _, step = item.partition("/")
        first, dash, last = span.partition("-")
        begin = low if first in {"*", "?"} else _number(first, names)
        open_end = high if step or first in {"*", "?"} else begin
        stop = _number(last, names) if dash else open_end
        found |= set(range(begin, stop + 1, int(step or 1)))
    return found


def _number(text: str, names: dict[str, int] | None) -> int:
    return (names or {}).get(text.upper()) or int(text)
