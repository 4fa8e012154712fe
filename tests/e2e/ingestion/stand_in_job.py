"""A stand-in for the Glue job: does what its source object tells it, in the job's own form.

The source object `<dataset>/plan.json` holds {"revision", "rows", "claimed_rows", "crawl_needed", "error"}.
"""

import datetime
import json
import sys
import tempfile
import time

import boto3
import duckdb
from awsglue.utils import getResolvedOptions

NAMES = ["JOB_NAME", "source_root", "lake_root", "areas", "dataset", "run_id", "load_mode"]
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


def write_table(lake, dataset, rows):
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/part-0.parquet"
        query = "SELECT i::BIGINT AS cases, 'A' || i AS area FROM range(?) numbers(i)"
        duckdb.sql(query, params=[rows]).write_parquet(path)
        s3.upload_file(path, lake, f"clean/{dataset}/month=2022-12/part-0.parquet")


def run(options):
    source, lake = bucket_of(options["source_root"]), bucket_of(options["lake_root"])
    dataset, run_id = options["dataset"], options["run_id"]
    plan = read_json(source, f"{dataset}/plan.json")
    time.sleep(plan.get("sleep_seconds", 0))
    if plan.get("error"):
        raise ValueError(plan["error"])
    published = read_json(lake, f"state/{dataset}/published.json")
    changed = plan["revision"] != read_json(lake, f"state/{dataset}/ledger.json").get("revision")
    if changed:
        write_table(lake, dataset, plan["rows"])
        s3.put_object(Bucket=lake, Key=f"state/{dataset}/ledger.json", Body=json.dumps(plan))
    now = datetime.datetime.now(datetime.UTC).isoformat()
    read = plan["rows"] if changed else 0
    record = {
        "dataset": dataset,
        "run_id": run_id,
        "status": "LOADED" if changed else "NOTHING_NEW",
        "crawl_needed": changed or published.get("revision") != plan["revision"],
        "mode": options["load_mode"],
        "objects_listed": 1,
        "objects_read": int(changed),
        "objects_removed": 0,
        "rows_read": read,
        "rows_new": read,
        **dict.fromkeys(NO_ROWS, 0),
        "tables": {dataset: plan.get("claimed_rows", plan["rows"])},
        "findings": "",
        "partitions_written": int(changed),
        "files_written": int(changed),
        "bytes_written": 1000 * int(changed),
        "table_rows": plan.get("claimed_rows", plan["rows"]),
        "revision": plan["revision"],
        "seconds": 0.1,
        "started_at": now,
        "ended_at": now,
    }
    for field in plan.get("without", []):
        del record[field]
    s3.put_object(Bucket=lake, Key=f"runs/{dataset}/{run_id}.json", Body=json.dumps(record))


run(getResolvedOptions(sys.argv, NAMES))
