"""Returns the state of the crawl that `start_crawler` said to wait for.

The crawl is done when the crawler is READY and its last crawl is the one to wait for. Glue's metrics of a
crawler are estimates, and LastCrawl is the previous crawl until one ends, so neither alone is enough.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import quote

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as ConnectionFailure

FIRST_WAIT_SECONDS = 10
LONGEST_WAIT_SECONDS = 60
WAIT_GROWTH = 1.5
CONSOLES = {"aws-cn": "console.amazonaws.cn", "aws-us-gov": "console.amazonaws-us-gov.com"}
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
    """The event is not what start_crawler or check_crawler returned."""


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


def covers(last_crawl: dict[str, Any], after: str | None) -> bool:
    """Whether the last crawl is the one to wait for or a later one."""
    started = last_crawl.get("StartTime")
    if started is None:
        return False
    return bool(after is None or started > datetime.fromisoformat(after))


def status_of(crawler: dict[str, Any], event: dict[str, Any]) -> str:
    """RUNNING, SUCCEEDED, FAILED, or OUTDATED: idle, but the last crawl does not cover the caller's data."""
    if crawler["State"] != "READY":
        return "RUNNING"
    last_crawl = crawler.get("LastCrawl", {})
    if covers(last_crawl, event["wait_for_crawl_after"]):
        return "SUCCEEDED" if last_crawl.get("Status") == "SUCCEEDED" else "FAILED"
    # A crawl that was just started may not show yet; by the next check it does.
    return "RUNNING" if event["status"] == "STARTED" else "OUTDATED"


def message_of(status: str, crawler: dict[str, Any]) -> str:
    name, last_crawl = crawler["Name"], crawler.get("LastCrawl", {})
    if status == "RUNNING":
        return f"crawler {name} is {crawler['State']}"
    if status == "OUTDATED":
        return f"the last crawl of {name} began before the data was complete"
    if status == "SUCCEEDED":
        return f"crawl of {name} succeeded"
    reason = last_crawl.get("ErrorMessage") or "Glue gave no reason; see its log"
    return f"crawl of {name} ended as {last_crawl.get('Status', 'unknown')}: {reason}"


def log_link(last_crawl: dict[str, Any]) -> str | None:
    """The crawl's log stream in the console, whose links double the percent-encoding and write % as $25."""
    group, stream = last_crawl.get("LogGroup"), last_crawl.get("LogStream")
    if not group or not stream:
        return None
    region = glue().meta.region_name
    host = f"{region}.{CONSOLES.get(glue().meta.partition, 'console.aws.amazon.com')}"
    path = f"log-group/{_encoded(group)}/log-events/{_encoded(stream)}"
    return f"https://{host}/cloudwatch/home?region={region}#logsV2:log-groups/{path}"


def _encoded(name: str) -> str:
    return quote(quote(name, safe=""), safe="").replace("%", "$")


def wait_seconds(attempt: int) -> int:
    """The wait after check number `attempt`: half as much again as the one before, up to 60 s."""
    return round(min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * WAIT_GROWTH ** min(attempt, 10)))


def _validated(event: Any) -> dict[str, Any]:
    keys = {"crawler", "status", "wait_for_crawl_after", "attempt"}
    missing = sorted(keys - event.keys()) if isinstance(event, dict) else sorted(keys)
    if missing:
        raise InvalidEventError(
            f"event {event!r} lacks {', '.join(missing)}: pass what start_crawler returned"
        )
    return dict(event)


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """What start_crawler or the last check returned -> the same with status, message, log link and next wait.

    Raises CrawlerUnavailableError when another attempt may succeed; CrawlerNotFoundError, InvalidEventError
    and Glue's own errors, such as AccessDeniedException, when it will not.
    """
    event = _validated(event)
    crawler = call("get_crawler", event["crawler"])["Crawler"]
    status, attempt = status_of(crawler, event), event["attempt"] + 1
    answer = {
        "crawler": event["crawler"],
        "status": status,
        "wait_for_crawl_after": event["wait_for_crawl_after"],
        "attempt": attempt,
        "wait_seconds": wait_seconds(attempt),
        "message": message_of(status, crawler),
        "log_link": log_link(crawler.get("LastCrawl", {})) if status in ("SUCCEEDED", "FAILED") else None,
    }
    last_start = crawler.get("LastCrawl", {}).get("StartTime")
    seen = {
        "state": crawler["State"],
        "last_crawl_start": last_start and last_start.astimezone(UTC).isoformat(),
    }
    sys.stdout.write(
        json.dumps({**answer, **seen, "message": "check_crawler", "detail": answer["message"]}) + "\n"
    )
    return answer
