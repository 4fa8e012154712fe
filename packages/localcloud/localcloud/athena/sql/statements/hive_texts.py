"""Texts in Hive's DDL: in either kind of quotes, with escapes, and in pairs that are properties."""

from __future__ import annotations

import re
from typing import NoReturn

from localcloud.athena.sql.errors import QueryError

TEXT = r"""(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")"""
_PAIR = re.compile(rf"\s*{TEXT}\s*=\s*{TEXT}\s*(?:,|$)", re.DOTALL)
_ESCAPE = re.compile(r"\\([01][0-7]{2}|u[0-9a-fA-F]{4}|.)", re.DOTALL)
_NAMED = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a", "%": "\\%", "_": "\\_"}


def refuse(text: str) -> NoReturn:
    """Raise `QueryError` for a statement that Hive's parser cannot read from here on."""
    near = " ".join(text.split())[:40] or "<EOF>"
    raise QueryError(f"FAILED: ParseException line 1:1 cannot recognize input near '{near}'")


def text_pairs(text: str) -> dict[str, str]:
    """All of `'name'='value', ...`, in either kind of quotes."""
    pairs, at = {}, 0
    while at < len(text):
        found = _PAIR.match(text, at)
        if found is None or (found[0].endswith(",") and not text[found.end() :].strip()):
            refuse(text[at:])
        a, b, c, d = found.groups()
        pairs[unescape(a or b or "")] = unescape(c or d or "")
        at = found.end()
    return pairs or refuse(text)


def unescape(text: str) -> str:
    """What a text says: \\t, \\\\, \\001 and \\u0001 are a sign each; of others Hive drops the backslash."""

    def one(found: re.Match[str]) -> str:
        code = found[1]
        if len(code) == 5:
            return chr(int(code[1:], 16))
        return chr(int(code, 8)) if len(code) == 3 else _NAMED.get(code, code)

    return _ESCAPE.sub(one, text)
