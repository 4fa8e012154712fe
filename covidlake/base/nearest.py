"""A wrong name: say which one was probably meant, and which there are."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from covidlake.base.text import printable, shorten

LISTED = 20  # names shown at most; the rest is counted


def nearest(name: str, choices: Iterable[str]) -> str | None:
    """The choice that is most like the name, letter case aside; None if none is like it."""
    by_lower = {one.lower(): one for one in choices}
    found = get_close_matches(name.lower(), by_lower, n=1)
    return by_lower[found[0]] if found else None


def unknown(kind: str, name: str, choices: Iterable[str]) -> str:
    """`no data set 'uk_covd': did you mean uk_covid? there are: country_codes, uk_covid`."""
    return f"no {kind} {shorten(printable(name))!r}: {instead(name, choices)}"


def instead(name: str, choices: Iterable[str]) -> str:
    """The hint alone: `did you mean uk_covid? there are: country_codes, uk_covid`."""
    there = sorted(set(choices))
    meant = nearest(name, there)
    hint = f"did you mean {meant}? " if meant else ""
    rest = f" and {len(there) - LISTED} more" if len(there) > LISTED else ""
    listed = f"there are: {', '.join(there[:LISTED])}{rest}" if there else "there is none"
    return f"{hint}{listed}"
