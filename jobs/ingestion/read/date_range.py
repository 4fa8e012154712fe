"""Which objects of the source a run reads, by the dates in their names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ingestion.errors import InvalidArgumentError

NO_BOUND = "any"
LATEST = "latest"
_DATE = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")
_PYTHON = {"yyyy": "%Y", "yy": "%y", "MM": "%m", "M": "%m", "dd": "%d", "d": "%d"}  # for Spark's patterns

DayOf = Callable[[str], date | None]


@dataclass(frozen=True)
class DateRange:
    """From one day to another, both included; None means no bound. `latest`: the newest day of the source."""

    first: date | None = None
    last: date | None = None
    latest: bool = False

    @classmethod
    def parse(cls, first: str, last: str) -> DateRange:
        """From the arguments --from_date and --to_date. Raises InvalidArgumentError."""
        if first == LATEST:
            if last != NO_BOUND:
                raise InvalidArgumentError(f"--to_date `{last}`: `{LATEST}` is one day and has no end")
            return cls(latest=True)
        found = cls(_day("from_date", first), _day("to_date", last))
        if found.first and found.last and found.first > found.last:
            raise InvalidArgumentError(f"--from_date `{first}` is after --to_date `{last}`: swap them")
        return found

    @property
    def is_open(self) -> bool:
        """Whether it holds every day."""
        return not (self.first or self.last or self.latest)

    def resolved(self, found: Iterable[date | None]) -> DateRange:
        """The same with the newest of the found days for `latest`; without bounds if no object has a day."""
        days = [day for day in found if day] if self.latest else []
        return DateRange(max(days), max(days)) if days else DateRange(self.first, self.last)

    def holds(self, day: date | None) -> bool:
        """Whether the range holds an object of this day; it holds every object without a day."""
        if day is None:
            return True
        return not ((self.first and day < self.first) or (self.last and day > self.last))

    def __str__(self) -> str:
        return f"{self.first or 'the beginning'} to {self.last or 'the end'}"


def day_of(name: str) -> date | None:
    """The first date, as YYYY-MM-DD, in the name of an object; None without one."""
    for found in _DATE.findall(name):
        try:
            return date.fromisoformat(found)
        except ValueError:
            continue
    return None


def day_by(expression: str, patterns: Sequence[str]) -> DayOf | None:
    """How to find the day that the expression's one group holds, in the first of Spark's patterns that fits.

    None if a pattern has more than year, month and day.
    """
    formats = [_python_format(pattern) for pattern in patterns]
    if None in formats:
        return None

    def day(name: str) -> date | None:
        found = re.search(expression, name)
        text = (found[1] or "") if found else ""
        for form in formats:
            try:
                return datetime.strptime(text, str(form)).date()  # noqa: DTZ007 - a day has no zone
            except ValueError:
                continue
        return None

    return day


def _python_format(pattern: str) -> str | None:
    group = re.compile(r"([A-Za-z])\1*")
    if "'" in pattern or any(found[0] not in _PYTHON for found in group.finditer(pattern)):
        return None
    return group.sub(lambda found: _PYTHON[found[0]], pattern.replace("%", "%%"))


def _day(name: str, value: str) -> date | None:
    if value == NO_BOUND:
        return None
    try:
        if not _DATE.fullmatch(value):
            raise ValueError(value)
        return date.fromisoformat(value)
    except ValueError as error:
        raise InvalidArgumentError(
            f"--{name} `{value}`: give a day as YYYY-MM-DD, or `{NO_BOUND}`"
        ) from error
