"""Finds out which data sets have anything to do, before a job, a crawler or a query is started.

The package carries those rooms of `jobs/ingestion` that know no Spark, and `jobs/datasets`: see
`carries.txt` beside this file. So it plans exactly as the job does.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as ConnectionFailure

from ingestion import work

KEYS = ("datasets", "run_id", "load_mode", "from_date", "to_date", "allow_removal")
LEAVE_SECONDS = 20  # of the function's time, for the answer
TRANSIENT_CODES = {
    "InternalError",
    "InternalServiceException",
    "OperationTimeoutException",
    "RequestLimitExceeded",
    "RequestTimeout",
    "ServiceUnavailable",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}


class InvalidEventError(ValueError):
    """The event lacks what an execution was asked for."""


class FindWorkUnavailableError(RuntimeError):
    """AWS is throttled or down: another attempt may succeed. The state machine retries this by its name."""


@cache
def client(service: str) -> Any:
    retries = Config(retries={"mode": "standard", "max_attempts": 5}, connect_timeout=3, read_timeout=15)
    return boto3.client(service, config=retries)  # type: ignore[call-overload]


def is_transient(error: ClientError) -> bool:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return error.response["Error"].get("Code") in TRANSIENT_CODES or status >= 500


def tables(database: str) -> set[str]:
    """The names of the tables in the Data Catalog; none if the database is gone."""
    pages = client("glue").get_paginator("get_tables").paginate(DatabaseName=database)
    try:
        return {table["Name"] for page in pages for table in page["TableList"]}
    except client("glue").exceptions.EntityNotFoundException:
        return set()


def options_of(event: dict[str, Any]) -> dict[str, str]:
    """The job's arguments: those of the event, and those that the stack gives every job run."""
    roots = {name: os.environ[name.upper()] for name in ("source_root", "lake_root", "areas")}
    return {**roots, **{name: str(event[name]) for name in KEYS if name != "datasets"}}


def find(event: dict[str, Any], context: Any) -> dict[str, Any]:
    search = work.Search(
        options_of(event),
        client("s3"),
        tables(os.environ["DATABASE"]),
        datetime.now(UTC),
        lambda: context.get_remaining_time_in_millis() < LEAVE_SECONDS * 1000,
        is_transient,
    )
    found = search.of(event["datasets"])
    groups = work.grouped(
        found, int(os.environ["JOB_RUN_MEGABYTES"]) * 1_000_000, int(os.environ["JOB_RUN_DATA_SETS"])
    )
    return {
        "data_sets": [one.as_json() for one in found],
        "job_runs": [{"datasets": names} for names in groups],
    }


def _check(event: Any) -> None:
    missing = sorted(set(KEYS) - event.keys()) if isinstance(event, dict) else sorted(KEYS)
    if missing:
        raise InvalidEventError(f"event {event!r} lacks {', '.join(missing)}: the state machine gives them")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """{"datasets": [NAME], and the job's other arguments} -> {"data_sets": [...], "job_runs": [...]}.

    Each of the `data_sets` has a `run`, as the run record says it, if there is nothing to read, or a
    `failure`; the others are named in one of the `job_runs`. Raises FindWorkUnavailableError when another
    attempt may succeed; InvalidEventError and errors of AWS, such as AccessDeniedException, when it will not.
    """
    _check(event)
    try:
        answer = find(event, context)
    except (ConnectionFailure, HTTPClientError) as error:
        raise FindWorkUnavailableError(str(error)) from error
    except ClientError as error:
        if is_transient(error):
            raise FindWorkUnavailableError(str(error)) from error
        raise
    sys.stdout.write(json.dumps({"message": "find_work", **answer}) + "\n")
    return answer
