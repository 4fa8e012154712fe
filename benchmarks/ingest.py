"""How fast the job is: python -m benchmarks.ingest [--rows 1 10] [--engine ours ...] [--history 1 10 50].

Generated data of so many million rows (benchmarks/ingest_data.py), and one after the other, each in a fresh
process on an empty lake: our job; the same Spark in the seed's way, and with the schema given; the transform
in DuckDB and in Polars (requirements/benchmark.txt), which a single machine's best is. Then, with
`--history`, one day more on top of so many loaded days, which our job adds and the seed's way makes by doing
all days again. Wall and CPU seconds are of the whole process tree, memory is its largest sum of resident
sets. Seconds of a busy machine mean little: compare what one run of this file measured side by side.
benchmarks/ingest_profile.py says where ours spends its time.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.ingest_data import DATASET, ROWS_A_DAY, write, write_day

ROOT = Path(__file__).parents[1]
ENGINES = ("ours", "seed", "floor", "duckdb", "polars")
NO_MERGE = ("seed", "floor")  # their tables keep duplicates and broken lines
HISTORIES = (1, 10, 50)
SAMPLE_SECONDS = 0.2
TASKS, COMPILERS = ("Executor task",), ("C1 Compiler", "C2 Compiler")  # beginnings of Java's threads' names


@dataclass(frozen=True)
class Measure:
    """One process: seconds, the largest resident memory of its tree in MB, and the rows of its table.

    `tasks` and `compilers` are the parts of `cpu` that Spark's tasks and Java's compilers used.
    """

    wall: float
    cpu: float
    megabytes: float
    rows: int
    tasks: float = 0.0
    compilers: float = 0.0


def measure(engine: str, source: Path, lake: Path) -> Measure:
    started = time.monotonic()
    command = [sys.executable, "-m", "benchmarks.ingest_engines", engine, str(source), str(lake)]
    environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'jobs'}"}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    watch = _Watch(process)
    watch.start()
    answer, _ = process.communicate()
    watch.join()
    if process.returncode:
        raise SystemExit(f"{engine} failed with {process.returncode}: see above")
    rows = json.loads(answer.splitlines()[-1])["rows"]
    wall, cpu = time.monotonic() - started, sum(watch.seconds.values())
    return Measure(wall, cpu, watch.megabytes, rows, watch.of_threads(TASKS), watch.of_threads(COMPILERS))


class _Watch(threading.Thread):
    """Samples a process and what it has started, Java above all, for which nobody waits in the end."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        super().__init__()
        self._process = process
        self.seconds: dict[int, float] = {}
        self.threads: dict[tuple[int, str], tuple[str, float]] = {}
        self.megabytes = 0.0

    def of_threads(self, beginnings: tuple[str, ...]) -> float:
        """The seconds of all threads whose names begin so."""
        return sum(used for name, used in self.threads.values() if name.startswith(beginnings))

    def run(self) -> None:
        while self._process.poll() is None:
            resident = 0.0
            for pid in list(_tree(self._process.pid)):
                resident += _resident(pid)
                self.seconds[pid] = max(_cpu_seconds(pid), self.seconds.get(pid, 0.0))
                self.threads |= {(pid, thread): used for thread, used in _threads(pid)}
            self.megabytes = max(self.megabytes, resident)
            time.sleep(SAMPLE_SECONDS)


def _cpu_seconds(pid: int) -> float:
    """User and system time so far; none for a process that has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _threads(pid: int) -> Iterator[tuple[str, tuple[str, float]]]:
    """By id, the name of each thread and its seconds so far."""
    for thread in _folders(Path(f"/proc/{pid}/task")):
        try:
            name, _, rest = (thread / "stat").read_text().partition("(")[2].rpartition(")")
        except OSError:
            continue
        fields = rest.split()
        yield thread.name, (name, (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"))


def _folders(folder: Path) -> list[Path]:
    """None for a process that has ended."""
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _tree(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return
    for child in children:
        yield from _tree(int(child))


def _resident(pid: int) -> float:
    """Megabytes; none for a process that has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)


