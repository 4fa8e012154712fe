"""Handle for tools that check a query of Athena before it runs, without a cloud and without data."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from localcloud.athena.sql.errors import QueryError
from localcloud.athena.sql.trino.context import Context, Source
from localcloud.athena.sql.trino.translate import parse, translate
from localcloud.athena.sql.trino.types import from_hive
from localcloud.errors import LocalCloudError
from localcloud.glue.catalog.types import parse as parse_type


class RefusedQueryError(LocalCloudError):
    """What Athena, or this cloud, would say of the query: the class of the error, its place, and why."""


def check_query(sql: str, tables: Mapping[str, Mapping[str, str]]) -> list[tuple[str, str]]:
    """The columns of a query's answer with Trino's types; raises `RefusedQueryError`.

    `tables` says of each table the types of its columns, spelled as in the Glue Data Catalog.
    """

    def bind(table: exp.Table, where: str) -> Source:
        columns = tables.get(table.name.lower())
        if columns is None:
            raise QueryError(f"TABLE_NOT_FOUND: {where}: Table '{table.name}' does not exist")
        return Source(
            table.name, [(name.lower(), from_hive(parse_type(kind))) for name, kind in columns.items()]
        )

    statement = sql.strip().rstrip(";")
    try:
        made = translate(parse(statement), Context(statement, bind))
    except QueryError as error:
        raise RefusedQueryError(error.message) from error
    return [(one.name or f"_col{at}", str(one.kind)) for at, one in enumerate(made.outputs)]
