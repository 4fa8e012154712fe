"""The `Expression` of GetPartitions: a condition of SQL on the partition keys, as Glue understands it.

https://docs.aws.amazon.com/glue/latest/webapi/API_GetPartitions.html
"""

from __future__ import annotations

import datetime
import decimal
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from localcloud.plugin import AwsError

NULL = "__HIVE_DEFAULT_PARTITION__"
INTEGERS = ("tinyint", "smallint", "int", "integer", "bigint", "long")
Values = Mapping[str, Any]
Condition = Callable[[Values], "bool | None"]


def matcher(expression: str, keys: Sequence[Mapping[str, str]]) -> Callable[[Sequence[str]], bool]:
    """Whether the values of a partition fulfil the expression; raises AWS's error for a malformed one."""
    types = {key["Name"].lower(): key.get("Type", "string").lower() for key in keys}
    condition = _Reader(types).read(_parsed(expression))

    def matches(values: Sequence[str]) -> bool:
        pairs = zip(types.items(), values, strict=False)
        return condition({name: _value(text, kind) for (name, kind), text in pairs}) is True

    return matches


def _parsed(expression: str) -> Any:
    import sqlglot
    from sqlglot.errors import SqlglotError

    try:
        return sqlglot.parse_one(expression, into=sqlglot.exp.Condition)
    except SqlglotError as error:
        raise _unsupported(expression) from error


def _unsupported(what: str) -> AwsError:
    return AwsError("InvalidInputException", f"Unsupported expression '{what}'")


def _value(text: str, kind: str) -> Any:
    """A partition's value as its type; one that is no such value compares with nothing."""
    if text == NULL:
        return None
    try:
        return _typed(text, kind)
    except AwsError:
        return None


def _typed(text: str, kind: str) -> Any:
    """The text as a value of a partition key's type; raises AWS's error where it is none."""
    try:
        if kind in INTEGERS:
            return int(text)
        if kind.startswith("decimal"):
            return decimal.Decimal(text)
        if kind == "date":
            return datetime.date.fromisoformat(text)
        if kind == "timestamp":
            return datetime.datetime.fromisoformat(text)
    except (ValueError, decimal.InvalidOperation) as error:
        raise AwsError("InvalidInputException", f'"{text}" is not {_article(kind)}.') from error
    if kind == "string" or kind.startswith(("varchar", "char")):
        return text
    raise AwsError("InvalidInputException", f"Unknown type : '{kind}'")


def _article(kind: str) -> str:
    name = "integer" if kind in INTEGERS else kind
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"


class _Reader:
    """Turns a parsed expression into a condition; conditions know SQL's third truth value, None."""

    def __init__(self, types: Mapping[str, str]) -> None:
        from sqlglot import exp

        self._types = types
        self._readers: dict[type, Callable[[Any], Condition]] = {
            exp.Paren: lambda node: self.read(node.this),
            exp.And: self._and,
            exp.Or: self._or,
            exp.Not: self._not,
            exp.Between: self._between,
            exp.In: self._in,
            exp.Like: self._like,
            exp.Is: self._is,
            exp.EQ: lambda node: self._compare(node, lambda left, right: left == right),
            exp.NEQ: lambda node: self._compare(node, lambda left, right: left != right),
            exp.GT: lambda node: self._compare(node, lambda left, right: left > right),
            exp.GTE: lambda node: self._compare(node, lambda left, right: left >= right),
            exp.LT: lambda node: self._compare(node, lambda left, right: left < right),
            exp.LTE: lambda node: self._compare(node, lambda left, right: left <= right),
        }

    def read(self, node: Any) -> Condition:
        reader = self._readers.get(type(node))
        if reader is None:
            raise _unsupported(node.sql())
        return reader(node)

    def _and(self, node: Any) -> Condition:
        left, right = self.read(node.left), self.read(node.right)

        def condition(values: Values) -> bool | None:
            found = left(values), right(values)
            return False if False in found else None if None in found else True

        return condition

    def _or(self, node: Any) -> Condition:
        left, right = self.read(node.left), self.read(node.right)

        def condition(values: Values) -> bool | None:
            found = left(values), right(values)
            return True if True in found else None if None in found else False

        return condition

    def _not(self, node: Any) -> Condition:
        inner = self.read(node.this)

        def condition(values: Values) -> bool | None:
            found = inner(values)
            return None if found is None else not found

        return condition

    def _compare(self, node: Any, operator: Callable[[Any, Any], bool]) -> Condition:
        from sqlglot import exp

        if isinstance(node.this, exp.Column):
            name, literal = self._column(node.this), node.expression
            return _of_column(name, self._literal(literal, name), operator)
        name = self._column(node.expression)
        turned: Callable[[Any, Any], bool] = lambda left, right: operator(right, left)  # noqa: E731
        return _of_column(name, self._literal(node.this, name), turned)

    def _between(self, node: Any) -> Condition:
        name = self._column(node.this)
        low, high = (self._literal(node.args[side], name) for side in ("low", "high"))
        return _of_column(name, None, lambda value, _: low <= value <= high)

    def _in(self, node: Any) -> Condition:
        name = self._column(node.this)
        wanted = [self._literal(item, name) for item in node.expressions]
        if not wanted:
            raise _unsupported(node.sql())
        return _of_column(name, None, lambda value, _: value in wanted)

    def _like(self, node: Any) -> Condition:
        name = self._column(node.this)
        kind = self._types[name]
        if kind != "string" and not kind.startswith(("varchar", "char")):
            label = "Integral" if kind in INTEGERS else kind.capitalize()
            raise AwsError("InvalidInputException", f"{label} data type doesn't support operation 'LIKE'")
        parts = {"%": ".*", "_": "."}
        text = self._literal(node.expression, name)
        pattern = re.compile("".join(parts.get(c, re.escape(c)) for c in text), re.DOTALL)
        return _of_column(name, None, lambda value, _: pattern.fullmatch(value) is not None)

    def _is(self, node: Any) -> Condition:
        from sqlglot import exp

        if not isinstance(node.expression, exp.Null):
            raise _unsupported(node.sql())
        name = self._column(node.this)
        return lambda values: values.get(name) is None

    def _column(self, node: Any) -> str:
        from sqlglot import exp

        if not isinstance(node, exp.Column) or node.table:
            raise _unsupported(node.sql())
        name = str(node.name).lower()
        if name not in self._types:
            raise AwsError("InvalidInputException", f"Unknown column '{node.name}'")
        return name

    def _literal(self, node: Any, column: str) -> Any:
        from sqlglot import exp

        if isinstance(node, exp.Paren):
            return self._literal(node.this, column)
        if isinstance(node, exp.Cast):  # DATE '2020-01-01', TIMESTAMP '...'
            return self._literal(node.this, column)
        if isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal):
            return _typed(f"-{node.this.this}", self._types[column])
        if not isinstance(node, exp.Literal):
            raise _unsupported(node.sql())
        return _typed(node.this, self._types[column])


def _of_column(name: str, literal: Any, operator: Callable[[Any, Any], bool]) -> Condition:
    def condition(values: Values) -> bool | None:
        value = values.get(name)
        return None if value is None else operator(value, literal)

    return condition
