"""Timestamps as Step Functions reads them: RFC 3339 with an upper-case T, and Z or a numeric offset.

The source is https://states-language.net/#timestamps. moto reads whole seconds in UTC only.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.(\d+))?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_NANOSECOND_DIGITS = 9


class Instant(NamedTuple):
    """A point in time, in whole seconds since 1970 and nanoseconds: one is before another as tuples are."""

    seconds: int
    nanoseconds: int


def read(text: Any) -> Instant | None:
    """The point in time that a text names, or nothing if it is no timestamp."""
    if not isinstance(text, str) or not (found := _RFC_3339.fullmatch(text)):
        return None
    fraction = found[1] or ""
    whole = text.replace(f".{fraction}", "") if fraction else text
    try:
        moment = datetime.fromisoformat(whole)
    except ValueError:  # no such day, hour or offset
        return None
    nanoseconds = fraction[:_NANOSECOND_DIGITS].ljust(_NANOSECOND_DIGITS, "0")
    return Instant(int(moment.timestamp()), int(nanoseconds))


def comparison(compare: Callable[[Instant, Instant], bool]) -> Callable[[Any, Any], bool]:
    """What is no timestamp is neither before nor after one, nor the same."""

    def compared(variable: Any, other: Any) -> bool:
        one, two = read(variable), read(other)
        return one is not None and two is not None and compare(one, two)

    return compared


COMPARISONS = {
    "TimestampEquals": comparison(operator.eq),
    "TimestampGreaterThan": comparison(operator.gt),
    "TimestampGreaterThanEquals": comparison(operator.ge),
    "TimestampLessThan": comparison(operator.lt),
    "TimestampLessThanEquals": comparison(operator.le),
}