def compare(work: Path, millions: float, engines: list[str], runs: int) -> dict[str, Measure]:
    """The median run of each engine on the same rows; all that merge must make the same table."""
    rows = int(millions * 1_000_000)
    source = write(work, rows)
    found: dict[str, list[Measure]] = {engine: [] for engine in engines}
    for _ in range(runs):
        for engine in engines:
            lake = work / "run" / "lake"
            shutil.rmtree(lake.parent, ignore_errors=True)
            lake.mkdir(parents=True)
            found[engine].append(measure(engine, source, lake))
    medians = {engine: _median(several) for engine, several in found.items()}
    tables = {one.rows for engine, one in medians.items() if engine not in NO_MERGE}
    assert len(tables) <= 1, f"the engines disagree on the rows of the table: {medians}"
    return medians


def increment(work: Path, days: int, runs: int) -> dict[str, Measure]:
    """One day more on top of so many loaded days, each in lakes of its own; the median of each engine."""
    found: dict[str, list[Measure]] = {"ours": [], "seed": []}
    for _ in range(runs):
        root = work / "history"
        shutil.rmtree(root, ignore_errors=True)
        source, lake = root / "feed", root / "lake"
        lake.mkdir(parents=True)
        for number in range(days):
            write_day(source / DATASET.source.prefix, number)
        measure("ours", source, lake)
        write_day(source / DATASET.source.prefix, days)
        found["ours"].append(measure("ours", source, lake))
        shutil.rmtree(lake)
        lake.mkdir()
        found["seed"].append(measure("seed", source, lake))
    shutil.rmtree(work / "history")
    return {engine: _median(several) for engine, several in found.items()}


def _median(several: list[Measure]) -> Measure:
    return sorted(several, key=lambda one: one.wall)[len(several) // 2]


def slope(points: dict[int, Measure]) -> float:
    """Seconds of wall time that each further loaded day adds to an increment, by least squares."""
    return statistics.linear_regression(list(points), [one.wall for one in points.values()]).slope


def _show(title: str, first: str, measures: dict[str, Measure], rows: int) -> None:
    table = Table(title=title)
    for column in (first, "wall s", "CPU s", "tasks", "compilers", "memory MB", "rows/s", "of ours"):
        table.add_column(column, justify="left" if column == first else "right")
    ours = measures.get("ours")
    for name, one in measures.items():
        ratio = f"{one.wall / ours.wall:.2f}" if ours else "-"
        speed = f"{rows / one.wall:,.0f}" if rows else "-"
        seconds = [f"{part:.1f}" for part in (one.wall, one.cpu, one.tasks, one.compilers)]
        table.add_row(name, *seconds, f"{one.megabytes:,.0f}", speed, ratio)
    Console().print(table)


def _show_increments(work: Path, histories: Sequence[int], runs: int) -> None:
    points = {}
    for days in histories:
        measures = increment(work, days, runs)
        points[days] = measures["ours"]
        _show(f"one more day of {ROWS_A_DAY:,} rows on top of {days}", "engine", measures, ROWS_A_DAY)
    if len(points) > 1:
        print(f"{slope(points):+.3f} s of ours for each loaded day")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=float, nargs="*", default=[0.1], help="million rows; default: 0.1")
    parser.add_argument("--engine", choices=ENGINES, action="append", help="default: all that are installed")
    parser.add_argument("--runs", type=int, default=1, help="the median of so many runs is shown")
    parser.add_argument("--history", type=int, nargs="*", metavar="DAYS", help="1 10 50 without any days")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "benchmark", help="where data are made")
    options = parser.parse_args()
    engines = options.engine or [
        one for one in ENGINES if one != "polars" or importlib.util.find_spec("polars")
    ]
    for millions in options.rows:
        title = f"{millions:g} million rows, {ROWS_A_DAY:,} in an object"
        _show(
            title, "engine", compare(options.work, millions, engines, options.runs), int(millions * 1_000_000)
        )
    if options.history is not None:
        _show_increments(options.work, options.history or HISTORIES, options.runs)
    shutil.rmtree(options.work / "run", ignore_errors=True)


if __name__ == "__main__":
    main()
