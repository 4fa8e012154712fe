"""Fill the sample database: in one transaction, and only where it is not filled."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from covidlake.base.errors import SourceError
from covidlake.base.nearest import instead
from covidlake.laptop.database import cdnow
from covidlake.laptop.database.made import Shop

if TYPE_CHECKING:
    import psycopg

    from covidlake.laptop.database.access import Access

SCHEMA = Path(__file__).with_name("schema.sql")
SAMPLE, CDNOW = "sample", "cdnow"
SOURCES = (SAMPLE, CDNOW)
SCHEMAS = ("crm", "sales")
MARK = "covidlake: "  # begins the comment on the schema that says what filled it
LOCK = 7_230_116  # of two who fill at once, one waits and finds it filled
CHUNK_ROWS = 20_000


class Source(Protocol):
    """Rows for the tables of the schema, as COPY reads them."""

    @property
    def TABLES(self) -> Sequence[str]: ...  # noqa: N802 - a constant of the sources

    @property
    def COLUMNS(self) -> Mapping[str, str]: ...  # noqa: N802

    def lines(self, table: str) -> Iterator[str]: ...


def check(source: str | None) -> None:
    """Raise `SourceError` for a source that is none, or that is not installed."""
    if source not in (None, *SOURCES):
        raise SourceError(f"SOURCE={source}: no such source of the database: {instead(str(source), SOURCES)}")
    if source == CDNOW:
        cdnow.file()


def fill(access: Access, source: str | None, factor: float = 1.0) -> str:
    """Fill the database, and say with what. Without a source a filled one stays as it is.

    One that another source has filled is emptied first. Raises `SourceError` where it holds tables that are
    not ours.
    """
    wanted = f"{source or SAMPLE}, factor {factor:g}"
    with access.connect() as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        there = _mark(connection)
        if there and (source is None or there == wanted):
            return f"as it was: {there}"
        started = time.perf_counter()
        if there:
            connection.execute("DROP SCHEMA crm, sales CASCADE")
        counted = _fill(connection, _source(source or SAMPLE, factor), wanted)
    with access.connect() as connection:
        connection.autocommit = True
        connection.execute("ANALYZE")
    seconds = time.perf_counter() - started
    return f"{wanted}: {', '.join(counted)}, {seconds:.1f} s"


def _source(name: str, factor: float) -> Source:
    return cdnow.Purchases() if name == CDNOW else Shop(factor)


def _mark(connection: psycopg.Connection) -> str:
    """What filled the database; empty where nothing did. Raises `SourceError` for somebody else's schemas."""
    found = connection.execute(
        "SELECT nspname, obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = ANY(%s)",
        [list(SCHEMAS)],
    ).fetchall()
    comments = {name: comment or "" for name, comment in found}
    for name, comment in comments.items():
        if not comment.startswith(MARK):
            raise SourceError(
                f"schema {name} is there and was not made by covidlake: leave it out, or give --database"
            )
    return comments.get("crm", "").removeprefix(MARK)


def _fill(connection: psycopg.Connection, source: Source, wanted: str) -> list[str]:
    from psycopg import sql

    connection.execute(SCHEMA.read_bytes())
    counted = []
    for table in source.TABLES:
        columns = sql.SQL(", ").join(map(sql.Identifier, source.COLUMNS[table].split(", ")))
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(*table.split(".")), columns)
        with connection.cursor() as cursor:
            with cursor.copy(statement) as copy:
                for chunk in _chunks(source.lines(table)):
                    copy.write(chunk)
            counted.append(f"{cursor.rowcount:,} {table.partition('.')[2].replace('_', ' ')}")
    for table, key in (("orders", "order_id"), ("refunds", "refund_id")):
        connection.execute(
            sql.SQL("SELECT setval(pg_get_serial_sequence({}, {}), max({}) + 1, false) FROM {}").format(
                f"sales.{table}", key, sql.Identifier(key), sql.Identifier("sales", table)
            )
        )
    for schema in SCHEMAS:
        connection.execute(
            sql.SQL("COMMENT ON SCHEMA {} IS {}").format(sql.Identifier(schema), f"{MARK}{wanted}")
        )
    return counted


def _chunks(lines: Iterable[str]) -> Iterator[bytes]:
    """Many rows at once: a call for each row would take longer than the rows."""
    held: list[str] = []
    for line in lines:
        held.append(line)
        if len(held) == CHUNK_ROWS:
            yield ("\n".join(held) + "\n").encode()
            held = []
    if held:
        yield ("\n".join(held) + "\n").encode()
