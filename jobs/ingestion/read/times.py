"""Dates and timestamps by their texts: what a cast of Spark's would make up is none."""

from __future__ import annotations

import operator
from functools import reduce

from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812 - the name that every Spark code base uses

from ingestion.description import Column as Described
from ingestion.description.model import ISO_DATE

# What Spark's cast reads as a timestamp, without the years, months and times of today that it makes up.
_TIMESTAMP = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?( ?(Z|UTC|GMT|[+-]\d{2}(:?\d{2})?))?)?)?\z"


def described(column: Described, field: Column) -> Column:
    """The date or timestamp of a column, by its formats; NULL for a text that is none."""
    if not column.formats:
        return iso_date(field) if column.type == "date" else iso_timestamp(field)
    if column.type == "timestamp":
        return F.coalesce(*(F.to_timestamp(field, pattern) for pattern in column.formats))
    return F.coalesce(
        *(iso_date(field) if one == ISO_DATE else F.to_date(field, one) for one in column.formats)
    )


def iso_date(field: Column) -> Column:
    """A date of ten characters; a cast is far cheaper than a formatter, but takes `2020-1-1` and more."""
    return F.when(looks_iso(field), field.cast("date"))


def iso_timestamp(field: Column) -> Column:
    """A date, or a date and a time; a cast alone takes `12:30` for today, and `2022` for its first day."""
    return F.when(_looks_whole(field) | field.rlike(_TIMESTAMP), field.cast("timestamp"))


def _looks_whole(field: Column) -> Column:
    """Whether the signs of `2022-12-07T12:30:45` are in their places: a cast takes only digits between them.

    Most times are written so, and to match the pattern takes as long as the cast.
    """
    signs = field.cast("binary")
    parts = {5: b"-", 8: b"-", 14: b":", 17: b":"}
    there = [F.substring(signs, place, 1) == F.lit(sign) for place, sign in parts.items()]
    return (F.length(signs) == 19) & reduce(operator.and_, there) & _is_digit(signs, 19)


def looks_iso(field: Column) -> Column:
    """Compared as bytes, which is far cheaper than as text: a cast takes no others than ASCII's."""
    signs = field.cast("binary")
    dashes = (F.substring(signs, 5, 1) == F.lit(b"-")) & (F.substring(signs, 8, 1) == F.lit(b"-"))
    return (F.length(signs) == len(ISO_DATE)) & dashes & _is_digit(signs, 10)


def _is_digit(signs: Column, place: int) -> Column:
    return F.substring(signs, place, 1).between(F.lit(b"0"), F.lit(b"9"))
