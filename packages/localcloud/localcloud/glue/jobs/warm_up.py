"""`python -m localcloud.glue.jobs.warm_up FOLDER`: warm the JVM of a folder up, and leave nothing in it.

Runs the workload of the class-data archive once: three times more would cost a job 6 % less and the machine
as much again. It stops when standard input closes: a job run wants the JVM, or the cloud has ended.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import threading
from pathlib import Path
from typing import Any

from pyspark import SparkContext
from pyspark.java_gateway import launch_gateway
from pyspark.sql import SparkSession

from localcloud.glue.jobs import pickling, settings, warm_workload
from localcloud.glue.jobs.gateway import Gateway
from localcloud.glue.jobs.waiting_jvm import await_connection

START_SECONDS = 60.0


def main() -> int:
    """Exit code 0: the JVM can be given to a run, however much of the workload was done."""
    folder = Path(sys.argv[1])
    wanted = threading.Event()
    threading.Thread(target=_await_end_of_input, args=(wanted,), daemon=True).start()
    port, secret = await_connection(folder, START_SECONDS)
    os.environ.update(PYSPARK_GATEWAY_PORT=str(port), PYSPARK_GATEWAY_SECRET=secret)
    gateway = launch_gateway()  # type: ignore[no-untyped-call]
    properties = _properties(gateway.jvm)
    if not wanted.is_set():
        pickling.use_a_fitting_pickler()
        _work(gateway, folder, wanted)
    _forget(gateway.jvm, properties)
    return 0


def _await_end_of_input(wanted: threading.Event) -> None:
    os.read(0, 1)
    wanted.set()


def _work(gateway: Any, folder: Path, wanted: threading.Event) -> None:
    SparkContext._ensure_initialized(gateway=gateway)
    spark = _session(folder)
    done = threading.Event()
    threading.Thread(target=_cancel, args=(spark, wanted, done), daemon=True).start()
    try:
        warm_workload.read_and_write(spark)
    except Exception:
        if not wanted.is_set():
            raise
    finally:
        done.set()
        spark.stop()


def _session(folder: Path) -> SparkSession:
    """One whose S3 is a gateway of our own, of which only scratch paths are used."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    gateway = Gateway(listener, warm_workload.TOKEN, None, folder / "warm-up")
    threading.Thread(target=gateway.serve_forever, daemon=True).start()
    address = f"127.0.0.1:{listener.getsockname()[1]}/{warm_workload.TOKEN}"
    # The first session of a JVM would lend its settings to how Java opens URLs.
    builder = SparkSession.builder.config("spark.sql.defaultUrlStreamHandlerFactory.enabled", "false")
    for name, value in settings.s3_properties(address, ["warm"]).items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def _cancel(spark: SparkSession, wanted: threading.Event, done: threading.Event) -> None:
    """Once a run wants the JVM, end each job that the workload still starts."""
    wanted.wait()
    while not done.wait(0.05):
        with contextlib.suppress(Exception):
            spark.sparkContext.cancelAllJobs()


def _properties(jvm: Any) -> dict[str, str]:
    found = jvm.java.lang.System.getProperties()
    return {name: found.getProperty(name) for name in found.stringPropertyNames()}


def _forget(jvm: Any, properties: dict[str, str]) -> None:
    """Put back what a stopped session leaves in a JVM: settings, open file systems, folders."""
    jvm.org.apache.hadoop.fs.FileSystem.closeAll()
    getattr(getattr(jvm.org.apache.spark.util, "Utils$"), "MODULE$").clearLocalRootDirs()
    for name in _properties(jvm).keys() - properties.keys():
        if name.startswith("spark."):  # others are set by a class that is loaded, which happens once
            jvm.java.lang.System.clearProperty(name)
    for name, value in properties.items():
        jvm.java.lang.System.setProperty(name, value)


if __name__ == "__main__":
    # Not sys.exit: threads of the gateway may be in the middle of an answer that nobody waits for.
    os._exit(main())
