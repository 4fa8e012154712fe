"""The run records in the lake, `runs/<data set>/<run>.json`: of one run, and of the last ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from covidlake import aws

PREFIX = "runs/"
LAST = 20  # runs of a data set that the trend shows
READ_AT_MOST = 1_000_000  # bytes of one: a record has some kilobytes
DROPPED = ("tables", "catalog", "columns_added", "fields_lost", "objects_skipped")  # of older ones: not shown


def of_run(bucket: str, run_id: str) -> dict[str, list[dict[str, Any]]]:
    """By data set the last `LAST` records, the oldest first, and this run's own among them, whole."""
    found: dict[str, list[dict[str, Any]]] = {}
    for name in _names(bucket):
        keys = _last_keys(bucket, name, f"{PREFIX}{name}/{run_id}.json")
        found[name] = [record for key in keys if (record := _read(bucket, key))]
    for records in found.values():
        for record in records:
            if record.get("run_id") != run_id:
                for item in DROPPED:
                    record.pop(item, None)
                record.pop("rules", None)
    return {name: records for name, records in found.items() if records}


def _names(bucket: str) -> list[str]:
    """The data sets that have records."""
    pages = (
        aws.client("s3")
        .get_paginator("list_objects_v2")
        .paginate(Bucket=bucket, Prefix=PREFIX, Delimiter="/")
    )
    folders = [one["Prefix"] for page in pages for one in page.get("CommonPrefixes", [])]
    return [folder.removeprefix(PREFIX).rstrip("/") for folder in folders]


def _last_keys(bucket: str, name: str, own: str) -> list[str]:
    pages = (
        aws.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{PREFIX}{name}/")
    )
    listed = sorted(
        (item["LastModified"], item["Key"])
        for page in pages
        for item in page.get("Contents", [])
        if _fits(item)
    )
    keys = [key for _, key in listed]
    until = (
        keys.index(own) + 1 if own in keys else len(keys)
    )  # what came after this run is no part of its trend
    return keys[max(0, until - LAST) : until]


def _fits(item: Any) -> bool:
    return bool(item["Key"].endswith(".json") and item["Size"] <= READ_AT_MOST)


def _read(bucket: str, key: str) -> dict[str, Any]:
    """A record; {} for one that is gone meanwhile, or that holds something else."""
    try:
        content = json.loads(aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchKey":
            raise
        return {}
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def own(records: dict[str, list[dict[str, Any]]], run_id: str) -> Iterator[dict[str, Any]]:
    """Those of one run."""
    for found in records.values():
        yield from (record for record in found if record.get("run_id") == run_id)
