"""Joda's date and time patterns, of format_datetime and parse_datetime."""

from __future__ import annotations

import re

from localcloud.athena.sql.errors import unsupported

JODA = {
    "yyyy": "%Y", "yy": "%y", "MMMM": "%B", "MMM": "%b", "MM": "%m", "dd": "%d", "HH": "%H", "hh": "%I",
    "mm": "%M", "ss": "%S", "SSS": "%g", "EEEE": "%A", "EEE": "%a", "a": "%p", "d": "%-d", "M": "%-m",
}  # fmt: skip


def joda(pattern: str) -> str:
    """A format of Joda (format_datetime, parse_datetime) as strftime's."""
    out = ""
    for match in re.finditer(r"'(?P<text>[^']*)'|(?P<letters>([A-Za-z])\3*)|(?P<other>[^A-Za-z'])", pattern):
        letters = match["letters"]
        if letters and letters not in JODA:
            raise unsupported(f"the pattern `{letters}` of the date format '{pattern}'")
        out += JODA[letters] if letters else (match["text"] or "") + (match["other"] or "")
    return out
