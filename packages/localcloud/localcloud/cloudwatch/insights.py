"""Queries of Logs Insights: the commands that ministack carries out; any other is refused by name.

ministack would leave a command out that it does not know, and answer as if it had been obeyed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from localcloud.plugin import AwsError, refusals

_NAMES = ("@timestamp", "@message", "@logStream", "@log", "@ptr", "@ingestionTime")
_NUMBER = re.compile(r"limit\s+\d+", re.IGNORECASE)
_SORT = re.compile(r"sort\s+(@\w+)(\s+(asc|desc))?", re.IGNORECASE)


def checked(query: str, split: Callable[[str], list[str]], compiled: Callable[[str], Any]) -> str:
    """The query in one line, without remarks; refuses what would be ignored.

    `split` and `compiled` are ministack's own readings of a query.
    """
    lines = [line for line in query.splitlines() if not line.strip().startswith("#")]
    plain = " ".join(line.strip() for line in lines)
    for text in split(plain):
        if not _is_known(text, compiled):
            what = f"`{text}` in a query of Logs Insights"
            hint = "it knows fields of @ names, filter with = or like, sort by an @ name, and limit"
            raise AwsError("MalformedQueryException", refusals.not_supported(what, hint))
    return plain


def _is_known(text: str, compiled: Callable[[str], Any]) -> bool:
    command = text.split()[0].lower()
    if command == "fields":
        return all(name.strip() in _NAMES for name in text[len("fields") :].split(","))
    if command == "filter":
        return compiled(text) is not None
    if command == "sort":
        found = _SORT.fullmatch(text)
        return found is not None and found[1] in _NAMES
    return command == "limit" and _NUMBER.fullmatch(text) is not None
