"""Starts a Glue crawler, or returns which crawl to wait for if it is already running.

Only Glue's own times decide which crawl covers the caller's data, so a wrong clock does not matter. It is a
crawl that began after the last one known before our start, or, if the crawler was already running, after Glue
answered.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as ConnectionFailure

FIRST_WAIT_SECONDS = 10
TRANSIENT_CODES = {
    "InternalServiceException",
    "OperationTimeoutException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "ThrottlingException",
    "TooManyRequestsException",
}


class InvalidEventError(ValueError):
    """The event does not name a crawler."""


class CrawlerNotFoundError(LookupError):
    """There is no crawler of that name in this account and region."""


class CrawlerUnavailableError(RuntimeError):
    """Glue is throttled or down: another attempt may succeed. The state machine retries this by its name."""


@cache
def glue() -> Any:
    retries = Config(retries={"mode": "standard", "max_attempts": 4}, connect_timeout=3, read_timeout=8)
    return boto3.client("glue", config=retries)


def call(operation: str, crawler: str) -> dict[str, Any]:
    """Call Glue for a crawler. Transient errors and a missing crawler become errors of this module."""
    try:
        response: dict[str, Any] = getattr(glue(), operation)(Name=crawler)
    except (ConnectionFailure, HTTPClientError) as error:
        raise CrawlerUnavailableError(f"{operation} {crawler}: {error}") from error
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "EntityNotFoundException":
            raise CrawlerNotFoundError(f"there is no crawler {crawler}: deploy the stack again") from error
        if code in TRANSIENT_CODES or error.response["ResponseMetadata"].get("HTTPStatusCode", 0) >= 500:
            raise CrawlerUnavailableError(f"{operation} {crawler}: {error}") from error
        raise
    return response


def answered_at(response: dict[str, Any]) -> datetime:
    """Glue's own time when it answered, to the second; this machine's time if the answer has none."""
    date = response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    return parsedate_to_datetime(date) if date else datetime.now(UTC)


def last_crawl_start(response: dict[str, Any]) -> datetime | None:
    """When the last crawl began, None before the first one."""
    start: datetime | None = response["Crawler"].get("LastCrawl", {}).get("StartTime")
    return start


def start(crawler: str) -> tuple[str, datetime | None]:
    """Start the crawler if it is idle: the status, and the time after which the crawl to wait for begins."""
    before = call("get_crawler", crawler)
    if before["Crawler"]["State"] != "READY":
        # The crawl in progress began within this second at the latest; it may have missed the caller's data.
        return "ALREADY_RUNNING", answered_at(before) + timedelta(seconds=1)
    try:
        call("start_crawler", crawler)
    except ClientError as error:
        if error.response["Error"]["Code"] != "CrawlerRunningException":
            raise
        # Another caller was faster, or our call succeeded and its answer was lost. Either way this crawl
        # began after the caller's data was complete, so it is the one to wait for.
        return "ALREADY_RUNNING", last_crawl_start(before)
    return "STARTED", last_crawl_start(before)


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """{"crawler": NAME} -> the state that `check_crawler` takes and returns.

    Raises CrawlerUnavailableError when another attempt may succeed; CrawlerNotFoundError, InvalidEventError
    and Glue's own errors, such as AccessDeniedException, when it will not.
    """
    crawler = event.get("crawler") if isinstance(event, dict) else None
    if not crawler or not isinstance(crawler, str):
        raise InvalidEventError(f'event {event!r} names no crawler: expected {{"crawler": "NAME"}}')
    status, after = start(crawler)
    answer = {
        "crawler": crawler,
        "status": status,
        "wait_for_crawl_after": after.astimezone(UTC).isoformat() if after else None,
        "attempt": 0,
        "wait_seconds": FIRST_WAIT_SECONDS,
    }
    sys.stdout.write(json.dumps({"message": "start_crawler", **answer}) + "\n")
    return answer
