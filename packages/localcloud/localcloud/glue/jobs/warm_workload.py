"""A small Spark job whose classes go into the class-data archive: JSON in, partitioned Parquet out, SQL.

It goes through the S3 gateway, but only to scratch paths, which the gateway keeps on the local disk.
"""

from __future__ import annotations

import socket
import tempfile
import threading
from pathlib import Path

from pyspark import SparkContext, StorageLevel
from pyspark.sql import Observation, SparkSession, Window
from pyspark.sql import functions as F  # noqa: N812 - the name that Spark's own documents use

from localcloud.glue.jobs import pickling, settings
from localcloud.glue.jobs.gateway import Gateway

TOKEN = "warm"  # noqa: S105 - no S3 stands behind this gateway
FOLDER = "s3://warm/_temporary"
SCHEMA = (
    "id bigint, name string, taken timestamp, day date, tags array<string>, "
    "place struct<code:string,size:double>, broken string"
)


def main() -> None:
    pickling.use_a_fitting_pickler()
    with tempfile.TemporaryDirectory() as folder:
        listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        gateway = Gateway(listener, TOKEN, None, Path(folder))
        threading.Thread(target=gateway.serve_forever, daemon=True).start()
        builder = SparkSession.builder.config("spark.sql.shuffle.partitions", "1")
        address = f"127.0.0.1:{listener.getsockname()[1]}/{TOKEN}"
        for name, value in settings.s3_properties(address, ["warm"]).items():
            builder = builder.config(name, value)
        spark = builder.getOrCreate()
        read_and_write(spark)
    jvm = SparkContext._gateway
    spark.stop()
    jvm.proc.stdin.close()  # type: ignore[union-attr] # the archive is written when the JVM ends of itself
    jvm.proc.wait()  # type: ignore[union-attr]


def read_and_write(spark: SparkSession) -> None:
    """What a job does most: JSON in, a window, an aggregate, partitioned Parquet out."""
    source, table = f"{FOLDER}/source", f"{FOLDER}/table"
    rows = spark.range(50).selectExpr(
        "id", "cast(id % 3 as string) name", "timestamp_seconds(id * 86400) taken",
        "array('a', 'b') tags", "named_struct('code', 'E', 'size', 1.5) place",
    )  # fmt: skip
    rows.write.mode("overwrite").json(source)
    options = {"mode": "PERMISSIVE", "columnNameOfCorruptRecord": "broken"}
    frame = spark.read.schema(SCHEMA).options(**options).json(source).withColumn("file", F.input_file_name())
    window = Window.partitionBy("id").orderBy(F.col("taken").desc(), "file")
    latest = frame.withColumn("position", F.row_number().over(window)).where("position = 1")
    flat = latest.withColumn("tag", F.explode("tags")).withColumn("month", F.date_format("taken", "yyyy-MM"))
    clean = flat.select("id", "name", "place.size", "day", "tag", "month", F.to_date("taken").alias("on"))
    joined = clean.join(F.broadcast(clean.groupBy("name").agg(F.max("size").alias("largest"))), "name")
    spark.conf.set("spark.sql.sources.partitionOverwriteMode", "dynamic")
    joined.repartition("month").write.mode("overwrite").partitionBy("month").parquet(table)
    back = spark.read.parquet(table)
    back.where("month = '1970-01'").groupBy("name").agg(F.count("*"), F.sum("size"), F.min("on")).collect()
    back.dropDuplicates(["id"]).orderBy("id").limit(5).collect()
    look_closely(spark, source)
    spark.createDataFrame([("a", 1)], "name string, number int").join(back, "name", "left_anti").count()


def look_closely(spark: SparkSession, source: str) -> None:
    """Lines as text with their place, parsed, kept, observed and compared: what careful jobs do."""
    lines = spark.read.text(source).select(
        "value",
        "_metadata.file_path",
        "_metadata.file_block_start",
        F.monotonically_increasing_id().alias("n"),
    )
    parsed = lines.select("*", F.from_json("value", f"{SCHEMA}, other string").alias("record")).select(
        "value", "n", "file_path", "record.*", F.json_object_keys("value").alias("keys"),
        F.when(F.col("value").rlike(r"\}\s*$"), "good").otherwise("bad").alias("outcome"),
        F.xxhash64("value").alias("hash"), F.date_format("record.taken", "yyyy-MM").alias("month"),
    )  # fmt: skip
    kept = parsed.persist(StorageLevel.MEMORY_AND_DISK)
    counts = [F.count(F.lit(1)), F.min("n"), F.array_distinct(F.flatten(F.collect_set("keys")))]
    kept.groupBy("file_path", "month", "outcome").agg(*counts).collect()
    observation = Observation("rows")
    both = kept.select("id", "name", "month", "hash", F.lit(False).alias("old")).union(
        kept.selectExpr("id", "name", "month", "null", "true")
    )
    order = Window.partitionBy("month", "id").orderBy(F.asc("old"), F.desc_nulls_last("hash"))
    whole = order.rowsBetween(Window.unboundedPreceding, Window.unboundedFollowing)
    ranked = both.repartition("month").select(
        "*", F.row_number().over(order).alias("rank"), F.first("hash").over(whole).alias("first")
    )
    told = F.to_json(F.collect_set("month")).alias("months")
    observed = ranked.observe(observation, F.count_if("old").alias("old"), told).where("rank = 1")
    observed.drop("rank").write.mode("overwrite").partitionBy("month").parquet(f"{FOLDER}/again")
    observation.get  # noqa: B018 - waits for the counts
    kept.select("id", F.explode("tags").alias("tag")).coalesce(1).write.mode("overwrite").parquet(
        f"{FOLDER}/tags"
    )
    found = F.explode(
        F.array(F.struct(F.lit("a").alias("rule"), F.count_if(F.col("rank") > 1).alias("failures")))
    )
    ranked.agg(found.alias("f")).select("f.*").union(ranked.agg(found.alias("f")).select("f.*")).collect()
    kept.unpersist()


if __name__ == "__main__":
    main()
