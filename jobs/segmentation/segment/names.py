"""What segments are called: by where their centers lie among all customers, each name once.

Centers are in deviations from the mean. Value is the mean of frequency and monetary value.
"""

from __future__ import annotations

from collections.abc import Sequence

BEST, LOYAL, PROMISING, NEW = "best customers", "loyal", "promising", "new"
AT_RISK, FADING, LOST = "at risk", "fading", "lost"
ALL = "all customers"


def names(centers: Sequence[Sequence[float]]) -> list[str]:
    """The name of each center (recency, frequency, monetary value), in the order given, which is by spend.

    Segments of one name get numbers from the second on.
    """
    if len(centers) == 1:
        return [ALL]
    found = [name(center) for center in centers]
    if BEST not in found and LOYAL in found:
        found[found.index(LOYAL)] = BEST  # the best that there are
    return [_numbered(one, found[:place].count(one)) for place, one in enumerate(found)]


def name(center: Sequence[float]) -> str:
    """The name of one center by the rules alone."""
    recency, frequency, monetary = center
    value = (frequency + monetary) / 2
    if recency <= 0:
        return _first(value, (0.75, BEST), (0.0, LOYAL), (-0.75, PROMISING)) or NEW
    return _first(value, (0.0, AT_RISK), (-0.75, FADING)) or LOST


def _first(value: float, *bounds: tuple[float, str]) -> str:
    return next((one for bound, one in bounds if value >= bound), "")


def _numbered(one: str, before: int) -> str:
    return f"{one} {before + 1}" if before else one
