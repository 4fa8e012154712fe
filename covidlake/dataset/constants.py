"""Parts of a condition that are the same for every row: it would let all rows pass, or none, in silence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import exp

# What Spark reads as a date or a time; any other text becomes NULL when it is compared with one.
_TIME = re.compile(r"\s*[+-]?\d{4,7}(-\d{1,2}(-\d{1,2}([ T].*)?)?)?\s*")
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*")
_TRUTH = re.compile(r"\s*(t|true|y|yes|1|f|false|n|no|0)\s*", re.IGNORECASE)


def problems(typed: exp.Expression) -> Iterator[str]:
    """What is wrong with a condition whose columns have their types, a clause with the cure for each."""
    from sqlglot import exp

    for part in _parts(typed):
        if not part.find(exp.Column):
            yield f"has {_sql(part)!r}, which uses no column of the table: compare a column"
    for one, other in _compared(typed):
        if isinstance(other, exp.Null):
            yield f"compares {_sql(one)!r} with NULL, which is never true: write IS NULL or IS NOT NULL"
        elif isinstance(other, exp.Literal) and other.is_string and (kind := _kind_unlike(one, other.name)):
            what = f"compares {_sql(one)!r}, a {kind}, with {other.sql('spark')}, which is none"
            yield f"{what}: it is never true, correct the value"


def _parts(typed: exp.Expression) -> Iterator[exp.Expression]:
    """What AND, OR and NOT join."""
    from sqlglot import exp

    if isinstance(typed, exp.And | exp.Or | exp.Not | exp.Paren):
        for part in typed.iter_expressions():
            yield from _parts(part)
    else:
        yield typed


def _compared(typed: exp.Expression) -> Iterator[tuple[exp.Expression, exp.Expression]]:
    """Each value with each one that it is compared with, both ways round."""
    from sqlglot import exp

    for node in typed.find_all(exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE):
        yield node.left, node.right
        yield node.right, node.left
    for node in typed.find_all(exp.Between):
        yield node.this, node.args["low"]
        yield node.this, node.args["high"]
    for node in typed.find_all(exp.In):
        for value in node.expressions:
            yield node.this, value


def _kind_unlike(value: exp.Expression, text: str) -> str:
    """The kind of the value, if Spark cannot read the text as one."""
    from sqlglot import exp

    kinds = (
        ("number", exp.DataType.NUMERIC_TYPES, _NUMBER),
        ("time", exp.DataType.TEMPORAL_TYPES, _TIME),
        ("truth value", (exp.DataType.Type.BOOLEAN,), _TRUTH),
    )
    return next(
        (name for name, types, form in kinds if value.is_type(*types) and not form.fullmatch(text)), ""
    )


def _sql(node: exp.Expression) -> str:
    return str(node.sql("spark")).replace("_row.", "")
