"""dbt-athena: seed, table, view, incremental models, tests, a second run, a snapshot, documentation."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import boto3
from cases import case, run

BUCKET, SCHEMA = "dbt-lake", "dbt_clients"
HERE = Path(__file__).parent
FOLDER = Path(tempfile.mkdtemp(prefix="dbt-clients-"))


def dbt(*words: str) -> list[dict[str, object]]:
    """The results of a command that has to succeed."""
    command = [str(Path(sys.executable).parent / "dbt"), *words, "--profiles-dir", str(FOLDER)]
    done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(done.stdout[-3000:] + done.stderr[-500:])
    results: list[dict[str, object]] = json.loads((FOLDER / "target" / "run_results.json").read_text())[
        "results"
    ]
    return results


def rows(query: str) -> list[list[str]]:
    athena = boto3.client("athena")
    started = athena.start_query_execution(
        QueryString=query,
        QueryExecutionContext={"Database": SCHEMA},
        ResultConfiguration={"OutputLocation": f"s3://{BUCKET}/results/"},
    )["QueryExecutionId"]
    status = {"State": "QUEUED"}
    while status["State"] in ("QUEUED", "RUNNING"):
        time.sleep(0.1)
        status = athena.get_query_execution(QueryExecutionId=started)["QueryExecution"]["Status"]
    assert status["State"] == "SUCCEEDED", status
    found = athena.get_query_results(QueryExecutionId=started)["ResultSet"]["Rows"][1:]
    return [[cell.get("VarCharValue", "") for cell in row["Data"]] for row in found]


@case
def seed() -> None:
    dbt("seed")
    assert rows("SELECT count(*) FROM orders") == [["3"]]


@case
def a_table() -> None:
    dbt("run", "--select", "customers")
    assert rows("SELECT customer, orders FROM customers ORDER BY 1") == [["ada", "2"], ["bob", "1"]]


@case
def a_view() -> None:
    dbt("run", "--select", "big_orders")
    assert rows("SELECT id FROM big_orders ORDER BY 1") == [["1"], ["3"]]


@case
def an_incremental_model_that_overwrites_partitions() -> None:
    dbt("run", "--select", "days")
    assert rows("SELECT day, count(*) FROM days GROUP BY 1 ORDER BY 1") == [
        ["2020-01-01", "2"],
        ["2020-01-02", "1"],
    ]


@case
def an_incremental_model_that_appends() -> None:
    dbt("run", "--select", "log")
    assert rows("SELECT count(*) FROM log") == [["3"]]


@case
def data_tests() -> None:
    results = dbt("test")
    assert len(results) == 8, len(results)


@case
def a_second_run() -> None:
    seed_file = FOLDER / "seeds" / "orders.csv"
    seed_file.write_text(seed_file.read_text() + "4,bob,9.00,2020-01-02\n")
    dbt("seed")
    dbt("run")
    assert rows("SELECT day, count(*) FROM days GROUP BY 1 ORDER BY 1") == [
        ["2020-01-01", "2"],
        ["2020-01-02", "2"],
    ]
    assert rows("SELECT count(*) FROM log") == [["4"]]
    assert rows("SELECT orders FROM customers WHERE customer = 'bob'") == [["2"]]


@case
def a_full_refresh() -> None:
    dbt("run", "--full-refresh")
    assert rows("SELECT count(*) FROM log") == [["4"]]


@case
def a_snapshot() -> None:
    dbt("snapshot")
    assert rows("SELECT count(*) FROM orders_history") == [["4"]]


@case
def a_snapshot_of_a_change() -> None:
    seed_file = FOLDER / "seeds" / "orders.csv"
    seed_file.write_text(seed_file.read_text().replace("3.00", "4.00"))
    dbt("seed")
    dbt("snapshot")
    assert rows("SELECT count(*), count(dbt_valid_to) FROM orders_history") == [["5", "1"]]


@case
def documentation() -> None:
    dbt("docs", "generate")
    catalog = json.loads((FOLDER / "target" / "catalog.json").read_text())
    assert "model.clients.customers" in catalog["nodes"]


def profile() -> str:
    target = {
        "type": "athena",
        "region_name": os.environ["AWS_DEFAULT_REGION"],
        "s3_staging_dir": f"s3://{BUCKET}/staging/",
        "s3_data_dir": f"s3://{BUCKET}/data/",
        "schema": SCHEMA,
        "database": "awsdatacatalog",
        "threads": 2,
    }
    return json.dumps({"clients": {"target": "local", "outputs": {"local": target}}})


if __name__ == "__main__":
    region = os.environ["AWS_DEFAULT_REGION"]
    boto3.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": region})
    try:
        shutil.copytree(HERE / "dbt_project", FOLDER, dirs_exist_ok=True)
        (FOLDER / "profiles.yml").write_text(profile())
        run()
    finally:
        shutil.rmtree(FOLDER, ignore_errors=True)
