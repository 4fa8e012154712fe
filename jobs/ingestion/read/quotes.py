"""Quoted texts of a CSV that do not end on their line: a line break in them, or a lost end.

Spark splits the lines of an object among tasks, so a text over several lines is no row. All of its lines are
rejected, also those that look like a row.
"""

from __future__ import annotations

import re

from pyspark.sql import Column, Window
from pyspark.sql import functions as F  # noqa: N812 - the name that every Spark code base uses

MALFORMED_CSV = "malformed_csv"
_RAW = "_raw"
_BEGINS, _ENDS, _BOTH = "begins", "ends", "both"


def begins_a_text(delimiter: str) -> Column:
    """Whether a quoted text begins on the line and does not end there."""
    one = re.escape(delimiter)
    whole_fields = f'(?:(?:"[^"]*+"[^"{one}]*+|[^"{one}][^{one}]*+)?{one})*+'
    return F.contains(F.col(_RAW), F.lit('"')) & _plain().rlike(f'^{whole_fields}"[^"]*+$')


def inside_a_text(delimiter: str, place: tuple[str, str, str]) -> Column:
    """Whether the line lies in a text that began on an earlier line, or ends it. NULL counts as no.

    `place` names the columns with a line's object, its block and its number there. A text that no later line
    ends, before another one begins, has only lost its quote.
    """
    of_object, *in_order = place
    lines = Window.partitionBy(of_object).orderBy(*in_order)
    begins = F.when(_is_paired(), _BOTH).otherwise(_BEGINS)
    mark = F.when(begins_a_text(delimiter), begins).when(_ends_a_text(delimiter), _ENDS)
    before = F.last(mark, ignorenulls=True).over(lines.rowsBetween(Window.unboundedPreceding, -1))
    after = F.first(mark, ignorenulls=True).over(lines.rowsBetween(0, Window.unboundedFollowing))
    return before.isin(_BEGINS, _BOTH) & after.isin(_ENDS, _BOTH)


def _ends_a_text(delimiter: str) -> Column:
    """Whether the line, taken as the rest of a quoted text, ends it."""
    return ~_is_paired() & _plain().rlike(f'"\\s*(?:{re.escape(delimiter)}|$)')


def _is_paired() -> Column:
    """Whether the line has an even number of quotes; one that begins a text then ends one before it."""
    quotes = F.length(_plain()) - F.length(F.replace(_plain(), F.lit('"'), F.lit("")))
    return quotes % 2 == 0


def _plain() -> Column:
    """The line without doubled quotes, so that no pattern has to tell them from the closing one."""
    return F.replace(F.col(_RAW), F.lit('""'), F.lit(""))
