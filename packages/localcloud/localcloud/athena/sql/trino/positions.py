"""Where a word stands in the statement: Athena's messages say `line L:C`."""

from __future__ import annotations

import re

from sqlglot.dialects.dialect import Dialect
from sqlglot.tokens import Token, TokenType

_TRINO = Dialect.get_or_raise("trino")


def tokens(sql: str) -> list[Token]:
    return list(_TRINO.tokenize(sql))


def place(sql: str, offset: int) -> str:
    """`line L:C` of a character, both counted from 1."""
    before = sql[:offset]
    return f"line {before.count(chr(10)) + 1}:{offset - (before.rfind(chr(10)) + 1) + 1}"


def find_name(sql: str, *path: str) -> str:
    """`line L:C` of the first occurrence of a dotted name; of the statement when there is none."""
    found = tokens(sql)
    wanted = [part.lower() for part in path]
    for index in range(len(found)):
        words = found[index : index + 2 * len(wanted) - 1]
        if [word.text.lower() for word in words[::2]] == wanted and all(
            word.token_type == TokenType.DOT for word in words[1::2]
        ):
            return place(sql, found[index].start)
    spelled = list(re.finditer(rf"\b{re.escape('.'.join(path))}\b", sql, re.IGNORECASE))
    return place(sql, spelled[-1].start()) if spelled else "line 1:1"
