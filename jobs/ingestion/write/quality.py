"""The rules of a table, judged by Spark on the partitions that a run has built; one job for all rules."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from dataclasses import replace
from functools import reduce
from typing import TypeVar

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812 - the name that every Spark code base uses

from ingestion.description import (
    REJECT,
    Complete,
    DataSet,
    Fresh,
    NonDecreasing,
    NotRound,
    SumOfParts,
    Unique,
)
from ingestion.description.rules import Result
from ingestion.read import rows
from ingestion.read.scan import Scan

EXAMPLE_LENGTH = 200
_Rule = TypeVar("_Rule")
_Key = TypeVar("_Key", bound=Hashable)


def of_rows(scan: Scan, dataset: DataSet) -> list[Result]:
    """What was rejected and why, and the expectations that all rows kept."""
    found: dict[str, tuple[int, str]] = {}
    for rejection in scan.rejections():
        count, example = found.get(rejection.reason, (0, str(rejection)))
        found[rejection.reason] = (count + rejection.rows, example)
    for expectation in dataset.expectations:
        if expectation.severity == REJECT:
            found.setdefault(expectation.name, (0, ""))
    return [Result(name, REJECT, count, example[:EXAMPLE_LENGTH]) for name, (count, example) in found.items()]


def of_objects(scan: Scan, dataset: DataSet) -> list[Result]:
    results = []
    for rule in dataset.rules:
        if isinstance(rule, NotRound):
            counts = scan.rows_of_objects()
            round_ = sorted(key for key, count in counts.items() if count and count % rule.multiple == 0)
            example = f"{round_[0]} has exactly {counts[round_[0]]} rows" if round_ else ""
            results.append(Result(rule.name, rule.severity, len(round_), example[:EXAMPLE_LENGTH]))
    return results


def newest_values(table: DataFrame, dataset: DataSet) -> dict[str, str]:
    """The newest value of each column that a rule `Fresh` names, as text."""
    columns = [rule.column for rule in dataset.rules if isinstance(rule, Fresh)]
    if not columns:
        return {}
    found = table.agg(*(F.max(name).cast("string") for name in columns)).first() or ()
    return {name: value for name, value in zip(columns, found, strict=True) if value}


def without_sums(dataset: DataSet) -> DataSet:
    return replace(dataset, rules=tuple(rule for rule in dataset.rules if not isinstance(rule, SumOfParts)))


def judges_tables(dataset: DataSet) -> bool:
    """Whether any rule needs the built partitions."""
    of_rows = any(expectation.severity != REJECT for expectation in dataset.expectations)
    return of_rows or any(not isinstance(rule, NotRound) for rule in dataset.rules)


def of_table(
    table: DataFrame, neighbours: DataFrame, built: Collection[str], dataset: DataSet
) -> list[Result]:
    """Judge the built partitions of the table, which has PARTITION.

    `neighbours` are the published partitions next to them, where running totals go on.
    """
    frames = list(_frames(table, neighbours, built, dataset))
    if not frames:
        return []
    found = {row["rule"]: row for row in reduce(DataFrame.union, frames).collect()}
    rules = [rule for rule in (*dataset.expectations, *dataset.rules) if rule.name in found]
    return [
        Result(
            rule.name, rule.severity, found[rule.name]["failures"], _shortened(found[rule.name]["example"])
        )
        for rule in rules
    ]


def _shortened(example: str | None) -> str:
    return (example or "")[:EXAMPLE_LENGTH]


def _frames(
    table: DataFrame, neighbours: DataFrame, built: Collection[str], dataset: DataSet
) -> Iterator[DataFrame]:
    """Rows of `rule`, `failures` and `example`; rules that need the same pass over the table share one."""
    watched = [rule for rule in dataset.expectations if rule.severity != REJECT]
    if watched:
        place = _values(dataset.key_columns)
        yield _summed(table, [(rule.name, ~F.expr(rule.condition), place) for rule in watched])
    for rule in dataset.rules:
        if isinstance(rule, Unique):
            counted = table.groupBy(*rule.columns).agg(F.count(F.lit(1)).alias("_rows"))
            yield _summed(counted, [(rule.name, F.col("_rows") > 1, _values(rule.columns))])
        elif isinstance(rule, Complete):
            yield _incomplete(rule, table)
    totals = [rule for rule in dataset.rules if isinstance(rule, NonDecreasing)]
    for (by, order), followed in _grouped(totals, lambda rule: (rule.by, rule.order)).items():
        around = table.unionByName(neighbours, allowMissingColumns=True)
        yield _decreases(followed, by, order, around, built)
    sums = [rule for rule in dataset.rules if isinstance(rule, SumOfParts)]
    for by, summed in _grouped(sums, lambda rule: rule.by).items():
        yield _sums(summed, by, table)


def _decreases(
    rules: Sequence[NonDecreasing],
    by: tuple[str, ...],
    order: str,
    table: DataFrame,
    built: Collection[str],
) -> DataFrame:
    """A row counts if it, or the one before it, is in a built partition; unknown values are skipped."""
    ordered = Window.partitionBy(*by).orderBy(order)
    earlier = ordered.rowsBetween(Window.unboundedPreceding, -1)
    columns = [rule.column for rule in rules]
    before = [F.last(column, ignorenulls=True).over(earlier).alias(f"_{column}") for column in columns]
    followed = table.select("*", F.lag(rows.PARTITION).over(ordered).alias("_where"), *before)
    ours = F.col(rows.PARTITION).isin(list(built)) | F.col("_where").isin(list(built))

    def change(column: str) -> Column:
        return F.concat(
            _values([*by, order]), F.lit(f": {column} "), F.col(f"_{column}"), F.lit(" -> "), F.col(column)
        )

    return _summed(
        followed,
        [
            (rule.name, ours & (F.col(rule.column) < F.col(f"_{rule.column}")), change(rule.column))
            for rule in rules
        ],
    )


def _sums(rules: Sequence[SumOfParts], by: tuple[str, ...], table: DataFrame) -> DataFrame:
    sums = [
        F.sum(F.when(F.expr(condition), F.col(rule.column))).alias(f"_{kind}{number}")
        for number, rule in enumerate(rules)
        for kind, condition in (("whole", rule.whole), ("parts", rule.parts))
    ]
    unknown = [
        F.count_if(F.expr(rule.parts) & F.col(rule.column).isNull()).alias(f"_unknown{number}")
        for number, rule in enumerate(rules)
    ]
    judged = []
    for number, rule in enumerate(rules):
        whole, parts = F.col(f"_whole{number}"), F.col(f"_parts{number}")
        broken = parts > whole if rule.at_most else (parts != whole) & (F.col(f"_unknown{number}") == 0)
        text = F.concat(_values(by), F.lit(": the parts are "), parts, F.lit(", the whole is "), whole)
        judged.append((rule.name, broken, text))
    return _summed(table.groupBy(*by).agg(*sums, *unknown), judged)


def _incomplete(rule: Complete, table: DataFrame) -> DataFrame:
    counted = table.groupBy(rule.period).agg(F.countDistinct(rule.members).alias("_members"))
    most = counted.agg(F.max("_members").alias("_most"))
    text = F.concat(
        _values([rule.period]), F.lit(": "), F.col("_members"), F.lit(" of "), F.col("_most"),
        F.lit(f" different {rule.members}"),
    )  # fmt: skip
    compared = counted.crossJoin(F.broadcast(most))
    return _summed(compared, [(rule.name, F.col("_members") < F.col("_most"), text)])


def _summed(frame: DataFrame, judged: Sequence[tuple[str, Column, Column]]) -> DataFrame:
    """One row for each rule: its name, how often its condition `broken` holds, and an example."""
    structs = [
        F.struct(
            F.lit(name).alias("rule"),
            F.count_if(broken).alias("failures"),
            F.min(F.when(broken, example)).alias("example"),
        )
        for name, broken, example in judged
    ]
    return frame.agg(F.explode(F.array(*structs)).alias("_found")).select("_found.*")


def _grouped(rules: Sequence[_Rule], key: Callable[[_Rule], _Key]) -> dict[_Key, list[_Rule]]:
    found: dict[_Key, list[_Rule]] = {}
    for rule in rules:
        found.setdefault(key(rule), []).append(rule)
    return found


def _values(columns: Sequence[str]) -> Column:
    return F.concat_ws(" ", *(F.coalesce(F.col(name).cast("string"), F.lit("-")) for name in columns))
