"""Where the time of `make run` goes, with and without a JVM that waits: python -m benchmarks.loop [--runs 5].

Every figure is a median over whole processes, and each run with such a JVM is followed by one without
(`--no-warm`), so that both meet the same machine:

- `covidlake run` on a cloud of its own, which is what `make run` starts; the first pair is not counted;
- with `--kept`, `covidlake run` on a cloud like that of `make up`, which has loaded the source before: once
  with `uk_covid` loaded anew, as after an edit of one of its rules, and once with nothing new;
- a Glue job that does nothing and one that only starts Spark, so that the cost of running a job at all can
  be told from the ingestion's own work.

On a busy machine compare the two columns, and CPU seconds rather than wall seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import cpu
from covidlake.base import project
from localcloud.cloud import LocalCloud

COVIDLAKE = Path(sys.executable).with_name("covidlake")
BUCKET = "benchmark-scripts"
ROLE = "benchmark-job"
EMPTY_SCRIPT = "print('nothing')\n"
SPARK_SCRIPT = """from pyspark.sql import SparkSession
SparkSession.builder.getOrCreate().range(1).count()
"""

QUIET_SECONDS = 45.0
WORTH_SHOWING = 0.005
PARENTS = {"RunJobs", "ReadRunRecords", "VerifyTables"}  # their seconds are those of the states inside

CPU = "CPU of all its processes"
WARM, COLD = "--warm", "--no-warm"
HOME = project.ROOT / ".localcloud"
RULE = "date >= date '2020-01-01'"
EDITED = project.ROOT / "jobs/datasets/uk_covid.py"

Seconds = dict[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=5, help="counted runs of each kind [%(default)s]")
    parser.add_argument("--kept", action="store_true", help="also in a kept cloud; it empties .localcloud")
    options = parser.parse_args()
    runs: int = options.runs
    measured: dict[str, list[Seconds]] = {WARM: [], COLD: []}
    for number in range(runs + 1):
        for kind, found in measured.items():
            found.append(timed_run(kind, f"run {number}"))
    whole = {kind: medians(found[1:]) for kind, found in measured.items()}
    report(whole[WARM], whole[COLD], job_parts(runs), runs)
    if options.kept:
        report_kept({kind: kept_runs(kind, runs) for kind in (WARM, COLD)}, runs)


def timed_run(kind: str, label: str) -> Seconds:
    """One whole `covidlake run`: the seconds of the process, of each stage and of each state."""
    print(f"{label} {kind} ...", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        timings = Path(folder) / "timings.json"
        started = time.perf_counter()
        command = [str(COVIDLAKE), "run", kind, "--timings", str(timings)]
        seconds_of_cpu = cpu.run(command)
        whole = time.perf_counter() - started
        found = json.loads(timings.read_text())
    states = {f"  state {name}": seconds for name, seconds in found["states"].items() if name not in PARENTS}
    return {"whole process": whole, CPU: seconds_of_cpu, **found["stages"], **states}


def kept_runs(kind: str, runs: int) -> Seconds:
    """Median seconds of a run after an edit and of one that finds nothing new, in a cloud that is kept."""
    edits, nothing = [], []
    with kept_cloud(kind):
        timed_run(kind, "kept, first")
        for number in range(runs):
            await_quiet()
            with edited(number):
                edits.append(timed_run(kind, f"kept {number}, edited")["whole process"])
                await_quiet()
                nothing.append(timed_run(kind, f"kept {number}, nothing new")["whole process"])
    return {"a rule was edited": statistics.median(edits), "nothing new": statistics.median(nothing)}


@contextmanager
def kept_cloud(kind: str) -> Iterator[None]:
    if HOME.exists():
        subprocess.run([str(COVIDLAKE), "local", "reset"], check=True, capture_output=True)
    subprocess.run([str(COVIDLAKE), "local", "up", kind], check=True, capture_output=True)
    try:
        yield
    finally:
        subprocess.run([str(COVIDLAKE), "local", "down"], check=True, capture_output=True)


@contextmanager
def edited(number: int) -> Iterator[None]:
    """Change a rule of the main data set for the block, each time in another way."""
    before = EDITED.read_text()
    if before.count(RULE) != 1:
        raise SystemExit(f"{EDITED} has no rule {RULE}: name another one in benchmarks/loop.py")
    EDITED.write_text(before.replace(RULE, f"date >= date '2020-01-{number + 2:02}'"))
    try:
        yield
    finally:
        EDITED.write_text(before)


def await_quiet() -> None:
    """Long enough for a JVM to start and to warm up, as while somebody edits."""
    time.sleep(QUIET_SECONDS)


def medians(measured: Iterable[Seconds]) -> Seconds:
    rows = list(measured)
    return {name: statistics.median(row.get(name, 0.0) for row in rows) for name in rows[0]}


def job_parts(runs: int) -> Seconds:
    """Median seconds of a job run that does nothing, and of one that only starts Spark."""
    with LocalCloud.ephemeral() as cloud:
        create_jobs(cloud, {"empty": EMPTY_SCRIPT, "spark": SPARK_SCRIPT})
        measured = [{name: job_run(cloud, name) for name in ("empty", "spark")} for _ in range(runs)]
    return medians(measured)


def create_jobs(cloud: LocalCloud, scripts: dict[str, str]) -> None:
    s3, iam, glue = cloud.client("s3"), cloud.client("iam"), cloud.client("glue")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": cloud.region})
    trust = allow("sts:AssumeRole", Principal={"Service": "glue.amazonaws.com"})
    role = iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    read = allow("s3:GetObject", Resource=f"arn:aws:s3:::{BUCKET}/*")
    iam.put_role_policy(RoleName=ROLE, PolicyName="scripts", PolicyDocument=read)
    for name, script in scripts.items():
        s3.put_object(Bucket=BUCKET, Key=f"{name}.py", Body=script.encode())
        location = f"s3://{BUCKET}/{name}.py"
        glue.create_job(
            Name=name, Role=role, GlueVersion="5.1", Command={"Name": "glueetl", "ScriptLocation": location}
        )


def allow(action: str, **more: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, **more}]})


def job_run(cloud: LocalCloud, name: str) -> float:
    glue, started = cloud.client("glue"), time.perf_counter()
    run_id = glue.start_job_run(JobName=name)["JobRunId"]
    while True:
        run = glue.get_job_run(JobName=name, RunId=run_id)["JobRun"]
        if run["JobRunState"] in {"SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR"}:
            break
        time.sleep(0.02)
    if run["JobRunState"] != "SUCCEEDED":
        raise SystemExit(f"job {name}: {run['JobRunState']}: {run.get('ErrorMessage', '')}")
    return time.perf_counter() - started


def report(warm: Seconds, cold: Seconds, parts: Seconds, runs: int) -> None:
    console = Console()
    console.print(f"medians of {runs} runs on a cloud of its own, {os.cpu_count()} cores")
    table = Table("part", "JVM waits: s", "--no-warm: s", "ratio")
    for column in table.columns[1:]:
        column.justify = "right"
    for name, seconds in cold.items():
        if name in ("whole process", CPU) or seconds >= WORTH_SHOWING:
            add_row(table, name, warm[name], seconds)
    console.print(table)
    job, spark = cold["  state RunJob"], parts["spark"] - parts["empty"]
    for name, seconds in (
        ("the Spark job (state RunJob), --no-warm", job),
        ("  a Glue job run that does nothing", parts["empty"]),
        ("  starting Spark, to its first result", spark),
        ("  the ingestion's own work", job - parts["spark"]),
        ("everything else: our overhead", cold["whole process"] - job),
    ):
        console.print(f"{name:<40} {seconds:6.2f} s  {seconds / cold['whole process']:5.0%}")
    console.print("aim on 2 quiet cores: the whole, where a JVM waits, under 20 s")


def report_kept(found: dict[str, Seconds], runs: int) -> None:
    console = Console()
    table = Table("in a kept cloud", "JVM waits: s", "--no-warm: s", "ratio")
    for name, seconds in found[COLD].items():
        add_row(table, name, found[WARM][name], seconds)
    console.print(f"medians of {runs} runs in a kept cloud")
    console.print(table)
    console.print("aims on 2 quiet cores, where a JVM waits: 10 s after an edit, 3 s with nothing new")


def add_row(table: Table, name: str, warm: float, cold: float) -> None:
    table.add_row(name, f"{warm:.2f}", f"{cold:.2f}", f"{warm / cold:.2f}" if cold else "")


if __name__ == "__main__":
    main()
