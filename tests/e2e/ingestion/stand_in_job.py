"""A stand-in for the Glue job: does for each data set what its source object tells it, in the job's form.

The source object `<dataset>/plan.json` holds {"revision", "rows", "claimed_rows", "partition",
"crawl_needed", "error", "kill", "rows_quarantined", "sleep_seconds", "without", "fail_at_end"}; all but the
first two may be missing.
"""

import datetime
import json
import os
import signal
import sys
import tempfile
import time

import boto3
import duckdb
from awsglue.utils import getResolvedOptions

NAMES = ["JOB_NAME", "source_root", "lake_root", "areas", "datasets", "run_id", "load_mode"]
NAMES += ["from_date", "to_date"]
NO_ROWS = ("rows_restated", "rows_unchanged", "rows_removed", "rows_duplicate", "rows_quarantined")
NO_ROWS += ("rows_filtered_out", "quarantine_rows")
s3 = boto3.client("s3")


def bucket_of(root):
    return root.removeprefix("s3://").strip("/")


def read_json(bucket, key):
    try:
        return json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    except s3.exceptions.NoSuchKey:
        return {}


def write_table(lake, dataset, rows, partition):
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/part-0.parquet"
        query = "SELECT i::BIGINT AS cases, 'A' || i AS area FROM range(?) numbers(i)"
        duckdb.sql(query, params=[rows]).write_parquet(path)
        s3.upload_file(path, lake, f"clean/{dataset}/month={partition}/part-0.parquet")


def now():
    return datetime.datetime.now(datetime.UTC).isoformat()


def record_of(plan, changed, dataset, options, published):
    read = plan["rows"] if changed else 0
    claimed = plan.get("claimed_rows", plan["rows"])
    partition = plan.get("partition", "2022-12")
    crawl = published.get("catalog") != partition or plan.get("crawl_needed", False)
    return {
        "dataset": dataset,
        "run_id": options["run_id"],
        "status": "LOADED" if changed else "NOTHING_NEW",
        "crawl_needed": crawl,
        "verify_needed": crawl or published.get("revision") != plan["revision"],
        "catalog": partition,
        "mode": options["load_mode"],
        "objects_listed": 1,
        "objects_read": int(changed),
        "objects_removed": 0,
        "rows_read": read,
        "rows_new": read,
        **dict.fromkeys(NO_ROWS, 0),
        "rows_quarantined": plan.get("rows_quarantined", 0) * int(changed),
        "tables": plan.get("tables", {dataset: claimed}),
        "findings": "",
        "partitions_written": int(changed),
        "files_written": int(changed),
        "bytes_written": 1000 * int(changed),
        "table_rows": claimed,
        "revision": plan["revision"],
        "seconds": 0.1,
        "started_at": now(),
        "ended_at": now(),
    }


def run_one(options, source, lake, dataset):
    plan = read_json(source, f"{dataset}/plan.json")
    time.sleep(plan.get("sleep_seconds", 0))
    if plan.get("kill"):
        os.kill(os.getpid(), signal.SIGKILL)
    if plan.get("error"):
        times = {"started_at": now(), "ended_at": now()}
        failed = {"status": "FAILED", "error": "ValueError", "cause": plan["error"], **times}
        return {"dataset": dataset, "run_id": options["run_id"], **failed}
    published = read_json(lake, f"state/{dataset}/published.json")
    changed = plan["revision"] != read_json(lake, f"state/{dataset}/ledger.json").get("revision")
    if changed:
        write_table(lake, dataset, plan["rows"], plan.get("partition", "2022-12"))
        s3.put_object(Bucket=lake, Key=f"state/{dataset}/ledger.json", Body=json.dumps(plan))
    record = record_of(plan, changed, dataset, options, published)
    for field in plan.get("without", []):
        del record[field]
    return record


def run(options):
    source, lake = bucket_of(options["source_root"]), bucket_of(options["lake_root"])
    failed = []
    for dataset in options["datasets"].split(","):
        record = run_one(options, source, lake, dataset)
        key = f"runs/{dataset}/{options['run_id']}.json"
        s3.put_object(Bucket=lake, Key=key, Body=json.dumps(record))
        failed += [record["cause"]] if record.get("error") else []
    if failed:
        raise ValueError("; ".join(failed))
    plans = [read_json(source, f"{name}/plan.json") for name in options["datasets"].split(",")]
    if any(plan.get("fail_at_end") for plan in plans):
        raise RuntimeError("lost; at the end")


run(getResolvedOptions(sys.argv, NAMES))
