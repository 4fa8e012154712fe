"""What the reading of a first load costs, step by step: python -m benchmarks.ingest_steps [--rows 3].

Reads generated rows to nowhere, with more done at each step, in one Spark: processor seconds of its tasks,
the least of so many times each. Beside them stands Spark's own JSON source.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - the name that every Spark code base uses
from rich.console import Console
from rich.table import Table

from benchmarks.ingest import ROOT
from benchmarks.ingest_data import DATASET, write
from benchmarks.ingest_engines import start_spark
from ingestion.read import fields, rows, undescribed
from ingestion.read.source import LOOKED_AT_BYTES

BYTES_A_ROW = 250
NANOSECONDS = 1e9


def steps(spark: SparkSession, folder: str, every: int) -> Iterator[tuple[str, DataFrame]]:
    """Each does what the one before it does, but for the last. `every` is that of `rows.parse`."""
    text = spark.read.option("recursiveFileLookup", "true").text(folder)
    lines = rows.lines(text)
    schema = ", ".join(f"`{one.name}` {one.source_type}" for one in DATASET.columns)
    looks = [
        rows.is_utf8(F.col(rows.RAW)).alias("is_utf8"),
        undescribed.unknown(DATASET, None, every).alias(rows.UNKNOWN),
        *fields.readings(DATASET, None),
    ]
    yield "read the lines", lines
    yield "parse them (from_json)", text.select(F.from_json("value", schema, fields.STRICT).alias("record"))
    yield "also look at the line", lines.select("*", *looks)
    yield "also types, partition and reasons to reject", rows.parse(lines, DATASET, None, every, False)
    exact = rows.parse(lines, DATASET, None, every, True)
    yield "also read altered numbers by their digits, and judge", rows.judge(exact, DATASET)
    yield "Spark's own JSON source", spark.read.schema(schema).json(folder)


def processor_seconds(spark: SparkSession) -> Callable[[], float]:
    """What the tasks of all stages have used so far, by Spark's own counts."""
    context: Any = spark.sparkContext
    none = context._gateway.new_array(context._jvm.double, 0)

    def used() -> float:
        stages = context._jsc.sc().statusStore().stageList(None, False, False, none, None)
        return sum(stages.apply(at).executorCpuTime() for at in range(stages.size())) / NANOSECONDS

    return used


def measured(spark: SparkSession, folder: str, every: int, runs: int) -> dict[str, float]:
    from ingestion.write.table import SETTINGS

    for name, value in SETTINGS.items():
        spark.conf.set(name, value)
    used, frames = processor_seconds(spark), dict(steps(spark, folder, every))
    found: dict[str, list[float]] = {name: [] for name in frames}
    for _ in range(runs):  # step by step in each, so that a slow minute of the machine meets them all
        for name, frame in frames.items():
            before = used()
            frame.write.format("noop").mode("overwrite").save()
            found[name].append(used() - before)
    return {name: min(seconds) for name, seconds in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=float, default=3, help="million rows [%(default)s]")
    parser.add_argument("--runs", type=int, default=3, help="times for each step [%(default)s]")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "benchmark", help="where data are made")
    options = parser.parse_args()
    count = int(options.rows * 1_000_000)
    source = write(options.work, count)
    own = options.work / "run" / "steps"
    shutil.rmtree(own, ignore_errors=True)
    own.mkdir(parents=True)
    start_spark(own, {"source": source})
    spark = SparkSession.builder.getOrCreate()
    every = max(1, count * BYTES_A_ROW // LOOKED_AT_BYTES)
    table = Table("step", "processor seconds", title=f"{options.rows:g} million rows")
    for name, seconds in measured(spark, f"s3://source/{DATASET.source.prefix}", every, options.runs).items():
        table.add_row(name, f"{seconds:.1f}")
    Console().print(table)
    spark.stop()
    shutil.rmtree(own, ignore_errors=True)


if __name__ == "__main__":
    main()
