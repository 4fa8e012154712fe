"""The tables of the elements of the main table's arrays, one row for each element."""

from __future__ import annotations

import operator
from collections.abc import Collection, Iterator, Mapping
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812 - the name that every Spark code base uses

from ingestion.description import DataSet, Unnested
from ingestion.read import rows
from ingestion.state.places import Places
from ingestion.state.publish import Change
from ingestion.write import replacement
from ingestion.write.files import TableFiles


def count_staged(
    files: TableFiles, dataset: DataSet, places: Places
) -> tuple[dict[str, int], dict[str, dict[str, int]]]:
    """What is staged of the main table: the rows of each partition, and those that it gives to others."""
    staged = files.staged(places.main, dataset)
    sizes = []
    for described in dataset.unnested:
        arrays = [dataset.column(name).table_name for name in described.columns]
        size = reduce(operator.add, (F.greatest(F.size(name), F.lit(0)) for name in arrays))
        sizes.append(F.sum(size).alias(described.name))
    counted = staged.groupBy(rows.PARTITION).agg(F.count(F.lit(1)).alias("rows"), *sizes).collect()
    elements = {
        one.name: {row[rows.PARTITION]: row[one.name] for row in counted if row[one.name]}
        for one in dataset.unnested
    }
    return {row[rows.PARTITION]: row["rows"] for row in counted}, elements


class UnnestedTables:
    """Stages them, once the main table is staged."""

    def __init__(self, files: TableFiles, dataset: DataSet, places: Places) -> None:
        self._files = files
        self._dataset = dataset
        self._places = places

    def stage(self, changed: Collection[str], elements: Mapping[str, Mapping[str, int]]) -> Iterator[Change]:
        """The elements in the changed partitions; a partition that has none left is removed."""
        for described, table in zip(self._dataset.unnested, self._places.unnested, strict=True):
            found = elements.get(described.name, {})
            counts = {name: rows_ for name, rows_ in found.items() if name in changed}
            if counts:
                self._files.write(table, self._elements(self._staged(list(counts)), described))
            yield from replacement.of_side(self._files.storage, table, changed, counts)

    def _staged(self, partitions: list[str]) -> DataFrame:
        staged = self._files.staged(self._places.main, self._dataset)
        return staged.where(F.col(rows.PARTITION).isin(partitions))

    def _elements(self, table: DataFrame, described: Unnested) -> DataFrame:
        key = dict.fromkeys([*self._dataset.key, *described.carried])
        carried = [self._dataset.column(name).table_name for name in key]
        frames = []
        for name in described.columns:
            array = self._dataset.column(name).table_name
            label = F.lit(array).alias(described.label)
            frames.append(table.select(*carried, label, F.explode(array).alias("_element"), rows.PARTITION))
        unioned = reduce(DataFrame.union, frames)
        return unioned.select(*carried, described.label, "_element.*", rows.PARTITION).repartition(
            rows.PARTITION
        )
