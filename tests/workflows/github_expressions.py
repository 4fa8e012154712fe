"""GitHub's expressions: parsed and evaluated as its documentation says.

https://docs.github.com/actions/reference/workflows-and-actions/expressions
"""

from __future__ import annotations

import functools
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

STATUS_FUNCTIONS = {"success", "failure", "cancelled", "always"}
_TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<name>[A-Za-z_][\w-]*)"
    r"|(?P<sign>&&|\|\||==|!=|<=|>=|[!<>().,\[\]*]))"
)
_EMBEDDED = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None}
_COMPARISONS = ("==", "!=", "<=", ">=", "<", ">")


class ExpressionError(Exception):
    """GitHub would refuse the workflow."""


@dataclass(frozen=True)
class Scope:
    """What an expression may name."""

    contexts: Mapping[str, Any]
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Node:
    """A part of a parsed expression; `kind` is literal, name, get, filter, call, not, or an operator."""

    kind: str
    value: Any = None
    parts: tuple[Node, ...] = ()

    def calls(self) -> set[str]:
        own = {self.value} if self.kind == "call" else set()
        return own.union(*(part.calls() for part in self.parts)) if self.parts else own


@functools.cache
def parse(text: str) -> Node:
    """Raises `ExpressionError` where the text is no expression."""
    tokens, position = [], 0
    while position < len(text.rstrip()):
        found = _TOKEN.match(text, position)
        if found is None:
            raise ExpressionError(f"{text!r}: not understood at {position}")
        kind = str(found.lastgroup)
        tokens.append((kind, found[kind]))
        position = found.end()
    parser = _Parser(tokens)
    node = parser.either()
    if parser.tokens:
        raise ExpressionError(f"{text!r}: {parser.tokens[0][1]!r} is one too many")
    return node


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens

    def take(self, *signs: str) -> str:
        """The next token when it is one of these signs, else nothing."""
        if self.tokens and self.tokens[0][0] == "sign" and self.tokens[0][1] in signs:
            return self.tokens.pop(0)[1]
        return ""

    def need(self, sign: str) -> None:
        if not self.take(sign):
            raise ExpressionError(f"{sign!r} is missing before {self.tokens[:1]}")

    def either(self) -> Node:
        node = self.both()
        while self.take("||"):
            node = Node("||", parts=(node, self.both()))
        return node

    def both(self) -> Node:
        node = self.compared()
        while self.take("&&"):
            node = Node("&&", parts=(node, self.compared()))
        return node

    def compared(self) -> Node:
        node = self.negated()
        while sign := self.take(*_COMPARISONS):
            node = Node(sign, parts=(node, self.negated()))
        return node

    def negated(self) -> Node:
        return Node("not", parts=(self.negated(),)) if self.take("!") else self.reached()

    def reached(self) -> Node:
        node = self.single()
        while sign := self.take(".", "["):
            if sign == "[":
                node = Node("get", parts=(node, self.either()))
                self.need("]")
            elif self.take("*"):
                node = Node("filter", parts=(node,))
            else:
                node = Node("get", parts=(node, Node("literal", self.tokens.pop(0)[1])))
        return node

    def single(self) -> Node:
        if self.take("("):
            node = self.either()
            self.need(")")
            return node
        if not self.tokens:
            raise ExpressionError("the expression ends too early")
        kind, text = self.tokens.pop(0)
        if kind == "string":
            return Node("literal", text[1:-1].replace("''", "'"))
        if kind == "number":
            return Node("literal", float(text))
        if kind != "name":
            raise ExpressionError(f"{text!r} is out of place")
        if self.take("("):
            return Node("call", text, self.arguments())
        return Node("literal", _WORDS[text]) if text in _WORDS else Node("name", text)

    def arguments(self) -> tuple[Node, ...]:
        if self.take(")"):
            return ()
        found = [self.either()]
        while self.take(","):
            found.append(self.either())
        self.need(")")
        return tuple(found)


def evaluate(text: str, scope: Scope) -> Any:
    """The value of an expression without its braces."""
    return _value(parse(text.strip()), scope)


