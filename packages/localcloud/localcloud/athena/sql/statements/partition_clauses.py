"""The PARTITION (...) clauses of ALTER TABLE: read as a whole, so that none is passed over."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator

from localcloud.athena.sql.errors import QueryError, unsupported
from localcloud.athena.sql.session import Table
from localcloud.athena.sql.statements.hive_texts import TEXT, refuse, unescape

_ADD = re.compile(r"add\s+(?:if\s+not\s+exists\s+)?(?=partition\b)", re.IGNORECASE)
_DROP = re.compile(r"drop\s+(?:if\s+exists\s+)?(?=partition\b)", re.IGNORECASE)
_CLAUSE = re.compile(
    rf"\s*partition\s*\((?P<body>(?:[^()'\"]|{TEXT})*)\)(?:\s*location\s*(?P<location>{TEXT}))?\s*",
    re.IGNORECASE | re.DOTALL,
)
_PAIR = re.compile(
    r"\s*(?P<name>`[^`]+`|\w+)\s*(?P<sign>=|<>|!=|<=|>=|<|>)\s*"
    rf"(?:(?P<kind>date|timestamp)?\s*(?P<text>{TEXT})|(?P<plain>-?\d+(?:\.\d+)?|true|false))\s*(?:,|$)",
    re.IGNORECASE | re.DOTALL,
)


def added_partitions(table: Table, text: str) -> Iterator[tuple[list[str], str | None]]:
    """Values and LOCATION of each clause of `ADD PARTITION (...) LOCATION '...' PARTITION (...)`."""
    for found in _clauses(_ADD, text, ""):
        location = found["location"]
        yield _values(table, found["body"]), _said(location) if location else None


def dropped_partitions(table: Table, text: str) -> list[list[str]]:
    """The values of each clause of `DROP PARTITION (...), PARTITION (...)`."""
    clauses = list(_clauses(_DROP, text, ","))
    for found in clauses:
        if found["location"]:
            refuse(f"location {found['location']}")
    return [_values(table, found["body"]) for found in clauses]


def _clauses(head: re.Pattern[str], text: str, between: str) -> Iterator[re.Match[str]]:
    """The clauses behind the words that begin the statement, up to its end."""
    begin = head.match(text)
    at = begin.end() if begin else 0
    while found := _CLAUSE.match(text, at):
        yield found
        at = found.end()
        if at == len(text):
            return
        if not text.startswith(between, at):
            break
        at += len(between)
    refuse(text[at:])


def _said(quoted: str) -> str:
    return unescape(quoted[1:-1])


def _values(table: Table, body: str) -> list[str]:
    """The value of each key, in their order."""
    keys = [key["Name"] for key in table.get("PartitionKeys") or []]
    pairs = list(_pairs(body))
    if sorted(name for name, _ in pairs) != sorted(keys):
        raise QueryError(
            f"FAILED: SemanticException: partition ({body}) does not name the keys {', '.join(keys)}"
        )
    return [dict(pairs)[key] for key in keys]


def _pairs(body: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(body) or not at:
        found = _PAIR.match(body, at)
        if found is None or (found[0].endswith(",") and not body[found.end() :].strip()):
            refuse(body[at:])
        if found["sign"] != "=":
            raise unsupported(f"`{found['sign']}` in PARTITION ({body})", "name the value of each key")
        yield found["name"].strip("`").lower(), _value(found)
        at = found.end()


def _value(found: re.Match[str]) -> str:
    kind = (found["kind"] or "").lower()
    if kind == "timestamp":
        raise unsupported("a timestamp literal in PARTITION (...)", "write it as a text")
    text = _said(found["text"]) if found["text"] else found["plain"]
    if kind == "date":
        try:
            return datetime.date.fromisoformat(text).isoformat()
        except ValueError:
            raise QueryError(
                f"FAILED: SemanticException Unable to convert time literal '{text}' to time value."
            ) from None
    return str(text)
