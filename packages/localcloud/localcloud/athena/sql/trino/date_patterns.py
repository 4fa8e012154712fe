"""Date and time patterns. Joda's are translated here; MySQL's, of date_format and date_parse, by sqlglot."""

from __future__ import annotations

import re

from sqlglot import exp

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


def format_datetime(arguments: list[exp.Expression]) -> exp.Expression:
    value, pattern = arguments
    return exp.Anonymous(this="strftime", expressions=[value, _strftime("format_datetime", pattern)])


def parse_datetime(node: exp.ParseDatetime) -> exp.Expression:
    pattern = _strftime("parse_datetime", node.args.get("format"))
    return exp.Anonymous(this="strptime", expressions=[node.this, pattern])


def _strftime(function: str, pattern: exp.Expression | None) -> exp.Literal:
    if not isinstance(pattern, exp.Literal):
        raise unsupported(f"{function} with a format that is not a literal")
    return exp.Literal.string(joda(pattern.name))
