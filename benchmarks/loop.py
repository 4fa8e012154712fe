"""Where the time of a warm `make run` goes: python -m benchmarks.loop [--runs 5].

Every figure is a median over whole processes: `covidlake run` on a cloud of its own, which is what
`make run` starts, after one run that is not counted. Beside it, on one more cloud, a Glue job that does
nothing and one that only starts Spark, so that the cost of running a job at all can be told from the
ingestion's own work. Figures of a busy machine mean little: compare shares, not seconds.
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
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from localcloud.cloud import LocalCloud

COVIDLAKE = Path(sys.executable).with_name("covidlake")
BUCKET = "benchmark-scripts"
ROLE = "benchmark-job"
EMPTY_SCRIPT = "print('nothing')\n"
SPARK_SCRIPT = """from pyspark.sql import SparkSession
SparkSession.builder.getOrCreate().range(1).count()
"""

PARENTS = {"IngestDataSets"}  # its seconds are those of the states inside it

Seconds = dict[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=5, help="counted runs [%(default)s]")
    runs = parser.parse_args().runs
    measured = [timed_run(number) for number in range(runs + 1)][1:]
    report(medians(measured), job_parts(runs), runs)


def timed_run(number: int) -> Seconds:
    """One whole `covidlake run`: the seconds of the process, of each stage and of each state."""
    print(f"run {number} ..." if number else "run 0, not counted ...", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        timings = Path(folder) / "timings.json"
        started = time.perf_counter()
        subprocess.run([str(COVIDLAKE), "run", "--timings", str(timings)], check=True, capture_output=True)
        whole = time.perf_counter() - started
        found = json.loads(timings.read_text())
    states = {f"  state {name}": seconds for name, seconds in found["states"].items() if name not in PARENTS}
    return {"whole process": whole, **found["stages"], **states}


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


def report(run: Seconds, parts: Seconds, runs: int) -> None:
    whole, job = run["whole process"], run["  state RunJob"]
    console = Console()
    console.print(f"medians of {runs} warm runs, {os.cpu_count()} cores")
    table = Table("part", "seconds", "share of the whole")
    for column in table.columns[1:]:
        column.justify = "right"
    for name, seconds in run.items():
        if name == "whole process" or seconds >= 0.005:
            table.add_row(name, f"{seconds:.2f}", f"{seconds / whole:.0%}")
    console.print(table)
    spark = parts["spark"] - parts["empty"]
    for name, seconds in (
        ("the Spark job (state RunJob)", job),
        ("  a Glue job run that does nothing", parts["empty"]),
        ("  starting Spark, to its first result", spark),
        ("  the ingestion's own work", job - parts["spark"]),
        ("everything else: our overhead", whole - job),
    ):
        console.print(f"{name:<40} {seconds:6.2f} s  {seconds / whole:5.0%}")
    console.print("aims on 2 quiet cores: everything but the Spark job under 8 s, the whole under 25 s")


if __name__ == "__main__":
    main()
