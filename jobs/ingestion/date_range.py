"""Which objects of the source a run is about, by the dates in their names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from ingestion.errors import InvalidArgumentError

NO_BOUND = "any"
LATEST = "latest"
_DATE = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")


@dataclass(frozen=True)
class DateRange:
    """From one day to another, both within; None is no bound. `latest`: the newest day of the source."""

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
            raise InvalidArgumentError(f"--from_date `{first}` is after --to_date `{last}`: exchange them")
        return found

    @property
    def is_open(self) -> bool:
        """Whether it leaves nothing out."""
        return not (self.first or self.last or self.latest)

    def resolved(self, names: Iterable[str]) -> DateRange:
        """The same with days for `latest`; no bound where no name holds a date."""
        days = [day for name in names if (day := day_of(name))] if self.latest else []
        return DateRange(max(days), max(days)) if days else DateRange(self.first, self.last)

    def holds(self, name: str) -> bool:
        """Whether an object of this name, below the data set's prefix, is within; one without a date is."""
        day = day_of(name)
        if day is None:
            return True
        return not ((self.first and day < self.first) or (self.last and day > self.last))

    def __str__(self) -> str:
        return f"{self.first or 'the beginning'} to {self.last or 'the end'}"


def day_of(name: str) -> date | None:
    """The first date, as YYYY-MM-DD, in the name of an object; None where there is none."""
    for found in _DATE.findall(name):
        try:
            return date.fromisoformat(found)
        except ValueError:
            continue
    return None


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
