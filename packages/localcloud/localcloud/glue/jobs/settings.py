"""Spark's settings for one job run: properties file, JVM options, log format, process environment."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from localcloud.glue.jobs import java

HEAP_SHARE = 0.4
HEAP_MEBIBYTES = (1024, 8192)
SHUFFLE_PARTITIONS = 8
S3_SCHEMES = ("s3", "s3a", "s3n")
WEB_HDFS = "org.apache.hadoop.hdfs.web.WebHdfsFileSystem"
VIEW_FILE_SYSTEM = "org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme"

LOG_FORMAT = """\
rootLogger.level=warn
rootLogger.appenderRef.console.ref=console
appender.console.type=Console
appender.console.name=console
appender.console.target=SYSTEM_ERR
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=%d{yyyy-MM-dd HH:mm:ss,SSS} %p %c{1}: %m%n
logger.native.name=org.apache.hadoop.util.NativeCodeLoader
logger.native.level=error
logger.metrics.name=org.apache.hadoop.metrics2
logger.metrics.level=error
"""


JAVA_OPTIONS = "LOCALCLOUD_JAVA_OPTIONS"
"""An environment variable of the cloud's process: Java's options for Spark, instead of a good collector."""

LITTLE_DATA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""Java's options for some thousand rows: a third less work, but twice of it or more for three million."""


def heap_mebibytes() -> int:
    """A share of this machine's memory, within bounds: other programs of the laptop need theirs."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
    low, high = HEAP_MEBIBYTES
    return max(low, min(high, int(memory * HEAP_SHARE)))


def properties(work: Path) -> dict[str, str]:
    """What Glue's runtime would set, at a laptop's size; a job's own settings and `--conf` replace them."""
    drivers = os.pathsep.join(map(str, java.jdbc_jars()))
    return {
        **({"spark.driver.extraClassPath": drivers} if drivers else {}),
        "spark.master": "local[*]",
        "spark.driver.memory": f"{heap_mebibytes()}m",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.adaptive.enabled": "true",
        "spark.sql.codegen.wholeStage": "false",
        # Spark writes each plan down for its UI, which is off: in the shortest of its ways.
        "spark.sql.ui.explainMode": "simple",
        "spark.sql.shuffle.partitions": str(SHUFFLE_PARTITIONS),
        "spark.sql.warehouse.dir": (work / "warehouse").as_uri(),
        "spark.sql.sources.ignoreDataLocality": "true",
        "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
    }


def s3_properties(gateway: str, buckets: Iterable[str]) -> dict[str, str]:
    """Lead `s3://BUCKET/...` (also s3a, s3n) to the S3 gateway at `HOST:PORT/TOKEN`.

    Stock Hadoop has no S3 client, but a file system that mounts a whole authority elsewhere, and a WebHDFS
    client to mount there.
    """
    prefix = "spark.hadoop.fs"
    found = {
        # Hadoop's own default for s3a names a class that only hadoop-aws has.
        "spark.hadoop.mapreduce.outputcommitter.factory.scheme.s3a": (
            "org.apache.hadoop.mapreduce.lib.output.FileOutputCommitterFactory"
        ),
        f"{prefix}.viewfs.overload.scheme.target.webhdfs.impl": WEB_HDFS,
    }
    for scheme in S3_SCHEMES:
        found[f"{prefix}.{scheme}.impl"] = VIEW_FILE_SYSTEM
    for bucket in buckets:
        found[f"{prefix}.viewfs.mounttable.{bucket}.linkFallback"] = f"webhdfs://{gateway}/{bucket}"
    return found


def parse_conf(argument: str) -> dict[str, str]:
    """Glue's `--conf` argument, `KEY=VALUE --conf KEY=VALUE ...`; raises `ValueError`."""
    found: dict[str, str] = {}
    for word in shlex.split(argument):
        if word == "--conf":
            continue
        key, equals, value = word.partition("=")
        if not equals:
            raise ValueError(f"--conf: {word} is not KEY=VALUE")
        found[key] = value
    return found


def environment(work: Path, settings: Mapping[str, str], java_options: Sequence[str] = ()) -> dict[str, str]:
    """Write the properties file and log format into `work`; return what the process's environment needs.

    The file goes to Spark by `PYSPARK_SUBMIT_ARGS`: a `SPARK_CONF_DIR` would put a folder on the class path,
    and Java then refuses the class-data archive.
    """
    (work / "log4j2.properties").write_text(LOG_FORMAT)
    options = [f"-Dlog4j2.configurationFile={(work / 'log4j2.properties').as_uri()}"]
    # Java would leave its performance counters in /tmp when it is killed.
    options += ["-XX:-UsePerfData", "-Dfile.encoding=UTF-8", f"-Djava.io.tmpdir={work}", *java_options]
    own = settings.get("spark.driver.extraJavaOptions", "")
    lines = dict(settings) | {"spark.driver.extraJavaOptions": f"{shlex.join(options)} {own}".strip()}
    file = work / "spark.properties"
    file.write_text("".join(f"{key} {_escaped(value)}\n" for key, value in lines.items()))
    return {
        "JAVA_HOME": str(java.java_home()),
        "SPARK_HOME": str(java.spark_home()),
        "SPARK_LOCAL_DIRS": str(work),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_HOSTNAME": "localhost",
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_DRIVER_PYTHON": sys.executable,
        "PYSPARK_SUBMIT_ARGS": f"--properties-file {shlex.quote(str(file))} pyspark-shell",
    }


def collector_options() -> list[str]:
    """Java's options for its collector and compiler, as the environment of the cloud's own process says.

    A job's process has an environment of its own, so they are asked for here and handed to it.
    """
    return shlex.split(os.environ.get(JAVA_OPTIONS, "-XX:+UseParallelGC"))


def archive_options(archive: str) -> list[str]:
    """Java's options to use a class-data archive.

    One that no longer fits is no error; Java would say so on stdout, among the job's lines.
    """
    return [f"-XX:SharedArchiveFile={archive}", "-Xlog:cds=off", "-Xlog:cds+dynamic=off"]


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n")
