"""PREPARE, EXECUTE and DEALLOCATE PREPARE, over the prepared statements of the work group."""

from __future__ import annotations

import re

from localcloud.athena.sql.errors import QueryError
from localcloud.athena.sql.session import Result, Session
from localcloud.athena.sql.statements import shapes
from localcloud.athena.sql.statements.names import PART, match
from localcloud.athena.sql.trino.syntax import DIALECT
from localcloud.plugin import AwsError

TAKEN = re.compile(r"\s*(?:select|with|values|table|insert|unload|create\s+table|\()", re.IGNORECASE)


def prepare_statement(session: Session, sql: str) -> Result:
    """PREPARE name FROM query: kept in the work group."""
    found = match(sql, shapes.PREPARE)
    if not TAKEN.match(found["query"]):
        raise QueryError("NOT_SUPPORTED: line 1:1: Only SELECT, INSERT, UNLOAD and CTAS can be prepared")
    _ask(session, "CreatePreparedStatement", found["name"], QueryStatement=found["query"])
    return Result()


def deallocate(session: Session, sql: str) -> Result:
    found = match(sql, rf"deallocate\s+prepare\s+(?P<name>{PART})")
    _ask(session, "DeletePreparedStatement", found["name"])
    return Result()


def executed(session: Session, sql: str) -> str:
    """The statement that EXECUTE names; its parameters become those of the session."""
    found = match(sql, rf"execute\s+(?P<name>{PART})(?:\s+using\s+(?P<values>.*))?")
    answer = _ask(session, "GetPreparedStatement", found["name"])
    if found["values"]:
        session.parameters = split_values(found["values"])
    return str(answer["PreparedStatement"]["QueryStatement"])


def _ask(session: Session, action: str, name: str, **more: str) -> dict[str, dict[str, str]]:
    request = {"StatementName": name.strip('"`'), "WorkGroup": session.workgroup, **more}
    try:
        return session.prepared(action, request)
    except AwsError as error:
        if error.code == "ResourceNotFoundException":
            raise QueryError(f"NOT_FOUND: Prepared statement not found: {name}") from error
        if action == "CreatePreparedStatement" and "already exists" in error.message:
            raise QueryError(f"ALREADY_EXISTS: {error.message}") from error
        raise QueryError(f"{error.code}: {error.message}") from error


def split_values(text: str) -> list[str]:
    """The values of USING: cut at the commas that stand in no parentheses and no text."""
    pieces, depth, start = [], 0, 0
    for token in DIALECT.tokenize(text):
        depth += (token.text in "([") - (token.text in ")]") if len(token.text) == 1 else 0
        if token.text == "," and depth == 0:
            pieces.append(text[start : token.start].strip())
            start = token.end + 1
    return [*pieces, text[start:].strip()]
