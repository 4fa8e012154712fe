"""Where a first load spends its time: python -m benchmarks.ingest_profile [--rows 1].

Looks four times a second at the stacks of Spark's tasks, through Java's own management interface, and counts
each by its innermost frame that says what it is about. Watching costs some seconds itself: read the shares.
"""

from __future__ import annotations

import argparse
import shutil
import threading
from collections import Counter
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.ingest import ROOT
from benchmarks.ingest_data import write
from benchmarks.ingest_engines import ours

INTERVAL = 0.25
DEPTH = 60
# Parts of class names, innermost frame first; what matches none is Spark's own.
PARTS = {
    "parsing JSON": ("JsonToStructs", "JacksonParser", "FailureSafeParser", ".jackson."),
    "Parquet": (".parquet.",),
    "sorting": ("SpecificOrdering", "unsafe.sort.", "UnsafeExternalRowSorter", "WindowExec"),
    "keeping what was read": (".columnar.",),
    "shuffle": (".shuffle.", "UnsafeRowSerializer", "net.jpountz"),
    "making files": ("RawLocalFileSystem", "ProcessImpl", "FileOutputCommitter"),
    "reading lines": ("LineReader", "LineRecordReader", "FileInputStream"),
    "judging": ("GeneratedClass", "catalyst.expressions"),
}


class Sampler(threading.Thread):
    """Counts the running tasks by the part of PARTS that they are in, until it is stopped."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.found: Counter[str] = Counter()
        self._stopped = threading.Event()

    def run(self) -> None:
        from pyspark import SparkContext

        while not self._stopped.wait(INTERVAL):
            if SparkContext._active_spark_context is not None:
                for stack in _task_stacks(SparkContext._jvm):
                    self.found[part_of(stack)] += 1

    def stop(self) -> None:
        self._stopped.set()
        self.join()


def _task_stacks(jvm: Any) -> list[list[str]]:
    bean = jvm.java.lang.management.ManagementFactory.getThreadMXBean()
    threads = [bean.getThreadInfo(number, DEPTH) for number in bean.getAllThreadIds()]
    return [
        [frame.getClassName() for frame in thread.getStackTrace()]
        for thread in threads
        if thread and "task launch" in thread.getThreadName() and str(thread.getThreadState()) == "RUNNABLE"
    ]


def part_of(stack: list[str]) -> str:
    """Of class names, the innermost first."""
    for frame in stack:
        for part, names in PARTS.items():
            if any(name in frame for name in names):
                return part
    return "Spark itself"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=float, default=1, help="million rows")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "benchmark", help="where data are made")
    options = parser.parse_args()
    source = write(options.work, int(options.rows * 1_000_000))
    lake = options.work / "run" / "lake"
    shutil.rmtree(lake.parent, ignore_errors=True)
    lake.mkdir(parents=True)
    sampler = Sampler()
    sampler.start()
    ours(source, lake)
    sampler.stop()
    table = Table(title=f"{options.rows:g} million rows: what the tasks were seen at")
    table.add_column("part")
    table.add_column("share", justify="right")
    for part, count in sampler.found.most_common():
        table.add_row(part, f"{count / sampler.found.total():.0%}")
    Console().print(table)
    shutil.rmtree(lake.parent, ignore_errors=True)


if __name__ == "__main__":
    main()
