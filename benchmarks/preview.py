"""What a preview of the data costs: python -m benchmarks.preview [--rows 10000000] [--skip-runs].

Two tables of ten columns are compared in a process of their own, with its memory at the most. Then the work
tree is previewed against its own commit: one data set, the segmentation, and all of them, which is what a
change of the library costs too. Seconds of the wall clock, once each.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from covidlake.laptop.preview import preview
from covidlake.laptop.preview.compare import compare
from covidlake.laptop.preview.parquet_table import ParquetTable

COLUMNS = (
    "i AS k, date '2022-01-01' + cast(i % 365 AS int) AS d, 'area' || (i % 400) AS area, "
    "cast(hash(i) % 1000 AS int) AS n1, cast(hash(i + 1) % 1000 AS int) AS n2, i / 7.0::double AS x, "
    "cast(hash(i + 2) % 100000 AS bigint) AS n3, md5(i::varchar) AS s1, 'v' || (i % 7) AS s2, "
    "cast(NULL AS varchar) AS s3"
)
CHANGED = (
    "SELECT * REPLACE (CASE WHEN k % 100 = 0 THEN n1 + 1 ELSE n1 END AS n1) FROM before WHERE k % 5000 <> 7"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000, help="rows of each [%(default)s]")
    parser.add_argument("--skip-runs", action="store_true", help="compare only")
    parser.add_argument("--tables", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.tables:
        measure(given.tables)
        return
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder), given.rows)
        command = [sys.executable, "-m", "benchmarks.preview", "--tables", folder]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        print(f"{given.rows:,} rows: {done.stdout.strip()}")
    if not given.skip_runs:
        runs("one data set", ["country_codes"])
        runs("the segmentation", ["segmentation"])
        runs("all of them, as for a changed library", [])


def make(folder: Path, rows: int) -> None:
    with duckdb.connect(str(folder / "made.duckdb")) as database:
        database.execute(f"CREATE VIEW before AS SELECT {COLUMNS} FROM range({rows}) t(i)")
        for name, sql in (("before", "SELECT * FROM before"), ("after", CHANGED)):
            database.execute(f"COPY ({sql}) TO '{folder}/{name}.parquet' (COMPRESSION zstd)")


def measure(folder: Path) -> None:
    started, worked = time.perf_counter(), time.process_time()
    sides = [ParquetTable((folder / f"{name}.parquet",), ()) for name in ("before", "after")]
    found = compare("t", *sides, ("k",))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"compared in {time.perf_counter() - started:.1f} s and {time.process_time() - worked:.1f} processor "
        f"seconds, with {peak:,.0f} MB at the most: "
        f"{found.added:,} added, {found.gone:,} gone, {found.changed:,} changed"
    )


def runs(what: str, chosen: list[str]) -> None:
    found = preview.diff("HEAD", chosen, "sample", lambda line: print(f"    {line}"), everything=True)
    statuses = ", ".join(f"{one.name} {one.status}" for one in found.data_sets)
    print(f"{what}: {found.seconds:.1f} s ({statuses})")


if __name__ == "__main__":
    main()
