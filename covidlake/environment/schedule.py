"""What is wrong with a schedule, as EventBridge would judge it.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_RATE = re.compile(r"rate\(([1-9][0-9]*) (minute|hour|day)(s?)\)")
_CRON = re.compile(r"cron\((.*)\)")
_MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()  # noqa: SIM905 - reads better
_DAYS = "SUN MON TUE WED THU FRI SAT".split()  # noqa: SIM905 - reads better


@dataclass(frozen=True)
class _Field:
    """One of the six fields: its bounds, names for its numbers from the first on, and signs of its own."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()
    special: str = ""


_FIELDS = (
    _Field("minutes", 0, 59),
    _Field("hours", 0, 23),
    _Field("day of month", 1, 31, special=r"\?|L|LW|[1-9]W|[12][0-9]W|3[01]W"),
    _Field("month", 1, 12, tuple(_MONTHS)),
    _Field("day of week", 1, 7, tuple(_DAYS), rf"\?|L|[1-7]L|[1-7]#[1-5]|(?:{'|'.join(_DAYS)})#[1-5]"),
    _Field("year", 1970, 2199),
)


def fault_of(expression: str) -> str | None:
    """What is wrong with a `rate(...)` or `cron(...)`, with a hint; None when nothing is."""
    if rate := _RATE.fullmatch(expression):
        return _fault_of_rate(*rate.groups())
    if cron := _CRON.fullmatch(expression):
        return _fault_of_cron(cron[1].split(" "))
    return (
        "is neither rate(1 hour), rate(5 minutes) nor cron(minutes hours day-of-month month day-of-week year)"
    )


def _fault_of_rate(value: str, unit: str, plural: str) -> str | None:
    if (value == "1") == bool(plural):
        return f"write rate({value} {unit}{'' if value == '1' else 's'})"
    return None


def _fault_of_cron(given: list[str]) -> str | None:
    if len(given) != len(_FIELDS):
        names = ", ".join(field.name for field in _FIELDS)
        return f"has {len(given)} fields and needs {len(_FIELDS)}, with one space between: {names}"
    for field, text in zip(_FIELDS, given, strict=True):
        if not _fits(field, text):
            return f"{text!r} is no {field.name} ({field.low} to {field.high})"
    if (given[2] == "?") == (given[4] == "?"):
        return "needs a ? for either the day of month or the day of week, not for both"
    return None


def _fits(field: _Field, text: str) -> bool:
    if text == "*" or (field.special and re.fullmatch(field.special, text)):
        return True
    return all(_fits_item(field, item) for item in text.split(","))


def _fits_item(field: _Field, item: str) -> bool:
    """A number or name, a range of them, and either with a step."""
    span, slash, step = item.partition("/")
    if slash and not (step.isascii() and step.isdigit() and int(step) > 0):
        return False
    if span == "*":
        return bool(slash)
    first, dash, last = span.partition("-")
    numbers = [_number(field, part) for part in ((first, last) if dash else (first,))]
    return None not in numbers


def _number(field: _Field, text: str) -> int | None:
    if text.upper() in field.names:
        return field.names.index(text.upper()) + 1
    is_number = text.isascii() and text.isdigit() and field.low <= int(text) <= field.high
    return int(text) if is_number else None
