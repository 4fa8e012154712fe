"""Numbers of JSON with more digits than a double holds: DuckDB would round them on the way to any type."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from localcloud.athena.sql.tables.text_rows import open_text
from localcloud.glue.catalog.types import HiveType, is_decimal, primitives

_SHORTEST = 17  # characters of a number that a double may not hold: 15 digits always fit
_MAY_BE_LONG = re.compile(rf"[0-9][0-9.eE+-]{{{_SHORTEST - 2}}}")
_STRING_OR_NUMBER = re.compile(
    r'"(?:[^"\\]|\\.)*"|(?<![\w.+-])-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?=[\s,}\]]|$)'
)
_TEXTS = ("string", "varchar", "char")


def matter(kinds: Iterable[HiveType], paths: Iterable[Path]) -> bool:
    """Whether a column keeps every digit of a number and a file may have one so long."""
    return any(map(_keeps_digits, kinds)) and any(
        _MAY_BE_LONG.search(line) for path in paths for line in open_text(path)
    )


def _keeps_digits(kind: HiveType) -> bool:
    parts = primitives(kind)
    return any(is_decimal(part) or part.name.partition("(")[0] in _TEXTS for part in parts)


def as_texts(line: str) -> str:
    """A line whose long fractions are texts of the same digits, which are read exactly."""

    def shown(found: re.Match[str]) -> str:
        token = found[0]
        is_long = len(token) >= _SHORTEST and not token.startswith('"') and any(c in ".eE" for c in token)
        return f'"{token}"' if is_long else token

    return _STRING_OR_NUMBER.sub(shown, line)
