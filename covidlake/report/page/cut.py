"""Texts from outside, safe to show and short: what hides or turns other characters is written out."""

from __future__ import annotations

from covidlake.base.text import one_line, printable, shorten

LOOKED_AT = 4  # times the limit: the rest of a megabyte is not even looked at


def cut(value: object, limit: int) -> str:
    """At most `limit` characters in one line."""
    return shorten(printable(one_line(str(value)[: limit * LOOKED_AT])), limit)