def interpolate(text: Any, scope: Scope) -> Any:
    """A value of a workflow file: one expression keeps its type, several in a text become text."""
    if not isinstance(text, str):
        return text
    whole = _EMBEDDED.fullmatch(text.strip())
    if whole and "${{" not in whole[1]:
        return evaluate(whole[1], scope)
    return _EMBEDDED.sub(lambda found: as_text(evaluate(found[1], scope)), text)


def condition(text: str, scope: Scope) -> bool:
    """What an `if` says; without a status function in it, `success()` is asked first."""
    stripped = text.strip()
    whole = _EMBEDDED.fullmatch(stripped)
    if whole is None and "${{" in stripped:  # a text with something around the braces: true unless empty
        return bool(scope.functions["success"]()) and truthy(interpolate(stripped, scope))
    node = parse((whole[1] if whole else stripped).strip() or "success()")
    implied = True if node.calls() & STATUS_FUNCTIONS else bool(scope.functions["success"]())
    return implied and truthy(_value(node, scope))


def truthy(value: Any) -> bool:
    return not (value is None or value is False or value == "" or value == 0)


def as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:g}"
    return value if isinstance(value, str) else json.dumps(value)


def _value(node: Node, scope: Scope) -> Any:
    if node.kind == "literal":
        return node.value
    if node.kind == "name":
        if node.value not in scope.contexts:
            raise ExpressionError(f"{node.value!r} is not known here")
        return scope.contexts[node.value]
    if node.kind == "call":
        functions = {**_FUNCTIONS, **scope.functions}
        if node.value not in functions:
            raise ExpressionError(f"no function {node.value!r} here")
        return functions[node.value](*(_value(part, scope) for part in node.parts))
    if node.kind in {"&&", "||"}:
        left = _value(node.parts[0], scope)
        return _value(node.parts[1], scope) if truthy(left) is (node.kind == "&&") else left
    return _OPERATIONS[node.kind](*(_value(part, scope) for part in node.parts))


def _get(holder: Any, key: Any) -> Any:
    if isinstance(holder, _Filtered):
        return _Filtered(found for item in holder if (found := _get(item, key)) is not None)
    if isinstance(holder, Mapping):
        return holder.get(key)
    if isinstance(holder, list) and isinstance(key, float) and key < len(holder):
        return holder[int(key)]
    return None


class _Filtered(list[Any]):
    """What `.*` made: a further property is taken of each item."""


def _filter(holder: Any) -> _Filtered:
    return _Filtered(holder.values() if isinstance(holder, Mapping) else holder or [])


def _number(value: Any) -> float:
    if value is None or isinstance(value, bool | float | int):
        return float(value or 0)
    try:
        return float(value) if isinstance(value, str) and value.strip() else 0.0 if value == "" else math.nan
    except ValueError:
        return math.nan


def _equal(left: Any, right: Any) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left.casefold() == right.casefold()
    if isinstance(left, list | dict) or isinstance(right, list | dict):
        return left is right
    return _number(left) == _number(right)


def _contains(where: Any, item: Any) -> bool:
    if isinstance(where, list):
        return any(_equal(as_text(one), as_text(item)) for one in where)
    return as_text(item).casefold() in as_text(where).casefold()


_OPERATIONS: dict[str, Callable[..., Any]] = {
    "get": _get,
    "filter": _filter,
    "not": lambda value: not truthy(value),
    "==": _equal,
    "!=": lambda left, right: not _equal(left, right),
    "<": lambda left, right: _number(left) < _number(right),
    "<=": lambda left, right: _number(left) <= _number(right),
    ">": lambda left, right: _number(left) > _number(right),
    ">=": lambda left, right: _number(left) >= _number(right),
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "contains": _contains,
    "format": lambda pattern, *values: as_text(pattern).format(*map(as_text, values)),
    "startsWith": lambda text, start: as_text(text).casefold().startswith(as_text(start).casefold()),
    "endsWith": lambda text, end: as_text(text).casefold().endswith(as_text(end).casefold()),
    "toJSON": lambda value: json.dumps(value, indent=2),
    "fromJSON": json.loads,
}
