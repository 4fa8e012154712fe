"""Spark ML's k-means on recency, frequency and monetary value, the same for the same customers on any day.

The features are logarithms, each scaled to mean 0 and deviation 1. Rows stand in one partition in the order
of their keys, for sums of floating point numbers depend on their order; the seed is fixed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from pyspark.ml.clustering import KMeans, KMeansModel
from pyspark.ml.evaluation import ClusteringEvaluator
from pyspark.ml.feature import StandardScaler, StandardScalerModel, VectorAssembler
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812 - the name that every Spark code base uses

_logger = logging.getLogger(__name__)

SEED = 42
MAX_ITERATIONS = 20
SAMPLE = 100_000  # of the customers that the model is fitted to; all are then assigned
CHOICE_SAMPLE = 10_000  # of those that the number of segments is chosen by
FEATURES = ("recency_days", "frequency", "monetary")
KEY = "customer_id"
CLUSTER = "_cluster"


@dataclass(frozen=True)
class Model:
    """All that assigns a customer to a cluster: `means` and `deviations` scale the logarithms of FEATURES,
    `centers` are in that scale. `silhouettes` has that of each number of segments that was tried.
    """

    k: int
    centers: tuple[tuple[float, ...], ...]
    means: tuple[float, ...]
    deviations: tuple[float, ...]
    silhouette: float | None = None
    silhouettes: dict[int, float] = field(default_factory=dict)
    distinct: int = 0
    fitted_to: int = 0
    seed: int = SEED
    features: tuple[str, ...] = FEATURES

    def document(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Clustered:
    """`rows` are the customers with their CLUSTER, an index of the model's centers."""

    rows: DataFrame
    model: Model


def fit(customers: DataFrame, k: int | None, low: int, high: int) -> Clustered:
    """Cluster customers: into `k`, or as many from `low` to `high` as have the best silhouette.

    Never into more than there are different customers by FEATURES. The customers are not none.
    """
    logs = [
        F.log1p(F.greatest(F.col(name).cast("double"), F.lit(0.0))).alias(f"_{name}") for name in FEATURES
    ]
    rows = customers.select("*", *logs)
    names = [f"_{name}" for name in FEATURES]
    distinct = rows.select(*names).distinct().limit(high + 1 if k is None else k + 1).count()
    rows = VectorAssembler(inputCols=names, outputCol="_raw").transform(rows)
    ordered = _ordered(rows)
    with _cached(_sample(ordered, SAMPLE)) as sample:
        scaler = StandardScaler(inputCol="_raw", outputCol="features", withMean=True).fit(sample)
        scaled = scaler.transform(sample)
        wanted = [min(k, distinct)] if k else list(range(min(low, distinct), min(high, distinct) + 1))
        scores = _scores(scaled, wanted) if len(wanted) > 1 else {}
        best = max(scores, key=lambda one: (scores[one], -one)) if scores else wanted[0]
        return _clustered(ordered, scaled, scaler, best, distinct, scores)


def _clustered(
    rows: DataFrame,
    sample: DataFrame,
    scaler: StandardScalerModel,
    k: int,
    distinct: int,
    scores: dict[int, float],
) -> Clustered:
    fitted = sample.count()
    scaled = scaler.transform(rows)
    if k < 2:
        mean = tuple(0.0 for _ in FEATURES)
        model = Model(1, (mean,), _numbers(scaler.mean), _numbers(scaler.std), None, scores, distinct, fitted)
        return Clustered(_plain(scaled.withColumn(CLUSTER, F.lit(0))), model)
    found = _kmeans(sample, k)
    assigned = found.transform(scaled)
    score = _silhouette(found.transform(sample))
    centers = tuple(_numbers(center) for center in found.clusterCenters())
    means, deviations = _numbers(scaler.mean), _numbers(scaler.std)
    model = Model(len(centers), centers, means, deviations, score, scores, distinct, fitted)
    return Clustered(_plain(assigned), model)


def _scores(sample: DataFrame, wanted: list[int]) -> dict[int, float]:
    with _cached(_sample(sample, CHOICE_SAMPLE)) as few:
        scores = {}
        for k in wanted:
            if k >= 2:
                scores[k] = round(_silhouette(_kmeans(few, k).transform(few)), 6)
                _logger.info("%d segments: silhouette %.3f", k, scores[k])
        return scores


def _kmeans(rows: DataFrame, k: int) -> KMeansModel:
    return KMeans(k=k, seed=SEED, maxIter=MAX_ITERATIONS, predictionCol=CLUSTER).fit(rows)


def _silhouette(assigned: DataFrame) -> float:
    """Of 1 at best; 0 where rounding left a single cluster."""
    if assigned.select(CLUSTER).distinct().count() < 2:
        return 0.0
    return float(ClusteringEvaluator(predictionCol=CLUSTER).evaluate(assigned))


def _sample(rows: DataFrame, size: int) -> DataFrame:
    """So many rows by the hash of their keys, in the order of the keys; all if there are not more."""
    return _ordered(rows.orderBy(F.xxhash64(KEY), KEY).limit(size))


def _ordered(rows: DataFrame) -> DataFrame:
    return rows.repartition(1).sortWithinPartitions(KEY)


def _plain(rows: DataFrame) -> DataFrame:
    return rows.drop("features", "_raw", *[f"_{name}" for name in FEATURES])


def _numbers(vector: Any) -> tuple[float, ...]:
    return tuple(float(value) for value in vector)


@contextmanager
def _cached(rows: DataFrame) -> Iterator[DataFrame]:
    kept = rows.cache()
    try:
        yield kept
    finally:
        kept.unpersist()
