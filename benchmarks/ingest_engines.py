"""What benchmarks/ingest.py compares, each in a process of its own: python -m benchmarks.ingest_engines
ENGINE ...

ours: the repository's job. seed: the way of the example that the project began with: schema inferred,
everything rewritten, nothing kept aside. floor: the same with the schema given, so that each line is read
once: the least that this Spark can do. duckdb, polars: the same transform as ours on one machine, without
Spark. Prints the rows of its table as JSON.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

from benchmarks.ingest_data import DATASET
from localcloud.glue.jobs import class_data, settings

# As a cluster has it: the local cloud's own settings are for little data.
SPARK = {
    "spark.driver.memory": os.environ.get("BENCHMARK_HEAP", "4g"),
    "spark.sql.shuffle.partitions": "8",
    "spark.sql.codegen.wholeStage": "true",
}
LINES = (
    "read_csv('{}', header=false, delim=chr(1), quote='', escape='', auto_detect=false, "
    "columns={{line:'VARCHAR'}})"
)
STRUCT = {
    column.name: {"bigint": "BIGINT", "int": "INTEGER", "double": "DOUBLE"}.get(column.type, "VARCHAR")
    for column in DATASET.columns
}


def start_spark(work: Path, buckets: dict[str, Path]) -> None:
    """Have Spark see folders as buckets, with the settings of the local cloud."""
    view = "org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme"
    raw = "org.apache.hadoop.fs.RawLocalFileSystem"  # S3 has no files of checksums beside the objects either
    found = settings.properties(work) | SPARK
    found |= {"spark.hadoop.fs.s3.impl": view, "spark.hadoop.fs.file.impl": raw}
    for name, folder in buckets.items():
        found[f"spark.hadoop.fs.viewfs.mounttable.{name}.linkFallback"] = folder.as_uri()
    archive = class_data.archive()
    options = settings.archive_options(archive) if archive else []
    options += shlex.split(os.environ.get(settings.JAVA_OPTIONS, ""))
    os.environ.update(settings.environment(work, found, options))


def ours(source: Path, lake: Path) -> int:
    """A run of the job: full where the lake is empty, else an increment."""
    from ingestion import job
    from ingestion.state.storage import Storage
    from tests.unit.jobs.world import FolderS3

    root = lake.parent
    (root / "source").unlink(missing_ok=True)
    (root / "source").symlink_to(source)
    number = len(list(lake.glob("runs/*/*")))
    options = {
        "dataset": DATASET.name, "run_id": f"run-{number}", "load_mode": "incremental",
        "from_date": "any", "to_date": "any", "areas": "*",
        "source_root": "s3://source/", "lake_root": f"s3://{lake.name}/", "allow_removal": "false",
    }  # fmt: skip
    start_spark(_work(lake), {"source": source, lake.name: lake})
    with mock.patch("datasets.load", return_value=DATASET):
        client = FolderS3(root, etag=lambda path: f'"{path.stat().st_mtime_ns}"')
        record = job.run(options, storage=Storage(client))  # type: ignore[arg-type]
    assert record.rows_read == record.rows_accounted_for
    return record.table_rows


def seed(source: Path, lake: Path, schema: str = "") -> int:
    from pyspark.sql import SparkSession

    start_spark(_work(lake), {"source": source, lake.name: lake})
    spark = SparkSession.builder.getOrCreate()
    reader = spark.read.schema(schema) if schema else spark.read
    read = reader.json(f"s3://source/{DATASET.source.prefix}")
    kept = read.where(DATASET.keep)
    kept.write.mode("overwrite").partitionBy("date").parquet(f"s3://{lake.name}/clean/")
    return spark.read.parquet(f"s3://{lake.name}/clean/").count()


def floor(source: Path, lake: Path) -> int:
    return seed(source, lake, ", ".join(f"`{one.name}` {one.source_type}" for one in DATASET.columns))


def with_duckdb(source: Path, lake: Path) -> int:
    import duckdb

    con = duckdb.connect()
    con.execute("SET threads=2; SET preserve_insertion_order=false; SET timezone='UTC'")
    lines = LINES.format(source / DATASET.source.prefix / "*.json")
    names = ", ".join(f"o.{name} AS {name}" for name in STRUCT if name not in ("date", "last_update"))
    con.execute(
        f"CREATE TEMP TABLE judged AS SELECT line, {names}, try_cast(o.date AS DATE) AS date, "
        "try_cast(o.last_update AS TIMESTAMP) AS last_update, o IS NULL AS bad FROM (SELECT line, CASE WHEN "
        f"json_valid(line) THEN from_json(line, '{json.dumps(STRUCT)}') END AS o FROM {lines})"
    )
    lake.mkdir(parents=True, exist_ok=True)
    con.execute(f"COPY (SELECT line FROM judged WHERE bad) TO '{lake}/quarantine.json' (FORMAT json)")
    con.execute(
        "COPY (SELECT * EXCLUDE (line, bad), date::VARCHAR AS day FROM judged "
        f"WHERE NOT bad AND {DATASET.keep} "
        "QUALIFY row_number() OVER (PARTITION BY combined_key, date ORDER BY edition DESC) = 1) "
        f"TO '{lake}/clean' (FORMAT parquet, PARTITION_BY (day), COMPRESSION snappy)"
    )
    return int(con.execute(f"SELECT count(*) FROM read_parquet('{lake}/clean/*/*.parquet')").fetchall()[0][0])


def with_polars(source: Path, lake: Path) -> int:
    import polars as pl  # type: ignore[import-not-found]

    kinds = {"BIGINT": pl.Int64, "INTEGER": pl.Int32, "DOUBLE": pl.Float64, "VARCHAR": pl.String}
    struct = pl.Struct({name: kinds[kind] for name, kind in STRUCT.items()})
    lines = pl.scan_csv(
        f"{source / DATASET.source.prefix}/*.json",
        has_header=False, separator="\x01", quote_char=None, schema={"line": pl.String},
    )  # fmt: skip
    whole = pl.col("line").str.starts_with("{") & pl.col("line").str.ends_with("}")
    lake.mkdir(parents=True, exist_ok=True)
    lines.filter(~whole).sink_ndjson(lake / "quarantine.json")
    rows = lines.filter(whole).select(pl.col("line").str.json_decode(struct).alias("o")).unnest("o")
    kept = rows.filter(pl.col("country_region") != "Elsewhere").with_columns(
        pl.col("last_update").str.to_datetime("%Y-%m-%dT%H:%M:%S", strict=False)
    )
    newest = kept.sort("edition", descending=True).unique(["combined_key", "date"], keep="first")
    table = newest.collect(engine="streaming")
    for (day,), part in table.partition_by(["date"], as_dict=True).items():
        (lake / "clean" / f"day={day}").mkdir(parents=True)
        part.write_parquet(lake / "clean" / f"day={day}" / "part.parquet", compression="snappy")
    return int(table.height)


ENGINES: dict[str, Callable[[Path, Path], int]] = {
    "ours": ours,
    "seed": seed,
    "floor": floor,
    "duckdb": with_duckdb,
    "polars": with_polars,
}


def _work(lake: Path) -> Path:
    work = lake.parent / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    return work


def main(arguments: list[str]) -> None:
    engine, source, lake = arguments
    rows: Any = ENGINES[engine](Path(source), Path(lake))
    print(json.dumps({"rows": rows}))


if __name__ == "__main__":
    main(sys.argv[1:])
