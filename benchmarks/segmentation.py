"""The steps of the second pipeline, by size: python -m benchmarks.segmentation [--orders 200000 2000000].

Ours is a whole execution on a local cloud of its own: seconds from start to end of each Glue job run,
processor seconds and the most memory of its processes. Beside it stands what one machine does without Spark:
pandas and scikit-learn read the same database, join by the same rules in short, choose the number of segments
in the same bounds and write the result back (`requirements/benchmark.txt`; without it that part is left out).

Seconds of a busy machine mean little; processor seconds are what the work needs.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from rich.console import Console
from rich.table import Table

from covidlake import aws
from covidlake.base import console
from covidlake.bundle.package import package
from covidlake.laptop import local
from covidlake.laptop.database import access, fill
from covidlake.laptop.database.access import Access
from covidlake.run import ingest
from covidlake.run.pipelines import segmentation
from covidlake.ship.deploy import deploy
from covidlake.ship.stack import stack
from localcloud import processes

ENVIRONMENT = "segmentation/dev"
ORDERS_AT_ONE = 220_000  # that the generator makes at factor 1
SAMPLE_SECONDS = 0.5
TICK = os.sysconf("SC_CLK_TCK")
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Cost:
    """What a step took; `memory` is the most that its processes held at once."""

    seconds: float
    processor: float
    memory: float


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--orders", type=int, nargs="+", default=[200_000, 2_000_000, 10_000_000])
    parser.add_argument("--json", type=Path, help="a file for the figures")
    given = parser.parse_args()
    found = {orders: measured(orders) for orders in given.orders}
    for orders, costs in found.items():
        show(orders, costs)
    if given.json:
        figures = {
            orders: {name: vars(one) for name, one in costs.items()} for orders, costs in found.items()
        }
        given.json.write_text(json.dumps(figures, indent=1) + "\n")


def measured(orders: int) -> dict[str, Cost]:
    """Each step of an execution, then the same on one machine."""
    with tempfile.TemporaryDirectory() as folder, local.ephemeral() as cloud, local.attached(cloud):
        bundle = package(Path(folder) / "bundle")
        deploy.deploy(ENVIRONMENT, bundle, console.detail)
        database = access.of_stack(ENVIRONMENT)
        console.detail(fill.fill(database, fill.SAMPLE, orders / ORDERS_AT_ONE))
        with watched(cloud.home.temporary) as watch:
            ingest.ingest(ENVIRONMENT, console.detail, segmentation.Request())
        return {**of_jobs(watch), **of_pandas(database)}


@dataclass
class Watch:
    """Samples of processes: when, and by id the processor seconds and the resident bytes."""

    samples: list[tuple[float, dict[int, tuple[float, int]]]] = field(default_factory=list)

    def between(self, first: float, last: float) -> Cost:
        inside = [found for at, found in self.samples if first <= at <= last + SAMPLE_SECONDS]
        processor: dict[int, list[float]] = {}
        for found in inside:
            for process, (seconds, _) in found.items():
                processor.setdefault(process, []).append(seconds)
        memory = max((sum(size for _, size in found.values()) for found in inside), default=0)
        used = sum(max(seconds) - (min(seconds) if len(seconds) > 1 else 0) for seconds in processor.values())
        return Cost(last - first, used, memory / MEGABYTE)


@contextmanager
def watched(folder: Path) -> Iterator[Watch]:
    """Sample the processes of job runs for the length of the block; Linux alone has what this reads."""
    watch, ended = Watch(), threading.Event()

    def sample() -> None:
        while not ended.wait(SAMPLE_SECONDS):
            found = {process: used for process in processes.of(folder) if (used := _used(process))}
            watch.samples.append((time.time(), found))

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        ended.set()
        thread.join()


def _used(process: int) -> tuple[float, int] | None:
    """Processor seconds and resident bytes of a process of a job run; None for others and ended ones."""
    try:
        if b"glue-run-" not in Path(f"/proc/{process}/environ").read_bytes():
            return None
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / TICK, int(fields[21]) * os.sysconf("SC_PAGE_SIZE")


def of_jobs(watch: Watch) -> dict[str, Cost]:
    outputs, found = stack.find(ENVIRONMENT).outputs, {}
    for job in segmentation.PIPELINE.jobs(outputs):
        for run in aws.client("glue").get_job_runs(JobName=job)["JobRuns"]:
            first, last = run["StartedOn"].timestamp(), run["CompletedOn"].timestamp()
            found[job.removeprefix(f"{stack.find(ENVIRONMENT).name}-")] = watch.between(first, last)
    return found


def of_pandas(database: Access) -> dict[str, Cost]:
    """The same in one process without Spark; {} where its packages are not installed."""
    if missing := [name for name in ("pandas", "sklearn") if find_spec(name) is None]:
        console.warning(f"{missing[0]} is not installed: pip install -r requirements/benchmark.txt")
        return {}
    command = [sys.executable, "-m", "benchmarks.segmentation_pandas"]
    given = os.environ | {"BENCHMARK_DATABASE": json.dumps(vars(database))}
    done = subprocess.run(command, env=given, stdout=subprocess.PIPE, text=True, check=True)
    return {name: Cost(**one) for name, one in json.loads(done.stdout).items()}


def show(orders: int, costs: dict[str, Cost]) -> None:
    table = Table("step", "seconds", "processor seconds", "memory, MB", title=f"{orders:,} orders")
    for name, one in costs.items():
        table.add_row(name, f"{one.seconds:.1f}", f"{one.processor:.1f}", f"{one.memory:,.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
