"""The log groups that Glue names after no stack: every job and crawler of the account shares them.

No stack may own them, and without a retention they grow for ever. Bootstrap gives them one where that deletes
nothing of anybody's; a retention that somebody set is left alone, whatever it is.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from covidlake import aws
from covidlake.base.progress import Progress
from infra.common.names import CRAWLER_LOG_GROUP, SHARED_JOB_LOG_GROUPS

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_logs.type_defs import LogGroupTypeDef

GROUPS = (*SHARED_JOB_LOG_GROUPS, CRAWLER_LOG_GROUP)
RETENTION_DAYS = 90


def limit(progress: Progress) -> None:
    """Make those that are missing, and let those expire that are too young to lose anything by it."""
    for name in GROUPS:
        _limit(aws.client("logs"), name, progress)


def _limit(logs: CloudWatchLogsClient, name: str, progress: Progress) -> None:
    found = _find(logs, name)
    if found is None:
        with suppress(logs.exceptions.ResourceAlreadyExistsException):  # a job has begun meanwhile
            logs.create_log_group(logGroupName=name)
    elif "retentionInDays" in found:
        return
    elif _age(found) > timedelta(days=RETENTION_DAYS):
        progress(
            f"log group {name} never expires and holds logs of every Glue job of the account: to delete what "
            f"is older than {RETENTION_DAYS} days: aws logs put-retention-policy --log-group-name {name} "
            f"--retention-in-days {RETENTION_DAYS}"
        )
        return
    logs.put_retention_policy(logGroupName=name, retentionInDays=RETENTION_DAYS)
    progress(f"log group {name}: logs are kept for {RETENTION_DAYS} days")


def _find(logs: CloudWatchLogsClient, name: str) -> LogGroupTypeDef | None:
    pages = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=name)
    return next((one for page in pages for one in page["logGroups"] if one.get("logGroupName") == name), None)


def _age(group: LogGroupTypeDef) -> timedelta:
    return datetime.now(UTC) - datetime.fromtimestamp(group.get("creationTime", 0) / 1000, UTC)
