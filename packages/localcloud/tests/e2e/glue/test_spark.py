"""Glue job runs on real Spark, `s3://` through the S3 calls of the job's role."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from localcloud import processes
from localcloud.cloud import LocalCloud
from rigs.glue import GlueRig
from rigs.roles import allow

PARTITIONED = """
import sys
from awsglue.utils import getResolvedOptions
from pyspark.sql import SparkSession, functions as F
from library import double

options = getResolvedOptions(sys.argv, ["JOB_NAME", "source", "table"])
spark = SparkSession.builder.appName(options["JOB_NAME"]).getOrCreate()
spark.conf.set("spark.sql.sources.partitionOverwriteMode", "dynamic")
frame = spark.read.schema("day string, place string, cases int").json(options["source"])
frame = frame.withColumn("month", F.substring("day", 1, 7))
frame = frame.withColumn("cases", F.udf(double, "int")("cases"))

def publish(part):
    part.write.mode("overwrite").partitionBy("month").parquet(options["table"])

publish(frame)
publish(frame.where("month = '2022-12'").withColumn("cases", F.lit(0)))
rows = spark.read.parquet(options["table"].replace("s3://", "s3a://")).groupBy("month").agg(F.sum("cases"))
print(sorted(map(tuple, rows.collect())))
lines = spark.sparkContext.textFile(options["source"].replace("s3://", "s3n://")).count()
print(lines, spark.conf.get("spark.sql.shuffle.partitions"), spark.conf.get("spark.custom"))
places = spark.createDataFrame([(1, "a/b c"), (2, "100 %é"), (3, None)], "id int, place string")
places.write.mode("overwrite").partitionBy("place").json(options["table"] + "../places")
print(sorted(row.place or "" for row in spark.read.json(options["table"] + "../places").collect()))
"""
RIGHTS = """
import sys
from awsglue.utils import getResolvedOptions
from pyspark.sql import SparkSession

lake = getResolvedOptions(sys.argv, ["lake"])["lake"]
secret = lake.replace("-lake", "-secret")
spark = SparkSession.builder.getOrCreate()

def attempt(path):
    try:
        spark.read.text(path).collect()
    except Exception as error:
        print(type(error).__name__, " ".join(str(error).split())[:400])

attempt(f"s3://{secret}/data/")
attempt(f"s3://{lake}/read/none/")
attempt("s3://glue-spark-no-such-bucket/data/")
print(spark.read.text(f"s3://{lake}/read/rows").count())
spark.range(3).write.mode("append").parquet(f"s3://{lake}/read/new")
"""
ENDLESS = """
import time
from pyspark.sql import SparkSession, functions as F

def wait(number):
    print("never seen")
    time.sleep(600)

spark = SparkSession.builder.getOrCreate()
print("started")
spark.range(2).select(F.udf(wait, "int")("id")).collect()
"""


@pytest.fixture(scope="module")
def rig(cloud: LocalCloud) -> GlueRig:
    return GlueRig(cloud, "glue-spark")


def test_partitioned_parquet_twice_keeps_the_other_partitions(rig: GlueRig) -> None:
    library = io.BytesIO()
    with zipfile.ZipFile(library, "w") as archive:
        archive.writestr("library/__init__.py", "def double(number):\n    return number * 2\n")
    days = ["2022-11-30", "2022-12-01", "2022-12-02"]
    for day in days:
        rows = [{"day": day, "place": "Wales", "cases": 1}, {"day": day, "place": "England", "cases": 2}]
        rig.put(f"raw/über day%20={day} +.json", "\n".join(map(json.dumps, rows)), rig.lake)
    job = rig.make_job(
        "partitioned",
        PARTITIONED,
        DefaultArguments={
            "--extra-py-files": rig.put("library.zip", library.getvalue()),
            "--conf": "spark.custom=yes --conf spark.sql.shuffle.partitions=3",
        },
    )
    arguments = {"--source": f"s3://{rig.lake}/raw/", "--table": f"s3://{rig.lake}/clean/table/"}
    record = rig.run(job, Arguments=arguments)
    assert record["JobRunState"] == "SUCCEEDED", record
    assert rig.log(record["Id"], "output") == [
        "[('2022-11', 6), ('2022-12', 0)]",
        "6 3 yes",
        "['', '100 %é', 'a/b c']",
    ]
    assert {key.rpartition("/")[0] for key in rig.keys("clean/")} == {
        *("clean/table/month=2022-11", "clean/table/month=2022-12"),
        *("clean/places/place=a%2Fb c", "clean/places/place=100 %25é"),
        "clean/places/place=__HIVE_DEFAULT_PARTITION__",
    }


def test_what_the_role_may_not_do_fails_with_the_message_of_s3(rig: GlueRig) -> None:
    secret = f"{rig.name}-secret"
    rig.s3.create_bucket(Bucket=secret, CreateBucketConfiguration={"LocationConstraint": rig.cloud.region})
    rig.put("data/rows.txt", "one\n", secret)
    rig.put("read/rows", "one\ntwo\n", rig.lake)
    role = rig.make_role(
        "reader",
        allow("s3:GetObject", f"arn:aws:s3:::{rig.code}/*", f"arn:aws:s3:::{rig.lake}/read/*"),
        allow("s3:ListBucket", f"arn:aws:s3:::{rig.lake}", f"arn:aws:s3:::{secret}"),
    )
    record = rig.run(rig.make_job("rights", RIGHTS, Role=role), Arguments={"--lake": rig.lake})
    assert record["JobRunState"] == "FAILED"
    assert f"PutObject s3://{rig.lake}/read/new/part-" in record["ErrorMessage"]
    assert "AccessDenied: User: arn:aws:sts::000000000000:assumed-role/" in record["ErrorMessage"]
    printed = rig.log(record["Id"], "output")
    assert f"GetObject s3://{secret}/data: AccessDenied: User: " in printed[0]
    assert "PATH_NOT_FOUND" not in printed[0]
    assert printed[1].startswith("AnalysisException [PATH_NOT_FOUND] Path does not exist")
    assert "s3://glue-spark-no-such-bucket" in printed[2]
    assert printed[3] == "2"
    assert not rig.keys("read/new")


def test_stop_ends_java_and_its_python_workers(rig: GlueRig) -> None:
    job = rig.make_job("endless", ENDLESS)
    run = rig.start(job)
    rig.await_line(run, "started")
    folders = list(rig.cloud.home.temporary.glob("glue-run-*"))
    assert any(len(processes.of(folder)) > 1 for folder in folders)
    rig.glue.batch_stop_job_run(JobName=job, JobRunIds=[run])
    assert rig.ended(job, run)["JobRunState"] == "STOPPED"
    assert not any(processes.of(folder) for folder in folders)
    assert not any(folder.exists() for folder in folders)
