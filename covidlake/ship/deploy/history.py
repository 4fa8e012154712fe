"""`covidlake history`: the deployment records of an environment, kept in the artifact bucket."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from botocore.exceptions import ClientError

from covidlake import aws
from covidlake.base import json_text, project
from covidlake.base.errors import CloudError

Outcome = Literal["DEPLOYED", "NO_CHANGE", "FAILED", "INTERRUPTED", "DESTROYED"]
GOOD: set[Outcome] = {"DEPLOYED", "NO_CHANGE"}
DEFAULT_LIMIT = 20


@dataclass(frozen=True)
class Record:
    """One finished deploy or destroy; times are UTC in ISO 8601, `by` is the ARN of the caller.

    `started_at` is by the clock of whoever deployed, `ended_at` by that of S3, which took the record.
    """

    environment: str
    stack: str
    status: str
    outcome: Outcome
    digest: str
    commit: str
    started_at: str
    ended_at: str
    by: str
    cause: str = ""


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def write(record: Record, bucket: str) -> None:
    """Keep a record."""
    time = record.ended_at.replace(":", "").replace("-", "").replace("+0000", "Z")
    key = f"{_prefix(record.environment)}{time}-{record.digest[:12]}.json"
    body = (json.dumps(asdict(record), indent=1) + "\n").encode()
    aws.client("s3").put_object(
        Bucket=bucket, Key=key, Body=body, ContentType="application/json", IfNoneMatch="*"
    )


def history(environment: str, limit: int | None = DEFAULT_LIMIT) -> list[Record]:
    """The last deploys of an environment, the newest first; all of them without a limit.

    Raises `CloudError` when there is no artifact bucket to read.
    """
    bucket = project.artifact_bucket(aws.account(), aws.region())
    pages = (
        aws.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=_prefix(environment))
    )
    try:
        found = [
            (item["LastModified"].astimezone(UTC), item["Key"])
            for page in pages
            for item in page.get("Contents", [])
        ]
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucket":
            raise
        raise CloudError(
            f"artifact bucket {bucket} does not exist: deploy with: covidlake deploy {environment}"
        ) from error
    with ThreadPoolExecutor(max_workers=8) as pool:
        return list(pool.map(lambda one: _read(bucket, one[1], one[0]), sorted(found, reverse=True)[:limit]))


def newest_good_commit(environment: str) -> str:
    """The commit of the last deploy that succeeded, also without a change; empty where none is known."""
    try:
        records = history(environment)
    except CloudError:
        return ""
    return next((one.commit for one in records if one.outcome in GOOD), "")


def _prefix(environment: str) -> str:
    return f"{project.stack_name(environment)}/deployments/"


def _read(bucket: str, key: str, kept_at: datetime) -> Record:
    body = aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    try:
        return replace(Record(**json_text.parse(body)), ended_at=kept_at.isoformat(timespec="seconds"))
    except (TypeError, ValueError) as error:
        raise CloudError(f"s3://{bucket}/{key} is no deployment record: delete it") from error
