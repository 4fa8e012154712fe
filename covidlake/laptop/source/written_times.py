"""Write a time as one of Spark's datetime patterns says."""

from __future__ import annotations

import re
from datetime import datetime

_TOKEN = re.compile(
    r"'(?P<quoted>(?:[^']|'')*)'|(?P<letters>([A-Za-z])\3*)|(?P<optional>[\[\]])|(?P<sign>.)", re.S
)
_LETTERS = {
    "yy": "%y", "y": "%Y", "MMMM": "%B", "LLLL": "%B", "MMM": "%b", "LLL": "%b", "M": "%m",
    "L": "%m", "d": "%d", "D": "%j", "EEEE": "%A", "E": "%a", "H": "%H", "h": "%I", "m": "%M", "s": "%S",
    "a": "%p",
}  # fmt: skip
_ZERO_ZONE = {"x": "+00", "xx": "+0000", "xxx": "+00:00", "Z": "+0000", "z": "UTC", "V": "UTC", "O": "GMT"}


def written(moment: datetime, pattern: str) -> str:
    """The moment, which is in UTC; optional parts of the pattern are written."""
    return "".join(_part(moment, token) for token in _TOKEN.finditer(pattern))


def _part(moment: datetime, token: re.Match[str]) -> str:
    if (letters := token["letters"]) is None:
        quoted = token["quoted"]
        return (token["sign"] or "") if quoted is None else quoted.replace("''", "'") or "'"
    if letters[0] == "S":
        return f"{moment.microsecond:06}".ljust(len(letters), "0")[: len(letters)]
    if letters[0] == "X":
        return "Z"
    zone = _ZERO_ZONE.get(letters, _ZERO_ZONE.get(letters[0]))
    return zone or moment.strftime(_LETTERS.get(letters, _LETTERS.get(letters[0], letters)))
