"""Where the values of a table or a column come from, and what in the project uses them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from covidlake.base.errors import DataSetError
from covidlake.base.nearest import unknown
from covidlake.dataset import descriptions, table_lineage

if TYPE_CHECKING:
    from ingestion.description import DataSet
    from ingestion.lineage.columns import Origin

COLUMNS = ["table", "column", "made of", "how", "used by"]


def of(name: str) -> list[list[str | None]]:
    """Rows of COLUMNS for `TABLE` or `TABLE.COLUMN`; raises `DataSetError` if no description has it."""
    from ingestion.lineage import columns

    table, _, column = name.partition(".")
    if table in table_lineage.names():
        return table_lineage.of(table, column)
    dataset = _data_set(table)
    found = [one for one in columns.of(dataset) if one.table == table]
    chosen = [one for one in found if column in ("", one.column)]
    if not chosen:
        raise DataSetError(unknown(f"column of {table}", column, [one.column for one in found]))
    return [_row(dataset, one) for one in chosen]


def _data_set(table: str) -> DataSet:
    described = [descriptions.load(name) for name in descriptions.names()]
    tables = {name: dataset for dataset in described for name in dataset.tables}
    if table not in tables:
        raise DataSetError(unknown("table", table, sorted([*tables, *table_lineage.names()])))
    dataset = tables[table]
    if table == f"{dataset.name}_quarantine":
        raise DataSetError(
            f"table {table} holds lines as they were read, with the reason and the object: ask for "
            f"{dataset.name} instead"
        )
    return dataset


def _row(dataset: DataSet, one: Origin) -> list[str | None]:
    fields = ", ".join(one.fields)
    made_of = f"{dataset.source.prefix}: {fields}" if fields else "the run"
    return [one.table, one.column, made_of, one.how, ", ".join(_uses(dataset, one)) or None]


def _uses(dataset: DataSet, one: Origin) -> Iterator[str]:
    """By what names the column: what is written about other tables may have a column of the same name."""
    if one.table == dataset.name and one.column in dataset.key_columns:
        yield "key"
    word = re.compile(rf"\b{re.escape(one.column)}\b", re.IGNORECASE)
    if one.table == dataset.name:
        for rule in (*dataset.expectations, *dataset.rules):
            if word.search(str(list(asdict(rule).values()))):
                yield f"rule {rule.name}"
    named = re.compile(rf"\b{one.table}\b", re.IGNORECASE)
    for query in dataset.queries:
        if named.search(query.sql) and word.search(query.sql):
            yield f"query {query.title}"
    for chart in dataset.charts:
        if named.search(chart.query) and word.search(chart.query):
            yield f"chart {chart.title}"
