"""`python -m localcloud.athena.sql.trino.function_table`: which function of Trino's is handled by whom.

It prints `function_table.md`. Each name is asked: sqlglot parses a call of it, and the rewriters and DuckDB
take or refuse the result.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from typing import NamedTuple

import duckdb
import sqlglot
from sqlglot import exp
from sqlglot.dialects.athena import Athena
from sqlglot.errors import SqlglotError

from localcloud.athena.sql.errors import QueryError
from localcloud.athena.sql.trino.functions import TRINO_FUNCTIONS
from localcloud.athena.sql.trino.macros import MACROS
from localcloud.athena.sql.trino.rewriters import FUNCTIONS, NODES
from localcloud.athena.sql.trino.translate import to_duckdb_sql

SQLGLOT, REWRITER, MACRO, DUCKDB, REFUSED = "sqlglot", "rewriter", "macro", "DuckDB as it is", "refused"
HEADING = """\
# Trino's functions, and who handles each

Made by `python -m localcloud.athena.sql.trino.function_table`; a test holds that it is current.

- sqlglot: it translates the call into what the last column shows. `date_format` and `date_parse`, which take
  MySQL's patterns, are among these. The patterns of `format_datetime` and `parse_datetime` are Joda's:
  `date_patterns.py` translates them.
- rewriter: a function of ours, named in the last column, where sqlglot does not know the function of Trino's
  or its translation has another meaning.
- macro: DuckDB runs our macro of this name in `macros.py`.
- DuckDB as it is: DuckDB has a function of this name.
- refused: the query fails with NOT_SUPPORTED, and names the function.
"""
_ARGUMENTS = (
    "", "x", "x, y", "x, y, z", "x, y, z, w", "'a', y", "y, 'a'", "'a', y, z", "'day', y, z", "x, e -> e",
)  # fmt: skip
_CALLS = {
    "concat": "concat(x, y)",
    "greatest": "greatest(x, y)",
    "least": "least(x, y)",
    "log10": "log10(x)",
    "log2": "log2(x)",
    "row": "row(x, y)",
    "cast": "cast(x AS date)",
    "try_cast": "try_cast(x AS date)",
    "extract": "extract(year FROM x)",
    "exists": "exists(SELECT 1)",
}
_CALLS |= {name: name for name in ("current_date", "current_time", "current_timestamp", "current_user")}
_CALLS |= {name: name for name in ("localtime", "localtimestamp")}


class Row(NamedTuple):
    """Who handles a function; of sqlglot the call that DuckDB receives, of a rewriter its name."""

    name: str
    handler: str
    becomes: str = ""


class _Asked(NamedTuple):
    call: str
    sql: str
    complaint: str


@functools.cache
def rows() -> list[Row]:
    """The table: one row for each name in `TRINO_FUNCTIONS`."""
    connection = duckdb.connect()
    connection.execute(MACROS + "CREATE VIEW one AS SELECT 1 AS x, 1 AS y, 1 AS z, 1 AS w")
    found = connection.execute("SELECT function_name FROM duckdb_functions() WHERE NOT internal").fetchall()
    macros = {name for (name,) in found}
    return [_row(connection, name, macros) for name in sorted(TRINO_FUNCTIONS)]


def _row(connection: duckdb.DuckDBPyConnection, name: str, macros: set[str]) -> Row:
    if rewriter := _rewriter(name):
        return Row(name, REWRITER, rewriter)
    known = [asked for asked in _ask(connection, name) if "does not exist" not in asked.complaint]
    if not known:
        return Row(name, REFUSED)
    best = next((asked for asked in known if not asked.complaint), known[0])
    if best.sql.lower() != best.call.lower():
        return Row(name, SQLGLOT, best.sql)
    return Row(name, MACRO if name in macros else DUCKDB)


def _rewriter(name: str) -> str:
    """The function of ours that rewrites a call, by its name or by the node that sqlglot makes of it."""
    if found := FUNCTIONS.get(name):
        return _place(found)
    by_type = {_place(NODES[type(tree)]) for _, tree in _calls(name) if type(tree) in NODES}
    return ", ".join(sorted(by_type))


def _place(function: Callable[..., object]) -> str:
    return f"{function.__module__.rpartition('.')[2]}.{function.__name__}"


def _calls(name: str) -> Iterator[tuple[str, exp.Expression]]:
    for call in [_CALLS[name]] if name in _CALLS else [f"{name}({one})" for one in _ARGUMENTS]:
        try:
            yield call, sqlglot.parse_one(f"SELECT {call}", read=Athena).selects[0]
        except SqlglotError:
            continue


def _ask(connection: duckdb.DuckDBPyConnection, name: str) -> Iterator[_Asked]:
    """What DuckDB says to calls of the function, until it takes one."""
    for call, tree in _calls(name):
        try:
            sql = to_duckdb_sql(tree.copy(), set())
        except (SqlglotError, QueryError):  # not arguments that the function takes, or refused with them
            continue
        try:
            connection.execute(f"DESCRIBE SELECT {sql} FROM one")  # noqa: S608
            yield _Asked(call, sql, "")
            return
        except duckdb.Error as error:
            yield _Asked(call, sql, str(error))


def table() -> str:
    """The rows as Markdown."""
    lines = [f"| `{name}` | {handler} | {_cell(becomes)} |" for name, handler, becomes in rows()]
    return "\n".join([HEADING, "| function | handled by | as |", "|---|---|---|", *lines])


def _cell(text: str) -> str:
    return f"`{text.replace('|', chr(92) + '|')}`" if text else ""


if __name__ == "__main__":
    sys.stdout.write(f"{table()}\n")
