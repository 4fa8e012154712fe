"""Rows that are read and rows that are published to the rows of the table: of each key the newest.

One shuffle: the rows of a partition end in one task, sorted, and so in one file.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812 - the name that every Spark code base uses

from ingestion.description import DataSet
from ingestion.read import rows

CHANGE = "_change"  # how a row compares with the published table: one of the eight below
NEW = "new"
RESTATED = "restated"
UNCHANGED = "unchanged"
DUPLICATE = "duplicate"  # a row that lost to another of its key
STANDING = "standing"  # a published row that stays, because nothing newer was read
REMOVED = "removed"  # a published row whose key is gone
SUPERSEDED = "superseded"  # a published row that is restated
STILL = "still"  # a published row that comes again as it was
READ = (NEW, RESTATED, UNCHANGED)
KEPT = (*READ, STANDING)
MICROSECONDS = "yyyy-MM-dd HH:mm:ss.SSSSSS"

_PUBLISHED = "_published"
_CONTENT = "_content"
_KEY = "_key"
_RANK = "_rank"
_WINNER = "_winner"
_BEFORE = "_before"


def merge(candidates: DataFrame, published: DataFrame | None, dataset: DataSet, standing: bool) -> DataFrame:
    """Every row of both with its CHANGE.

    Both have the table's columns and PARTITION; candidates also have the PLACE where they were read.

    With `standing`, a published row counts as older than any candidate. Without, the table is made of the
    candidates alone, and a published row without a candidate is REMOVED.
    """
    columns = [*dataset.table_columns, rows.PARTITION]
    carried = candidates.select(*columns, *rows.PLACE, F.lit(False).alias(_PUBLISHED))
    if published is not None:
        nowhere = [F.lit(None).alias(name) for name in rows.PLACE]
        carried = carried.union(published.select(*columns, *nowhere, F.lit(True).alias(_PUBLISHED)))
    hashes = [F.xxhash64(*dataset.key_columns).alias(_KEY), _content(dataset).alias(_CONTENT)]
    hashed = carried.repartition(rows.PARTITION).select("*", *hashes)
    group = Window.partitionBy(rows.PARTITION, _KEY, *dataset.key_columns)
    ordered = group.orderBy(*_newest_first(dataset, standing))
    rank = F.row_number().over(ordered).alias(_RANK)
    if published is None:
        return hashed.select("*", rank).withColumn(
            CHANGE, F.when(F.col(_RANK) == 1, NEW).otherwise(DUPLICATE)
        )
    whole = ordered.rowsBetween(Window.unboundedPreceding, Window.unboundedFollowing)
    winner = F.first(F.when(~F.col(_PUBLISHED), F.col(_CONTENT))).over(whole).alias(_WINNER)
    before = F.max(F.when(F.col(_PUBLISHED), F.col(_CONTENT))).over(whole).alias(_BEFORE)
    return hashed.select("*", rank, winner, before).withColumn(CHANGE, _change(standing))


def _content(dataset: DataSet) -> Column:
    """A hash of the whole row. Spark's passes over NULL and over empty arrays, and takes no maps."""
    hashed: list[Column] = []
    for column in dataset.columns:
        value = F.col(column.table_name)
        if column.is_nested:
            value = F.to_json(value, {"timestampFormat": MICROSECONDS})
        hashed += [value.isNull(), value]
    return F.xxhash64(*hashed)


def _newest_first(dataset: DataSet, standing: bool) -> list[Column]:
    version = [F.desc_nulls_last(dataset.column(dataset.version).table_name)] if dataset.version else []
    published = [F.asc(_PUBLISHED)]
    first = [*version, *published] if standing else [*published, *version]
    return [*first, *map(F.desc, rows.PLACE)]


def _change(standing: bool) -> Column:
    """Each key has a winner and a published row; if they are the same row, WINNER is NULL."""
    same = F.col(_WINNER) == F.col(_BEFORE)
    alone = STANDING if standing else REMOVED
    of_published = F.when(F.col(_WINNER).isNull(), alone).when(same, STILL).otherwise(SUPERSEDED)
    of_winner = F.when(F.col(_BEFORE).isNull(), NEW).when(same, UNCHANGED).otherwise(RESTATED)
    return F.when(F.col(_PUBLISHED), of_published).when(F.col(_RANK) == 1, of_winner).otherwise(DUPLICATE)
