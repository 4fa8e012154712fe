"""Comments of a statement become blanks, so that nothing that reads it by words has to know of them."""

from __future__ import annotations

import re

_QUOTED = r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`"""
_COMMENT = r"--[^\n]*|/\*.*?(?:\*/|\Z)"
_TRINO = re.compile(f"{_QUOTED}|({_COMMENT})", re.DOTALL)
# Hive's texts, those of the DDL that Athena hands to its parser, take a backslash in front of a quote.
_HIVE = re.compile(rf"'(?:[^'\\]|\\.)*'|{_QUOTED}|({_COMMENT})", re.DOTALL)
_HIVE_STARTS = re.compile(r"\s*(?:create\s+(?:external|database|schema)|alter|msck)\b", re.IGNORECASE)


def blanked(sql: str) -> str:
    """The statement with its comments as blanks: every other character stays at its line and column."""
    found = _blanked(_TRINO, sql)
    return _blanked(_HIVE, sql) if _HIVE_STARTS.match(found) else found


def without_texts(sql: str, of_hive: bool = False) -> str:
    """The statement with blanks in its quotes: what stands there is none of its words."""
    tokens = _HIVE if of_hive else _TRINO
    return tokens.sub(lambda one: one[0][0] + re.sub(r"[^\n]", " ", one[0][1:-1]) + one[0][-1], sql)


def _blanked(tokens: re.Pattern[str], sql: str) -> str:
    return tokens.sub(lambda one: re.sub(r"[^\n]", " ", one[0]) if one[1] else one[0], sql)
