"""Dates and times as publishers write them, and the patterns with which Spark reads them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

DATE = "date"
TIMESTAMP = "timestamp"
ISO_DATE = "yyyy-MM-dd"
_DAY = (
    r"(?:(?P<year>[12]\d{3}|9999)(?P<sign>[-/.])(?P<month>0?[1-9]|1[0-2])(?P=sign)(?P<day>0?[1-9]|[12]\d|3[01])"
    r"|(?P<compact>(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))"
    r"|(?P<first>0?[1-9]|[12]\d|3[01])(?P<mark>[-/.])(?P<second>0?[1-9]|[12]\d|3[01])(?P=mark)"
    r"(?P<last>\d{4}|(?<=/)\d\d))"
)
_CLOCK = (
    r"(?P<gap>[T ])(?P<hour>[01]?\d|2[0-3]):(?P<rest>[0-5]\d(?::[0-5]\d(?:\.(?P<fraction>\d{1,9}))?)?)"
    r"(?P<half> ?[AaPp][Mm])?(?P<zone> ?(?:Z|UTC|[+-]\d\d(?::?\d\d)?))?"
)
_TEXT = re.compile(f"{_DAY}(?:{_CLOCK})?")
_UTC = (None, "Z", "UTC")

Parts = re.Match[str]


@dataclass(frozen=True)
class Time:
    """`formats` is empty where the job reads the texts without a pattern."""

    type: str
    formats: tuple[str, ...] = ()
    note: str = ""


def time_of(texts: Iterable[str]) -> Time | None:
    """The type of texts that are all dates or times: a date if no text has a time of day. Else None."""
    found = []
    for text in dict.fromkeys(texts):
        parts = _TEXT.fullmatch(text)
        if not parts:
            return None
        found.append(parts)
    marks = dict.fromkeys(parts["mark"] for parts in found if parts["mark"])
    orders = {mark: _order([parts for parts in found if parts["mark"] == mark]) for mark in marks}
    if "" in orders.values():
        return Time("string", note="dates with the day first and with the month first: neither reads all")
    patterns = tuple(dict.fromkeys(_pattern(parts, orders) for parts in found))
    note = "; ".join(_notes(found, marks))
    if all(_is_midnight(parts) for parts in found):
        return Time(DATE, () if patterns == (ISO_DATE,) else patterns, note)
    return Time(TIMESTAMP, () if all(_is_iso(parts) for parts in found) else patterns, note)


def _order(found: Sequence[Parts]) -> str:
    """How day and month follow each other, as a pattern such as `M/d/`; empty where no order fits all."""
    mark = found[0]["mark"]
    wide = mark != "/" and all(len(parts["first"]) == len(parts["second"]) == 2 for parts in found)
    day, month = ("dd", "MM") if wide else ("d", "M")
    day_first, month_first = _possible(found)
    if day_first and (mark == "." or not month_first):
        return f"{day}{mark}{month}{mark}"
    return f"{month}{mark}{day}{mark}" if month_first else ""


def _possible(found: Sequence[Parts]) -> tuple[bool, bool]:
    """Whether all dates can have the day first, and whether all can have the month first."""
    return all(int(parts["second"]) <= 12 for parts in found), all(
        int(parts["first"]) <= 12 for parts in found
    )


def _notes(found: Sequence[Parts], marks: Iterable[str]) -> Iterable[str]:
    for mark in marks:
        if all(_possible([parts for parts in found if parts["mark"] == mark])):
            order = "day" if mark == "." else "month"
            yield f"no date shows whether day or month comes first: the {order} is a guess, check `formats`"
    if any(parts["compact"] for parts in found):
        yield "eight digits are taken for a date"
    if any(parts["gap"] for parts in found) and all(_is_midnight(parts) for parts in found):
        yield "every time of day is midnight, so it is taken for a date"


def _pattern(parts: Parts, orders: Mapping[str, str]) -> str:
    return _day_pattern(parts, orders) + (_clock_pattern(parts) if parts["gap"] else "")


def _day_pattern(parts: Parts, orders: Mapping[str, str]) -> str:
    if parts["compact"]:
        return "yyyyMMdd"
    if parts["mark"]:
        return orders[parts["mark"]] + "y" * len(parts["last"])
    wide = len(parts["month"]) == len(parts["day"]) == 2
    return parts["sign"].join(("yyyy", "MM", "dd") if wide else ("yyyy", "M", "d"))


def _clock_pattern(parts: Parts) -> str:
    hour = "h" if parts["half"] else "HH" if parts["gap"] == "T" and len(parts["hour"]) == 2 else "H"
    gap = "'T'" if parts["gap"] == "T" else " "
    second = ":ss" if ":" in parts["rest"] else ""
    return f"{gap}{hour}:mm{second}{_fraction(parts)}{_half(parts)}{_zone(parts)}"


def _fraction(parts: Parts) -> str:
    """Spark reads up to this many digits, at least one."""
    digits = parts["fraction"]
    return "." + "S" * (3 * ((len(digits) + 2) // 3)) if digits else ""


def _half(parts: Parts) -> str:
    return re.sub("[APap][Mm]", "a", parts["half"] or "")


def _zone(parts: Parts) -> str:
    zone = parts["zone"] or ""
    letters = {"": "", "Z": "XXX", "UTC": "z", "+00": "X", "+0000": "XX", "+00:00": "XXX"}
    plain = re.sub(r"\d", "0", zone.strip().replace("-", "+"))
    return " " * zone.startswith(" ") + letters[plain]


def _is_midnight(parts: Parts) -> bool:
    """Whether it is only a day, the same in every time zone that it may be read in."""
    if not parts["gap"]:
        return True
    half = (parts["half"] or "").strip().lower()
    zero = int(parts["hour"]) == 12 if half == "am" else int(parts["hour"]) == 0
    return zero and not parts["rest"].strip("0:.") and (parts["zone"] or "Z").strip() in _UTC


def _is_iso(parts: Parts) -> bool:
    """Whether the job reads it without a pattern: two digits each, no zone after hours and minutes alone."""
    written = all(len(parts[part] or "--") == 2 for part in ("month", "day", "hour"))
    no_half = not parts["half"] and (":" in (parts["rest"] or ":") or not parts["zone"])
    return parts["sign"] == "-" and written and no_half
