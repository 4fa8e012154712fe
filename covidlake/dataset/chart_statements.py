"""The statements of charts: checked as named queries are, and for the columns that a chart draws."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from covidlake.base.errors import DataSetError
from covidlake.base.nearest import instead
from covidlake.dataset import statements

if TYPE_CHECKING:
    from ingestion.description import Chart, DataSet


def statement(dataset: DataSet, chart: Chart) -> str:
    """The statement whose answer a chart draws: that of the named query, or its own."""
    return next((named.sql for named in dataset.queries if named.title == chart.query), chart.query)


def check(
    dataset: DataSet,
    tables: Collection[str],
    here: str,
    columns: Mapping[str, Mapping[str, str]] | None = None,
) -> None:
    """Raise `DataSetError` with the first that is wrong in the charts of a data set."""
    for chart in dataset.charts:
        where, sql = f"{here}: chart {chart.title!r}", statement(dataset, chart)
        statements.check_query(sql, tables, where, columns)
        answered = _columns(sql)
        for name in (chart.x, *chart.y, *filter(None, [chart.series])):
            if answered and name not in answered:
                raise DataSetError(
                    f"{where} draws {name!r}, which its answer does not have: {instead(name, answered)}"
                )


def _columns(sql: str) -> list[str]:
    """The columns of the answer, as Athena names them; [] where a `*` leaves them open."""
    import sqlglot

    named = [name.lower() for name in sqlglot.parse_one(sql, read="athena").named_selects]
    return [] if "*" in named else named
