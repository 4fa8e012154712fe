"""Lines of the source to rows of the table: pure steps from DataFrame to DataFrame.

Columns whose name begins with an underscore travel with a row and never reach the table.
"""

from __future__ import annotations

import operator
from collections.abc import Collection, Iterator
from functools import reduce

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812 - the name that every Spark code base uses

from ingestion.dataset import DataSet

RAW = "_raw"  # the line as it was read
OBJECT = "_object"  # the key of the object that it was read from
REASON = "_reason"  # why the row is rejected; NULL for a good row
OUTCOME = "_outcome"  # what becomes of the row: one of the four below

ACCEPTED = "accepted"
REJECTED = "rejected"
FILTERED_OUT = "filtered_out"
ELSEWHERE = "elsewhere"  # of a partition that this run leaves alone, read only because its object had to be

_CORRUPT = "_corrupt"
_RECORD = "_record"
_TIE = "_tie"
_RANK = "_rank"


def lines(text: DataFrame) -> DataFrame:
    """The lines that are not blank, each with its object, from Spark's `value` and `file_path`."""
    key = F.regexp_replace("file_path", "^[^:]+://[^/]+/", "")
    decoded = F.url_decode(F.replace(key, F.lit("+"), F.lit("%2B")))  # the path is a URI, where + is a plus
    return text.where(F.col("value").rlike(r"\S")).select(F.col("value").alias(RAW), decoded.alias(OBJECT))


def parse(raw: DataFrame, dataset: DataSet) -> DataFrame:
    """Read each line by the explicit schema: adds the table's columns, its partition and REASON."""
    schema = ", ".join(f"`{column.name}` {column.source_type}" for column in dataset.columns)
    options = {"mode": "PERMISSIVE", "columnNameOfCorruptRecord": _CORRUPT}
    record = F.from_json(RAW, f"{schema}, {_CORRUPT} string", options)
    typed = [
        _typed(dataset, name).alias(name.lower()) for name in (column.name for column in dataset.columns)
    ]
    month = F.date_format(dataset.partition.field.lower(), dataset.partition.pattern)
    return (
        raw.withColumn(_RECORD, record)
        .select(RAW, OBJECT, _RECORD, *typed)
        .withColumn(dataset.partition.name, month)
        .withColumn(REASON, F.coalesce(*_reasons(dataset)))
        .drop(_RECORD)
    )


def _field(name: str) -> Column:
    return F.col(_RECORD).getField(name)


def _typed(dataset: DataSet, name: str) -> Column:
    return F.to_date(_field(name), "yyyy-MM-dd") if dataset.column(name).type == "date" else _field(name)


def _reasons(dataset: DataSet) -> Iterator[Column]:
    """Each is NULL for a row that it has nothing against."""
    corrupt = _field(_CORRUPT).isNotNull()
    is_json = F.get_json_object(RAW, "$").isNotNull()
    yield F.when(corrupt & is_json, "wrong_type").when(corrupt, "malformed_json")
    # Spark reads the first JSON value of a line and says nothing of what follows it.
    yield F.when(F.col(RAW).rlike(r"\}\s*\{") | ~F.col(RAW).rlike(r"\}\s*$"), "malformed_json")
    for name in dataset.key:
        text = _field(name).cast("string")
        yield F.when(text.isNull() | ~text.rlike(r"\S"), f"missing_{name.lower()}")
    for column in dataset.columns:
        if column.type == "date":
            unreadable = _field(column.name).isNotNull() & F.col(column.table_name).isNull()
            yield F.when(unreadable, f"bad_{column.table_name}")
    for expectation in dataset.expectations:
        yield F.when(~F.expr(expectation.condition), expectation.reason)


def judge(
    parsed: DataFrame,
    dataset: DataSet,
    areas: Collection[str] = (),
    *,
    partitions: Collection[str] | None = None,
    fresh: Collection[str] = (),
) -> DataFrame:
    """Add OUTCOME: reject what has a REASON, filter out other areas than the given ones (lower case).

    Where `partitions` is given only these are rebuilt: rows of the others are ELSEWHERE, and so is whatever
    an object that is not `fresh` had rejected or filtered out before.
    """
    outcome = F.when(F.col(REASON).isNotNull(), REJECTED)
    if areas:
        outcome = outcome.when(~wanted(dataset, areas), FILTERED_OUT)
    outcome = outcome.otherwise(ACCEPTED)
    if partitions is not None:
        rebuilt = (outcome == ACCEPTED) & F.col(dataset.partition.name).isin(list(partitions))
        outcome = F.when(rebuilt | F.col(OBJECT).isin(list(fresh)), outcome).otherwise(ELSEWHERE)
    return parsed.withColumn(OUTCOME, outcome)


def wanted(dataset: DataSet, areas: Collection[str]) -> Column:
    """Whether any subset field of a row is one of the areas; letter case and outer blanks do not count."""
    matches = (F.coalesce(area(name).isin(list(areas)), F.lit(False)) for name in dataset.subset)
    return reduce(operator.or_, matches, F.lit(False))


def area(name: str) -> Column:
    return F.lower(F.trim(name.lower()))


def newest(judged: DataFrame, dataset: DataSet) -> DataFrame:
    """Of the accepted rows the newest of each key, one shuffle: a partition's rows end in one task, sorted.

    Newest is the row of the object whose key sorts last. Where one object repeats a key the choice is
    arbitrary, but always the same.
    """
    name = dataset.partition.name
    key = [field.lower() for field in (dataset.partition.field, *dataset.key)]
    order = Window.partitionBy(name, *dict.fromkeys(key)).orderBy(F.desc(OBJECT), F.desc(_TIE))
    table_columns = [column.table_name for column in dataset.columns]
    accepted = judged.where(F.col(OUTCOME) == ACCEPTED)
    carried = accepted.select(*table_columns, name, OBJECT, F.xxhash64(RAW).alias(_TIE))
    ranked = carried.repartition(name).withColumn(_RANK, F.row_number().over(order)).where(f"{_RANK} = 1")
    return ranked.select(*table_columns, name)


def quarantined(judged: DataFrame, bucket: str) -> DataFrame:
    """What the quarantine keeps of a rejected row: `reason`, `source_object` and the line as `raw`."""
    rejected = judged.where(F.col(OUTCOME) == REJECTED)
    source_object = F.concat(F.lit(f"s3://{bucket}/"), F.col(OBJECT))
    return rejected.select(
        F.col(REASON).alias("reason"), source_object.alias("source_object"), F.col(RAW).alias("raw")
    )
