"""Trino's SQL on one engine in the process: no cloud, no catalog, four small tables."""

from __future__ import annotations

import itertools

import duckdb
from sqlglot import exp

from localcloud.athena.sql.errors import QueryError
from localcloud.athena.sql.trino import types
from localcloud.athena.sql.trino.context import Context, Source, register
from localcloud.athena.sql.trino.failures import explain_failure
from localcloud.athena.sql.trino.macros import prepare_engine
from localcloud.athena.sql.trino.syntax import parse
from localcloud.athena.sql.trino.text_values import fetched, writer
from localcloud.athena.sql.trino.translate import translate

TABLES = {
    "orders": (
        "id bigint, small smallint, n integer, amount double, rate real, price decimal(10,2), note varchar, "
        "code varchar(3), day date, at timestamp(3), ok boolean, data varbinary, tags array(varchar), "
        "attrs map(varchar, integer), item row(name varchar, size integer), doc json, dt varchar"
    ),
    "people": "id bigint, name varchar, born date",
    "empty": "id bigint, name varchar",
    "parts": "dt varchar, n integer, data array(row(age varchar, value bigint))",
}
ROWS = {
    "orders": [
        (
            "1, 1, 10, 1.5, 0.5, 9.50, 'a', 'abc', DATE '2020-01-31', TIMESTAMP '2020-01-31 10:00:00', true, "
            "'x'::BLOB, ['p', 'q'], map {'k': 1}, {'name': 'pen', 'size': 3}, '{\"a\":1}', '2020-01-31'"
        ),
        (
            "2, 2, 20, 2.5, 1.5, 0.05, 'b', 'de', DATE '2020-02-29', TIMESTAMP '2020-02-29 11:30:00', false, "
            "'yz'::BLOB, ['p'], map {'k': 2, 'm': 5}, {'name': 'cup', 'size': 5}, '{\"a\":2}', '2020-02-29'"
        ),
        (
            "3, 3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,"
            " '2020-03-01'"
        ),
    ],
    "people": ["1, 'ann', DATE '1990-05-01'", "2, 'bob', DATE '1991-06-02'"],
    "empty": [],
    "parts": ["'2022-01', 1, [{'age': '0-9', 'value': 5}, {'age': '10+', 'value': 7}]"],
}


def columns_of(table: str) -> list[tuple[str, types.Type]]:
    kind = types.parse_type(f"row({TABLES[table]})")
    assert kind is not None
    return list(zip(kind.fields, kind.parts, strict=True))


class Engine:
    """One DuckDB for many statements."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.names = itertools.count()
        prepare_engine(self.connection)
        for table, rows in ROWS.items():
            shape = ", ".join(f'"{name}" {types.to_duckdb(kind)}' for name, kind in columns_of(table))
            self.connection.execute(f"CREATE TABLE {table} ({shape})")
            for row in rows:
                self.connection.execute(f"INSERT INTO {table} VALUES ({row})")  # noqa: S608

    def bind(self, table: exp.Table, where: str) -> Source:
        if table.name.lower() not in TABLES:
            raise QueryError(
                f"TABLE_NOT_FOUND: {where}: Table 'awsdatacatalog.shop.{table.name}' does not exist"
            )
        return Source(table.name.lower(), columns_of(table.name.lower()))

    def query(self, sql: str) -> list[list[str | None]]:
        """The rows as Athena writes them."""
        context = Context(sql, self.bind, "shop", names=self.names)
        made = translate(parse(sql), context)
        register(self.connection, context)
        shown = ", ".join(fetched(f"c{at}", one.kind) for at, one in enumerate(made.outputs))
        writers = [writer(one.kind) for one in made.outputs]
        try:
            rows = self.connection.execute(f"SELECT {shown} FROM ({made.sql}) q").fetchall()  # noqa: S608
        except duckdb.Error as error:
            raise explain_failure(sql, str(error)) from error
        return [[write(value) for write, value in zip(writers, row, strict=True)] for row in rows]

    def types(self, sql: str) -> list[str]:
        """The types of the columns that a query has."""
        return [str(one.kind) for one in translate(parse(sql), Context(sql, self.bind, "shop")).outputs]
