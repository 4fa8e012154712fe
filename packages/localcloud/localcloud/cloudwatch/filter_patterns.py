"""Filter patterns of CloudWatch Logs: terms, JSON conditions, fields between spaces, regular expressions.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

from __future__ import annotations

import json
import operator
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Matcher = Callable[[str], bool]
Predicate = Callable[[Any], bool]
_TERM = re.compile(r'\s*([-?]?)(?:"((?:\\.|[^"\\])*)"|%((?:\\.|[^%\\])*)%|(\S+))')
_PLAIN = re.compile(r"\w+", re.ASCII)
_TOKEN = re.compile(
    r"""\s*(?:(&&|\|\||[()])|(\$(?:\.[\w*@-]+|\[(?:\d+|\*|'[^']*'|"[^"]*")\])+)|(!=|<=|>=|=|<|>)
    |"((?:\\.|[^"\\])*)"|%((?:\\.|[^%\\])*)%|(\.\.\.)|([^\s()&|=!<>,"%]+))""",
    re.VERBOSE,
)
_NUMBERS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_FIELD = re.compile(r'\s*(?:\[([^\]]*)\]|"((?:\\.|[^"\\])*)"|(\S+))')


class InvalidPatternError(ValueError):
    """The pattern is malformed; the message is that of CloudWatch Logs."""


def compiled(pattern: str) -> Matcher:
    """Whether a message matches; raises InvalidPatternError."""
    text = pattern.strip()
    if not text:
        return lambda _message: True
    if text.startswith("{"):
        return _of_json(text)
    if text.startswith("["):
        return _of_fields(text)
    return _of_terms(text)


def _of_terms(text: str) -> Matcher:
    """Terms that all have to be there, and where none is asked for, one of those after a question mark."""
    wanted, unwanted, optional = list[Matcher](), list[Matcher](), list[Matcher]()
    position = 0
    while position < len(text):
        found = _TERM.match(text, position)
        if found is None:
            break
        position = found.end()
        sign, quoted, expression, plain = found.groups()
        if plain is not None and not _PLAIN.fullmatch(plain):
            raise InvalidPatternError(f"Invalid character(s) in term '{plain}'")
        term = _contains(quoted, expression, plain)
        {"-": unwanted, "?": optional}.get(sign, wanted).append(term)

    def matches(message: str) -> bool:
        if any(term(message) for term in unwanted) or not all(term(message) for term in wanted):
            return False
        return bool(wanted or unwanted or not optional) or any(term(message) for term in optional)

    return matches


def _contains(quoted: str | None, expression: str | None, plain: str | None) -> Matcher:
    if expression is not None:
        pattern = _expression(expression)
        return lambda message: pattern.search(message) is not None
    term = plain if quoted is None else _unescaped(quoted)
    return lambda message: str(term) in message


def _expression(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise InvalidPatternError(f"Invalid regular expression %{text}%: {error}") from error


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _wildcards(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in text.split("*")), re.DOTALL)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str


def _tokens(text: str) -> list[_Token]:
    kinds = ("sign", "path", "comparison", "quoted", "expression", "dots", "word")
    found, position, end = list[_Token](), 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            raise InvalidPatternError(f"Invalid filter pattern at '{text[position:].strip()}'")
        kind, value = next((k, v) for k, v in zip(kinds, match.groups(), strict=True) if v is not None)
        found.append(_Token(kind, value))
        position = match.end()
    return found


class _Conditions(ABC):
    """A parser of conditions with `&&`, `||` and parentheses; `one` reads a single comparison."""

    def __init__(self, text: str) -> None:
        self._left = list(reversed(_tokens(text)))

    def read(self) -> Predicate:
        condition = self._either()
        if self._left:
            raise InvalidPatternError(f"Invalid filter pattern at '{self._left[-1].text}'")
        return condition

    def _either(self) -> Predicate:
        found = [self._all()]
        while self._take("sign", "||"):
            found.append(self._all())
        return lambda value: any(one(value) for one in found)

    def _all(self) -> Predicate:
        found = [self._part()]
        while self._take("sign", "&&"):
            found.append(self._part())
        return lambda value: all(one(value) for one in found)

    def _part(self) -> Predicate:
        if not self._take("sign", "("):
            return self.one()
        inner = self._either()
        if not self._take("sign", ")"):
            raise InvalidPatternError("Invalid filter pattern: a parenthesis is not closed")
        return inner

    @abstractmethod
    def one(self) -> Predicate:
        """A single comparison."""

    def _take(self, kind: str, text: str = "") -> _Token | None:
        if (
            self._left
            and self._left[-1].kind == kind
            and self._left[-1].text in (text or self._left[-1].text,)
        ):
            return self._left.pop()
        return None

    def _comparison(self) -> Predicate:
        """The rest of a comparison, on a value."""
        sign = self._take("comparison")
        token = self._take("quoted") or self._take("expression") or self._take("word")
        if sign is None or token is None:
            raise InvalidPatternError("Invalid filter pattern: a comparison and a value are missing")
        return _compare(sign.text, token)


class _Json(_Conditions):
    def one(self) -> Predicate:
        path = self._take("path")
        if path is None:
            raise InvalidPatternError("Invalid filter pattern: a selector that begins with $ is missing")
        if self._word("IS"):
            wanted = self._take("word")
            known: dict[str, Any] = {"NULL": None, "TRUE": True, "FALSE": False}
            if wanted is None or wanted.text.upper() not in known:
                raise InvalidPatternError("Invalid filter pattern: IS NULL, IS TRUE or IS FALSE")
            return lambda value: any(found is known[wanted.text.upper()] for found in _at(value, path.text))
        if self._word("NOT"):
            if not self._word("EXISTS"):
                raise InvalidPatternError("Invalid filter pattern: NOT EXISTS")
            return lambda value: not any(True for _ in _at(value, path.text))
        compare = self._comparison()
        return lambda value: any(compare(found) for found in _at(value, path.text))

    def _word(self, text: str) -> bool:
        if self._left and self._left[-1].kind == "word" and self._left[-1].text.upper() == text:
            self._left.pop()
            return True
        return False


class _Field(_Conditions):
    """Conditions on one field between spaces; each may name it again."""

    def one(self) -> Predicate:
        self._take("word")
        return self._comparison()


def _compare(sign: str, token: _Token) -> Predicate:
    if sign in _NUMBERS:
        try:
            wanted = float(token.text)
        except ValueError as error:
            raise InvalidPatternError(f"Invalid filter pattern: {token.text} is not a number") from error
        return lambda value: (number := _number(value)) is not None and _NUMBERS[sign](number, wanted)
    equal = _equal(token)
    return equal if sign == "=" else lambda value: not equal(value)


def _equal(token: _Token) -> Predicate:
    if token.kind == "expression":
        pattern = _expression(token.text)
        return lambda value: pattern.search(_text(value)) is not None
    text = _unescaped(token.text) if token.kind == "quoted" else token.text
    number = _number(text) if token.kind == "word" else None
    wildcard = _wildcards(text)

    def equal(value: Any) -> bool:
        if number is not None and (found := _number(value)) is not None:
            return found == number
        return wildcard.fullmatch(_text(value)) is not None

    return equal


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _of_json(text: str) -> Matcher:
    if not text.endswith("}"):
        raise InvalidPatternError("Invalid filter pattern: } is missing")
    condition = _Json(text[1:-1]).read()

    def matches(message: str) -> bool:
        try:
            value = json.loads(message)
        except (ValueError, RecursionError):  # not JSON, or nested too deeply
            return False
        return isinstance(value, dict | list) and condition(value)

    return matches


def _at(value: Any, path: str) -> Iterator[Any]:
    """The values that a selector such as `$.a.b[0]` or `$.a[*].b` leads to."""
    found = [value]
    for plain, index, quoted in re.findall(r"\.([\w*@-]+)|\[(\d+|\*)\]|\[['\"]([^'\"]*)['\"]\]", path):
        found = [deeper for one in found for deeper in _below(one, plain or quoted, index)]
    yield from found


def _below(value: Any, name: str, index: str) -> list[Any]:
    if index and isinstance(value, list):
        return value if index == "*" else value[int(index) : int(index) + 1]
    if isinstance(value, dict) and not index:
        return list(value.values()) if name == "*" else [value[name]] if name in value else []
    return []


def _of_fields(text: str) -> Matcher:
    if not text.endswith("]"):
        raise InvalidPatternError("Invalid filter pattern: ] is missing")
    parts = [part.strip() for part in _split(text[1:-1])]
    if parts.count("...") > 1 or not all(parts):
        raise InvalidPatternError(
            "Invalid filter pattern: fields are separated by commas, with one ellipsis at most"
        )
    conditions = [None if part == "..." else _condition(part) for part in parts]
    at = conditions.index(None) if None in conditions else -1
    before = [one for one in conditions[: at if at >= 0 else len(conditions)] if one]
    after = [one for one in conditions[at + 1 :] if one] if at >= 0 else []

    def matches(message: str) -> bool:
        fields = [next(text for text in one if text is not None) for one in _fields(message)]
        if len(fields) < len(before) + len(after) or (at < 0 and len(fields) != len(before)):
            return False
        last = fields[len(fields) - len(after) :]
        return all(one(field) for one, field in zip(before, fields, strict=False)) and all(
            one(field) for one, field in zip(after, last, strict=True)
        )

    return matches


def _fields(message: str) -> list[tuple[str | None, ...]]:
    return [match.groups() for match in _FIELD.finditer(message.strip())]


def _split(text: str) -> list[str]:
    """At commas outside of quotes."""
    return re.findall(r'(?:"(?:\\.|[^"\\])*"|%(?:\\.|[^%\\])*%|[^,"%])+', text)


def _condition(part: str) -> Predicate:
    if re.fullmatch(r"[\w-]*", part):
        return lambda _field: True
    return _Field(part).read()
