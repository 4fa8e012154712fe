"""The type of a column, as the Glue Data Catalog spells it, from the values that it has in samples."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

_INTEGER = re.compile(r"[+-]?(0|[1-9]\d*)")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
# What a text looks like, what Spark calls it, and the type it makes.
_TIMES = (
    (r"\d{4}-\d{2}-\d{2}", "yyyy-MM-dd", "date"),
    (r"\d{2}-\d{2}-\d{4}", "MM-dd-yyyy", "date"),
    (r"\d{1,2}/\d{1,2}/\d{4}", "M/d/yyyy", "date"),
    (r"\d{1,2}/\d{1,2}/\d{2}", "M/d/yy", "date"),
    (r"(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])", "yyyyMMdd", "date"),
    (r"\d{4}-\d{2}-\d{2}T00:00:00", "yyyy-MM-dd'T'HH:mm:ss", "date"),
    (r"\d{4}-\d{2}-\d{2}T00:00:00\.000", "yyyy-MM-dd'T'HH:mm:ss.SSS", "date"),
    (r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}", "yyyy-MM-dd'T'HH:mm:ss", "timestamp"),
    (r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}", "yyyy-MM-dd'T'HH:mm:ss.SSS", "timestamp"),
    (r"\d{4}-\d{2}-\d{2} \d{1,2}:\d{2}:\d{2}", "yyyy-MM-dd H:mm:ss", "timestamp"),
    (r"\d{4}-\d{2}-\d{2} \d{1,2}:\d{2}", "yyyy-MM-dd H:mm", "timestamp"),
    (r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}:\d{2}", "M/d/yyyy H:mm:ss", "timestamp"),
    (r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}", "M/d/yyyy H:mm", "timestamp"),
    (r"\d{1,2}/\d{1,2}/\d{2} \d{1,2}:\d{2}:\d{2}", "M/d/yy H:mm:ss", "timestamp"),
    (r"\d{1,2}/\d{1,2}/\d{2} \d{1,2}:\d{2}", "M/d/yy H:mm", "timestamp"),
)


@dataclass(frozen=True)
class Kind:
    """A column's type; `formats` are Spark's datetime patterns, `text` says that JSON quotes its numbers."""

    type: str
    formats: tuple[str, ...] = ()
    text: bool = False
    note: str = ""


def kind_of(values: Iterable[Any], source_format: str) -> Kind:
    """The narrowest type that holds all values that are there; text where there are none."""
    known = [value for value in values if value not in (None, "")]
    if not known:
        return Kind("string", note="always empty in the sample, so its type is a guess")
    if all(isinstance(value, str) for value in known):
        return _of_text([value.strip() for value in known], source_format)
    return Kind(_of_json(known))


def _of_text(texts: Sequence[str], source_format: str) -> Kind:
    found = dict.fromkeys(_time(text) for text in texts)
    if None not in found:
        kinds = {kind for _, kind in found}  # type: ignore[misc]
        patterns = tuple(dict.fromkeys(pattern for pattern, _ in found))  # type: ignore[misc]
        if kinds == {"date"}:
            return Kind("date", () if patterns == ("yyyy-MM-dd",) else patterns)
        return Kind("timestamp", patterns)
    quoted = source_format == "json"
    if all(_INTEGER.fullmatch(text) for text in texts):
        return Kind("bigint", text=quoted)
    if all(_NUMBER.fullmatch(text) for text in texts):
        if any(re.match(r"[+-]?0\d", text) for text in texts):
            return Kind("string", note="numbers with leading zeros are taken for codes")
        return Kind("double", text=quoted)
    return Kind("string")


def _time(text: str) -> tuple[str, str] | None:
    return next(((spark, kind) for shape, spark, kind in _TIMES if re.fullmatch(shape, text)), None)


def _of_json(values: Sequence[Any]) -> str:
    """The type of JSON values, nested ones too; what does not go together is text."""
    kinds = {type(value) for value in values}
    if kinds == {bool}:
        return "boolean"
    if kinds <= {int}:
        return "bigint"
    if kinds <= {int, float}:
        return "double"
    if kinds == {list}:
        elements = [element for value in values for element in value if element is not None]
        return f"array<{_of_json(elements) if elements else 'string'}>"
    if kinds == {dict}:
        names = dict.fromkeys(name for value in values for name in value)
        fields = (
            f"{name}:{_of_json([v[name] for v in values if v.get(name) is not None])}" for name in names
        )
        return f"struct<{','.join(fields)}>"
    return "string"
