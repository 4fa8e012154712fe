"""How many customers have another segment than after the last run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812 - the name that every Spark code base uses

MOVES = 50  # the most frequent ones that a record names


@dataclass(frozen=True)
class Drift:
    """`share` is None where no customer was there in both runs. `moves` are {from, to, customers}."""

    share: float | None = None
    moves: tuple[dict[str, Any], ...] = ()


def drift(before: DataFrame | None, now: DataFrame) -> Drift:
    """By the names of segments: numbers mean another thing where there are more or fewer of them."""
    if before is None:
        return Drift()
    names = before.select("customer_id", F.col("segment_name").alias("_from"))
    both = now.select("customer_id", F.col("segment_name").alias("_to")).join(names, "customer_id")
    counted = {(row[0], row[1]): int(row[2]) for row in both.groupBy("_from", "_to").count().collect()}
    total = sum(counted.values())
    if not total:
        return Drift()
    moved = {pair: n for pair, n in counted.items() if pair[0] != pair[1]}
    order = sorted(moved.items(), key=lambda item: (-item[1], item[0]))
    moves = tuple({"from": pair[0], "to": pair[1], "customers": n} for pair, n in order[:MOVES])
    return Drift(round(sum(moved.values()) / total, 6), moves)
