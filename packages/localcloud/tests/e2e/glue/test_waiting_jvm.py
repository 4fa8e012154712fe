"""A run in the JVM that waited is a run in a new one: nothing of the warm-up or of another run is in it."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud import processes
from localcloud.cloud import LocalCloud
from rigs.glue import GlueRig
from rigs.roles import allow

# Each of these runs asks what another one or the warm-up could have left, then leaves as much as it can.
TELL = """
import json, os, sys, time
from pyspark.sql import SparkSession, functions as F

before = sorted(os.listdir("..")) + sorted(os.listdir())
spark = SparkSession.builder.getOrCreate()
java, context = spark._jvm.java.lang, spark.sparkContext
worker = dict(spark.range(1).select(F.udf(lambda _: dict(os.environ), "map<string,string>")("id")).first()[0])
for _ in range(100):  # Spark counts an execution as active until its listeners have heard of its end
    if not context.statusTracker().getActiveJobsIds():
        break
    time.sleep(0.1)
told = {
    "process": java.ProcessHandle.current().pid(),
    "conf": dict(context.getConf().getAll()),
    "properties": {str(name): java.System.getProperty(name) for name in
                   java.System.getProperties().stringPropertyNames()},
    "sql": {row.key: row.value for row in spark.sql("SET").collect()},
    "environment": {name: java.System.getenv(name) for name in java.System.getenv().keySet()},
    "worker": worker,
    "tables": [table.name for table in spark.catalog.listTables()],
    "databases": [database.name for database in spark.catalog.listDatabases()],
    "kept": len(context._jsc.getPersistentRDDs()),
    "executions": context.statusTracker().getActiveJobsIds(),
    "folder": [os.getcwd(), java.System.getProperty("user.dir")],
    "files": before,
    "arguments": sys.argv[1:],
    "modules": [name for name in sys.modules if name.startswith("localcloud")],
    "sessions": spark.newSession().sql("SHOW VIEWS").count(),
    "hadoop": context._jsc.hadoopConfiguration().get("fs.left"),
}
print(json.dumps(told))
spark.range(5).createOrReplaceTempView("left")
spark.range(5).createGlobalTempView("left")
spark.sql("CACHE TABLE left")
spark.conf.set("spark.sql.shuffle.partitions", "77")
os.environ["LEFT"] = java.System.setProperty("spark.left", "1") or "left"
context._jsc.hadoopConfiguration().set("fs.left", "1")
os.chdir("/")
"""
MEMORY = """
from pyspark.sql import SparkSession
spark = SparkSession.builder{asked}.getOrCreate()
java = spark._jvm.java.lang
print(java.ProcessHandle.current().pid(), java.Runtime.getRuntime().maxMemory() >> 20)
"""
# What differs between any two runs.
OWN = (
    "spark.app.",
    "spark.driver.port",
    "LOCALCLOUD",
    "pid",
    "AWS_",
    "PYTHON_WORKER",
    "SPARK_AUTH",
    "JAVA_ARCH",
)


@pytest.fixture(scope="module")
def warm() -> Iterator[LocalCloud]:
    with LocalCloud.ephemeral(warm=True) as cloud:
        yield cloud
    assert not processes.of(cloud.home.temporary), "processes of the cloud are left"
    assert not cloud.home.path.exists()


@pytest.fixture(scope="module")
def rig(warm: LocalCloud) -> GlueRig:
    return GlueRig(warm, "glue-waiting")


def java_of(cloud: LocalCloud) -> list[int]:
    """Those that serve; Spark's scripts start another one for an instant, to ask for the command."""
    commands = {process: command(process) for process in processes.of(cloud.home.temporary)}
    java = {one: text for one, text in commands.items() if text.partition("\0")[0].endswith("/java")}
    return [one for one, text in java.items() if "SparkSubmit" in text and "launcher.Main" not in text]


def warming(cloud: LocalCloud) -> bool:
    return any("warm_up" in command(process) for process in processes.of(cloud.home.temporary))


def command(process: int) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_text()
    except OSError:
        return ""


def until(condition: Callable[[], Any], seconds: float = 120) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found


def started(cloud: LocalCloud) -> int:
    """The JVM that waits, warmed up or not."""
    (process,) = until(lambda: java_of(cloud))
    return int(process)


def waiting(cloud: LocalCloud) -> int:
    """The JVM that waits, once it has been warmed up."""
    until(lambda: java_of(cloud))
    until(lambda: not warming(cloud))
    return started(cloud)


def told(rig: GlueRig, name: str, role: str = "", **fields: Any) -> dict[str, Any]:
    record = rig.run(rig.make_job(name, TELL, Role=role or rig.role), **fields)
    assert record["JobRunState"] == "SUCCEEDED", (record, rig.log(record["Id"], "error"))
    assert rig.log(record["Id"], "error") == []
    (line,) = rig.log(record["Id"], "output")
    found: dict[str, Any] = json.loads(line)
    folder = found["folder"][0].removesuffix("/script")
    text = line.replace(folder, "FOLDER").replace(record["Id"], "RUN").replace(rig.name, "RIG")
    text = re.sub(r"blockmgr-[0-9a-f-]+", "BLOCKS", text)
    return {**json.loads(text), "process": found["process"]}


