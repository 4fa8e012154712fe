"""Names in Hive's DDL: `db`.`table`, plain or quoted either way."""

from __future__ import annotations

import re

from localcloud.athena.sql.errors import QueryError
from localcloud.athena.sql.session import CATALOGS, Session, Table

PART = r'(?:`[^`]+`|"[^"]+"|[\w$-]+)'
NAME = rf"(?P<name>{PART}(?:\s*\.\s*{PART}){{0,2}})"


def parts(text: str) -> list[str]:
    return [part.strip('`"').lower() for part in re.findall(PART, text)]


def resolve(session: Session, text: str) -> tuple[str, str]:
    """Database and table of a name, the database of the query's context when it has none."""
    found = parts(text)
    if len(found) == 3 and found[0] not in CATALOGS:
        raise QueryError(f"CATALOG_NOT_FOUND: Catalog '{found[0]}' does not exist")
    return (found[-2] if len(found) > 1 else session.database), found[-1]


def find_table(session: Session, text: str) -> Table:
    """The table that Hive's DDL names; FAILED with Hive's own words when it is missing."""
    database, name = resolve(session, text)
    if not session.has_table(database, name):
        session.require_database(database)
        raise QueryError(f"FAILED: SemanticException [Error 10001]: Table not found {database}.{name}")
    return session.table(database, name)


def match(sql: str, pattern: str) -> re.Match[str]:
    """The statement matched as a whole; SYNTAX_ERROR when it has another shape."""
    found = re.fullmatch(pattern, sql.strip(), re.IGNORECASE | re.DOTALL)
    if found is None:
        words = " ".join(sql.split()[:3])
        raise QueryError(f"SYNTAX_ERROR: line 1:1: cannot recognize input near '{words}'")
    return found
