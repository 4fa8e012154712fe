"""The type of a column, as the Glue Data Catalog spells it, from the values that it has in samples."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from covidlake.dataset.draft import json_types
from covidlake.dataset.draft.datetime_patterns import time_of

NULL_WORDS = frozenset(("na", "n/a", "#n/a", "nan", "null", "none", "nil", "-", "--", "."))
_INTEGER = re.compile(r"[+-]?(0|[1-9]\d*)", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+(,\d+)?", re.ASCII)
_MEASURE = re.compile(r"[+-]?(?!0\d)\d[\d.,]*( ?%)?", re.ASCII)
_LONGEST_INTEGER = 20  # signs of the longest bigint


@dataclass(frozen=True)
class Kind:
    """A column's type; `formats` are Spark's datetime patterns, `text` says that JSON quotes its numbers."""

    type: str
    formats: tuple[str, ...] = ()
    text: bool = False
    note: str = ""


def kind_of(values: Iterable[Any], source_format: str) -> Kind:
    """The narrowest type that holds all values; text for an empty column."""
    present = [value for value in values if value is not None]
    known = [value for value in present if value != ""]
    if not known:
        return Kind("string", note="always empty in the sample, so its type is a guess")
    kind = _of_known(known, source_format)
    if kind.type != "string" and source_format == "json" and len(known) < len(present):
        return Kind("string", note=f"some texts of JSON are empty and not a {kind.type}: kept as text")
    return kind


def null_words(texts: Iterable[str | None]) -> tuple[str, ...]:
    """The words for a missing value in a CSV column whose other texts are all of one type."""
    known = dict.fromkeys(text for text in texts if text)
    words = tuple(text for text in known if text.lower() in NULL_WORDS)
    others = [text for text in known if text not in words]
    return words if words and others and _of_text(others, "csv").type != "string" else ()


def is_measure(texts: Iterable[str]) -> bool:
    """Whether texts are figures that the job does not read as numbers: `12%`, `1,234`, `0,5`, `NA`."""
    known = {text for text in texts if text}
    figures = {text for text in known if text.lower() not in NULL_WORDS}
    written = len(figures) < len(known) or any(re.search(r"[.,%]", text) for text in figures)
    return bool(figures) and written and all(_MEASURE.fullmatch(text) for text in figures)


def _of_known(known: Sequence[Any], source_format: str) -> Kind:
    if all(isinstance(value, str) for value in known):
        return _of_text(known, source_format)
    if all(type(value) is int for value in known) and (time := time_of(map(str, known))):
        return Kind(time.type, time.formats, note=time.note)
    notes: list[str] = []
    try:
        kind = json_types.json_type(known, notes)
    except RecursionError:
        return Kind("string", note="nested too deeply for a type: kept as text")
    return Kind(kind, note="; ".join(dict.fromkeys(notes)))


def _of_text(texts: Sequence[str], source_format: str) -> Kind:
    if time := time_of(texts):
        return Kind(time.type, time.formats, note=time.note)
    quoted = source_format == "json"
    if all(text.lower() in ("true", "false") for text in texts):
        return Kind("boolean", text=quoted)
    if all(_INTEGER.fullmatch(text) for text in texts):
        return _integer(texts, quoted)
    if all(_NUMBER.fullmatch(text) for text in texts):
        if any(re.match(r"[+-]?0\d", text) for text in texts):
            return Kind("string", note="numbers with leading zeros are taken for codes")
        return Kind("double", text=quoted)
    return Kind("string", note=_why_text(texts, source_format))


def _integer(texts: Sequence[str], quoted: bool) -> Kind:
    if any(len(text) > _LONGEST_INTEGER or abs(int(text)) > json_types.BIGGEST for text in texts):
        return Kind("string", note="numbers beyond a bigint are kept as text")
    return Kind("bigint", text=quoted)


def _why_text(texts: Sequence[str], source_format: str) -> str:
    if all(_DECIMAL_COMMA.fullmatch(text) for text in texts):
        return "numbers with a decimal comma, which the job cannot read: kept as text"
    if source_format == "json" and (words := null_words(texts)):
        return f"text for {', '.join(map(repr, words))} alone: in JSON only null means no value"
    return ""