def comparable(value: Any) -> Any:
    """Without what belongs to one run or one process: ports, times, credentials, the S3 gateway's address."""
    if isinstance(value, dict):
        return {
            name: comparable(inner)
            for name, inner in value.items()
            if not name.startswith(OWN) and "mounttable" not in name and name not in SHELL
        }
    return value


def differences(one: dict[str, Any], other: dict[str, Any], path: str = "") -> list[str]:
    """Each value that only one of two reports has, with its place."""
    found = []
    for name in sorted({*one, *other}):
        a, b = one.get(name), other.get(name)
        if isinstance(a, dict) and isinstance(b, dict):
            found += differences(a, b, f"{path}{name}: ")
        elif a != b:
            found.append(f"{path}{name}: {a} or {b}")
    return found


# The shell scripts that start Java leave these in its environment; no program reads them.
SHELL = {"PWD", "OLDPWD", "SHLVL", "_", "SPARK_ENV_LOADED", "SPARK_SCALA_VERSION", "SPARK_CONF_DIR"} | {
    "_PYSPARK_DRIVER_CONN_INFO_PATH",
    "spark.executor.extraJavaOptions",
    "PYTHONHASHSEED",
    "process",
    "arguments",
}


def test_a_run_in_the_jvm_that_waited_is_a_run_in_a_new_one(cloud: LocalCloud, rig: GlueRig) -> None:
    process = waiting(rig.cloud)
    other = rig.make_role("other", allow("s3:*", "*"))
    arguments = {"--conf": "spark.sql.custom=one", "--only": "first"}
    first = told(rig, "first", other, Arguments=arguments)
    assert first["process"] == process
    assert first["sql"]["spark.sql.custom"] == first["conf"]["spark.sql.custom"] == "one"
    again = waiting(rig.cloud)
    second = told(rig, "second", Arguments={"--second": "2"})
    assert second["process"] == again != process
    new = told(GlueRig(cloud, "glue-new"), "second", Arguments={"--second": "2"})
    found = differences(comparable(second), comparable(new))
    assert not found, "\n".join(found)
    assert second["environment"]["AWS_ACCESS_KEY_ID"] == second["worker"]["AWS_ACCESS_KEY_ID"]
    assert second["environment"]["AWS_SESSION_TOKEN"] != first["environment"]["AWS_SESSION_TOKEN"]
    assert second["arguments"] == [*("--second", "2"), "--JOB_NAME", "RIG-second", "--JOB_RUN_ID", "RUN"]


@pytest.mark.prove
def test_what_a_jvm_takes_at_its_start_only_gets_a_new_one(rig: GlueRig) -> None:
    process = started(rig.cloud)
    given = rig.run(
        rig.make_job("given", MEMORY.format(asked="")), Arguments={"--conf": "spark.driver.memory=600m"}
    )
    (line,) = rig.log(given["Id"], "output")
    assert int(line.split()[0]) != process
    assert int(line.split()[1]) < 610
    assert java_of(rig.cloud) == [process], "it goes on waiting"
    asked = ".config('spark.driver.memory', '600m')"
    own = rig.run(rig.make_job("asked", MEMORY.format(asked=asked)))
    (line,) = rig.log(own["Id"], "output")
    assert int(line.split()[0]) != process
    assert int(line.split()[1]) < 610
    assert process not in java_of(rig.cloud), "it was given to this run, which had no use for it"
    static = rig.run(
        rig.make_job("static", MEMORY.format(asked="")),
        Arguments={"--conf": "spark.sql.codegen.cache.maxEntries=7"},
    )
    assert static["JobRunState"] == "SUCCEEDED"


@pytest.mark.prove
def test_one_that_is_killed_is_replaced_and_no_run_notices(rig: GlueRig) -> None:
    process = started(rig.cloud)
    os.kill(process, signal.SIGKILL)
    record = rig.run(rig.make_job("killed", MEMORY.format(asked="")))
    assert record["JobRunState"] == "SUCCEEDED"
    assert waiting(rig.cloud) != process


def test_a_run_that_comes_early_ends_the_warm_up() -> None:
    with LocalCloud.ephemeral(warm=True) as cloud:
        rig = GlueRig(cloud, "glue-early")
        (process,) = until(lambda: java_of(cloud))
        assert warming(cloud)
        record = rig.run(rig.make_job("early", MEMORY.format(asked="")))
        (line,) = rig.log(record["Id"], "output")
        assert int(line.split()[0]) == process


def test_it_ends_with_a_cloud_that_is_killed() -> None:
    with LocalCloud.ephemeral(warm=True) as cloud:
        until(lambda: java_of(cloud))
        os.kill(cloud.pid, signal.SIGKILL)
        until(lambda: not processes.of(cloud.home.temporary), 60)


def test_a_cloud_that_is_not_asked_has_none(cloud: LocalCloud) -> None:
    assert java_of(cloud) == []
