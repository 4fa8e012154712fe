"""The role of a column by its name: an identifier, a period, or when the row was last changed."""

from __future__ import annotations

import re

_IDENTIFIERS = frozenset(("id", "ids", "uid", "uuid", "guid", "key", "no", "iso", "geoid"))
_IDENTIFIER_ENDS = ("fips", "code", "codes", "zip", "iata", "isin")
_PERIODS = frozenset(("year", "quarter", "month", "week", "day", "hour"))
_OF_PERIODS = frozenset(("iso", "epi", "mmwr", "calendar", "fiscal", "report", "reporting", "start", "end"))
_CHANGES = ("updat", "modif", "version", "revis", "changed", "checked", "retriev", "fetched")
_JOINED_CHANGES = ("lastupdat", "lastmodif", "dateupdat", "datemodif")


def is_identifier(name: str) -> bool:
    """Whether numbers with this name are identifiers, not counts: `state_fips`, `areaCode`, `zip3`."""
    words = _words(name)
    return bool(words) and (
        words[-1] in _IDENTIFIERS or words[0] in ("id", "fips") or words[-1].endswith(_IDENTIFIER_ENDS)
    )


def is_period(name: str) -> bool:
    """Whether numbers with this name are parts of a date: `year`, `mmwr_week`, not `cases_last_week`."""
    words = set(_words(name))
    return bool(words & _PERIODS) and words <= _PERIODS | _OF_PERIODS


def is_change(name: str) -> bool:
    """Whether the column shows which of two rows is newer: `Last Update`, `updated_at`, `version`."""
    words = _words(name)
    return any(word.startswith(_CHANGES) for word in words) or "".join(words).startswith(_JOINED_CHANGES)


def _words(name: str) -> list[str]:
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return [word for word in re.split(r"[^a-z]+", parted.lower()) if word]
