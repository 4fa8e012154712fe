"""Which kind of statement this is, and who runs it."""

from __future__ import annotations

import re
from collections.abc import Callable

from localcloud.athena.sql import query
from localcloud.athena.sql.errors import QueryError, unsupported
from localcloud.athena.sql.session import Result, Session
from localcloud.athena.sql.statements import (
    databases,
    external_tables,
    partitions,
    prepared,
    shapes,
    show,
    write,
)
from localcloud.athena.sql.statements.comments import blanked, without_texts
from localcloud.athena.sql.statements.shapes import QUERY
from localcloud.athena.sql.trino import positions
from localcloud.athena.sql.trino.syntax import parse

Runner = Callable[[Session, str], Result]

KNOWN_WORDS = (
    "alter", "analyze", "call", "create", "deallocate", "delete", "drop", "execute", "grant", "merge",
    "optimize", "prepare", "revoke", "show", "update", "vacuum",
)  # fmt: skip
A_QUERY = "Expecting: '(', 'SELECT', 'TABLE', 'VALUES', 'WITH'"
NO_QUERY = re.compile(
    r"create\s+table\s(?:(?!\bstored\s+as\b).)*?[\s\"`)]as\s+(\w+)", re.IGNORECASE | re.DOTALL
)


def _execute(session: Session, sql: str) -> Result:
    """EXECUTE: the statement that was prepared, by its own kind."""
    statement = strip(prepared.executed(session, sql))
    session.sql = statement
    return classify(statement)[2](session, statement)


KINDS: list[tuple[str, str, str, Runner]] = [
    (QUERY, "DML", "SELECT", query.run_select),
    (r"insert\s+into\b", "DML", "INSERT", write.insert),
    (r"unload\b", "DML", "UNLOAD", write.unload),
    (r"execute\b", "DML", "SELECT", _execute),
    (r"prepare\b", "DDL", "PREPARE", prepared.prepare_statement),
    (r"deallocate\s+prepare\b", "DDL", "DEALLOCATE_PREPARE", prepared.deallocate),
    (r"explain\b", "UTILITY", "EXPLAIN", show.explain),
    (rf"create\s+table\b(?=.*\bas\b\s*{QUERY})", "DDL", "CREATE_TABLE_AS_SELECT", write.create_table_as),
    (r"create\s+(or\s+replace\s+)?view\b", "DDL", "CREATE_VIEW", databases.create_view),
    (r"create\s+external\s+table\b", "DDL", "CREATE_TABLE", external_tables.create_external_table),
    (r"create\s+(database|schema)\b", "DDL", "CREATE_DATABASE", databases.create_database),
    (r"drop\s+(database|schema)\b", "DDL", "DROP_DATABASE", databases.drop_database),
    (r"drop\s+table\b", "DDL", "DROP_TABLE", databases.drop_table),
    (r"drop\s+view\b", "DDL", "DROP_VIEW", databases.drop_view),
    (r"show\s+(databases|schemas)\b", "UTILITY", "SHOW_DATABASES", show.show_databases),
    (r"show\s+tables\b", "UTILITY", "SHOW_TABLES", show.show_tables),
    (r"show\s+views\b", "UTILITY", "SHOW_VIEWS", show.show_views),
    (r"show\s+columns\b", "UTILITY", "SHOW_COLUMNS", show.show_columns),
    (r"show\s+partitions\b", "UTILITY", "SHOW_PARTITIONS", show.show_partitions),
    (r"show\s+create\s+(table|view)\b", "UTILITY", "SHOW_CREATE_TABLE", show.show_create),
    (r"show\s+tblproperties\b", "UTILITY", "SHOW_TBLPROPERTIES", show.show_properties),
    (r"desc(ribe)?\b", "UTILITY", "DESCRIBE_TABLE", show.describe),
    (r"msck\s+repair\s+table\b", "DDL", "MSCK_REPAIR_TABLE", partitions.repair),
    (r"alter\s+table\b", "DDL", "ALTER_TABLE", partitions.alter_table),
]  # fmt: skip
INSIDE: dict[Runner, str] = {
    write.insert: shapes.INSERT,
    write.unload: shapes.UNLOAD,
    write.create_table_as: shapes.CREATE_TABLE_AS,
    databases.create_view: shapes.CREATE_VIEW,
    show.explain: shapes.EXPLAIN,
    prepared.prepare_statement: shapes.PREPARE,
}
OF_STATEMENTS = (show.explain, prepared.prepare_statement)


def strip(sql: str) -> str:
    """The statement without comments, blanks around it and semicolons behind."""
    return blanked(sql).strip().rstrip("; \n\t\r")


def classify(sql: str) -> tuple[str, str, Runner]:
    """StatementType, SubstatementType and the function that runs the statement."""
    text = without_texts(strip(sql))
    for pattern, kind, detail, runner in KINDS:
        if re.match(pattern, text, re.IGNORECASE | re.DOTALL):
            return kind, detail, runner
    return "UTILITY", "", _refuse


def malformed(sql: str) -> str:
    """What Athena's parser says of a statement, for which it takes the request for one back; or nothing.

    It reads queries, also those inside of other statements, and what it does not know at all. Hive's
    parser reads its DDL later, while the statement runs.
    """
    try:
        _read(strip(sql))
    except QueryError as error:
        found = error.message.removeprefix("SYNTAX_ERROR: ")
        of_a_type = "Expected TYPE" in found  # to sqlglot, not to Trino
        return "" if of_a_type or found == error.message else found
    return ""


def _read(text: str, before: str = "") -> None:
    """Read a statement that stands behind `before`, which is blank, and all that is inside of it."""
    runner = classify(text)[2]
    if runner is query.run_select:
        parse(before + text)
    elif runner is _refuse:
        raise _unknown(text, before)
    shape = INSIDE.get(runner)
    found = re.fullmatch(shape, text, re.IGNORECASE | re.DOTALL) if shape else None
    if found is None:
        return
    inner = found["query"].strip()
    before += re.sub(r"[^\n]", " ", text[: text.index(inner, found.start("query"))])
    if runner not in OF_STATEMENTS and not re.match(QUERY, inner, re.IGNORECASE):
        raise _mismatched(before + inner, len(before), A_QUERY)
    _read(inner, before)


def _refuse(_session: Session, sql: str) -> Result:
    raise _unknown(strip(sql))


def _mismatched(text: str, start: int, expected: str) -> QueryError:
    word = re.match(r"\w+|\S", text[start:])
    said = f"mismatched input '{word[0] if word else '<EOF>'}'. {expected}"
    return QueryError(f"SYNTAX_ERROR: {positions.place(text, start)}: {said}")


def _unknown(text: str, before: str = "") -> QueryError:
    words = text.split()
    no_query = NO_QUERY.match(without_texts(text))
    if no_query and NO_QUERY.match(without_texts(text, of_hive=True)):
        return _mismatched(before + text, len(before) + no_query.start(1), A_QUERY)
    if words and (words[0].lower() in KNOWN_WORDS or re.match(r"using\s+external\b", text, re.IGNORECASE)):
        hint = (
            "only tables of Iceberg are made so" if re.match(r"create\s+table\b", text, re.IGNORECASE) else ""
        )
        return unsupported(f"the statement {' '.join(words[:2]).upper()}", hint)
    return _mismatched(before + text, len(before), "Expecting: 'ALTER', 'CREATE', 'DESCRIBE', 'DROP', "
                       "'EXPLAIN', 'INSERT', 'MSCK', 'SELECT', 'SHOW', 'WITH'")  # fmt: skip
