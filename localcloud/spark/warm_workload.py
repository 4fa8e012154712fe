"""A small Spark job whose classes go into the class-data archive: JSON in, partitioned Parquet out, SQL.

It goes through the S3 gateway, but only to scratch paths, which the gateway keeps on the local disk.
"""

from __future__ import annotations

import socket
import tempfile
import threading
from pathlib import Path

from pyspark import SparkContext
from pyspark.sql import SparkSession, Window
from pyspark.sql import functions as F  # noqa: N812 - the name that Spark's own documents use

from localcloud.spark import settings
from localcloud.spark.gateway import Gateway

TOKEN = "warm"  # noqa: S105 - no S3 stands behind this gateway
FOLDER = "s3://warm/_temporary"
SCHEMA = (
    "id bigint, name string, taken timestamp, day date, tags array<string>, "
    "place struct<code:string,size:double>, broken string"
)


def main() -> None:
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
    spark.createDataFrame([("a", 1)], "name string, number int").join(back, "name", "left_anti").count()


if __name__ == "__main__":
    main()
