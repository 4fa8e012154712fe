"""Parts of a condition that are the same for every row: it would let all rows pass, or none, in silence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import exp

# What Spark reads as a date or a time; any other text becomes NULL when it is compared with one.
_TIME = re.compile(r"\s*[+-]?(\d{4,7})(?:-(\d{1,2})(?:-(\d{1,2})(?:[ T].*)?)?)?\s*")
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*")
_NO_NUMBER = re.compile(r"\s*([+-]?inf(inity)?|nan)\s*", re.IGNORECASE)  # a double reads it all the same
_TRUTH = re.compile(r"\s*(t|true|y|yes|1|f|false|n|no|0)\s*", re.IGNORECASE)


def problems(typed: exp.Expression) -> Iterator[str]:
    """What is wrong with a condition whose columns have their types, a clause with the cure for each."""
    from sqlglot import exp

    for part in _parts(typed):
        if not part.find(exp.Column):
            yield f"has {_sql(part)!r}, which uses no column of the table: compare a column"
    yield from _of_comparisons(typed)
    yield from _of_values(typed)


def _of_comparisons(typed: exp.Expression) -> Iterator[str]:
    """Comparisons that have one outcome, whatever the row holds."""
    from sqlglot import exp

    for node in typed.find_all(*_comparisons()):
        if node.left == node.right:
            yield f"compares {_sql(node.left)!r} with itself: compare it with something else"
        for one, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(other, exp.Null):
                yield f"compares {_sql(one)!r} with NULL, which is never true: write IS NULL or IS NOT NULL"
    for node in typed.find_all(exp.Between):
        low, high = node.args["low"], node.args["high"]
        if low.is_number and high.is_number and float(low.sql()) > float(high.sql()):
            yield f"has {_sql(node)!r}, which is never true: exchange the bounds"


def _of_values(typed: exp.Expression) -> Iterator[str]:
    """Texts that are not of the kind of what they stand beside, so that Spark makes NULL of them."""
    from sqlglot import exp

    for node in typed.find_all(exp.Cast):
        if kind := _kind_unlike(node, node.this):
            yield f"has {_sql(node)!r}, which is no {kind} and so NULL: correct the value"
    for one, other in _beside(typed):
        if kind := _kind_unlike(one, other):
            what = f"compares {_sql(one)!r}, a {kind}, with {other.sql('spark')}, which is none"
            yield f"{what}: it is never true, correct the value"


def _comparisons() -> tuple[type[exp.Binary], ...]:
    from sqlglot import exp

    return (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)


def _parts(typed: exp.Expression) -> Iterator[exp.Expression]:
    """What AND, OR and NOT join."""
    from sqlglot import exp

    if isinstance(typed, exp.And | exp.Or | exp.Not | exp.Paren):
        for part in typed.iter_expressions():
            yield from _parts(part)
    else:
        yield typed


def _beside(typed: exp.Expression) -> Iterator[tuple[exp.Expression, exp.Expression]]:
    """Each value with each one that it is compared with or joined by arithmetic, both ways round."""
    from sqlglot import exp

    for node in typed.find_all(*_comparisons(), exp.NullSafeEQ, exp.Add, exp.Sub, exp.Mul, exp.Div):
        yield node.left, node.right
        yield node.right, node.left
    for node in typed.find_all(exp.Between):
        yield node.this, node.args["low"]
        yield node.this, node.args["high"]
    for node in typed.find_all(exp.In):
        for value in node.expressions:
            yield node.this, value


def _kind_unlike(value: exp.Expression, other: exp.Expression) -> str:
    """The kind of the value, if the other is a text that Spark cannot read as one."""
    from sqlglot import exp

    if not isinstance(other, exp.Literal) or not other.is_string:
        return ""
    text = other.name
    if value.is_type(*exp.DataType.NUMERIC_TYPES):
        is_one = _NUMBER.fullmatch(text) or (value.is_type("float", "double") and _NO_NUMBER.fullmatch(text))
        return "" if is_one else "number"
    if value.is_type(*exp.DataType.TEMPORAL_TYPES):
        return "" if _is_time(text) else "time"
    return "truth value" if value.is_type("boolean") and not _TRUTH.fullmatch(text) else ""


def _is_time(text: str) -> bool:
    """Whether it is a day of the calendar, or the beginning of one; years beyond 9999 are not looked up."""
    found = _TIME.fullmatch(text)
    if found is None:
        return False
    year, month, day = (int(part or 1) for part in found.groups())
    try:
        date(min(year, 9999) or 4, month, day)
    except ValueError:
        return False
    return True


def _sql(node: exp.Expression) -> str:
    return str(node.sql("spark")).replace("_row.", "")
