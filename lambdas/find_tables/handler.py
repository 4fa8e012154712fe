"""Compares what the crawl of the database found with the described tables.

A table that the crawler has marked as gone counts as missing: it keeps the entries of what has vanished.
"""

from __future__ import annotations

import json
import re
import sys
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as ConnectionFailure

KEYS = ("tables", "described", "tables_per_run", "catalog", "database")
GONE = "DEPRECATED_BY_CRAWLER"  # a parameter that the crawler gives to what has vanished
SAID = 50  # names in the answer of what is not described: the state of an execution is limited
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
    """The event lacks what an execution was asked for."""


class FindTablesUnavailableError(RuntimeError):
    """Glue is throttled or down: another attempt may succeed. The state machine retries this by its name."""


@cache
def glue() -> Any:
    retries = Config(retries={"mode": "standard", "max_attempts": 4}, connect_timeout=3, read_timeout=8)
    return boto3.client("glue", config=retries)


def is_transient(error: ClientError) -> bool:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return error.response["Error"].get("Code") in TRANSIENT_CODES or status >= 500


def crawled(catalog: str) -> dict[str, str]:
    """By the name that the crawler gave it, where each table is in the database, if its entry says so."""
    pages = glue().get_paginator("get_tables").paginate(DatabaseName=catalog)
    found = [table for page in pages for table in page["TableList"]]
    return {
        table["Name"]: table.get("StorageDescriptor", {}).get("Location", "")
        for table in found
        if GONE not in table.get("Parameters", {})
    }


def name_in_catalog(database: str, place: str) -> str:
    """`shop`, `crm.customers` -> `shop_crm_customers`: the name that a crawler gives a table."""
    return re.sub(r"\W", "_", f"{database}.{place}".lower())


def places(described: list[str]) -> dict[str, str]:
    """`crm_customers=crm.customers` -> by name, where each described table is in the database."""
    pairs = [one.partition("=") for one in described if one]
    if broken := [name for name, equals, place in pairs if not (name and equals and "." in place)]:
        raise InvalidEventError(f"described {broken!r}: expected NAME=SCHEMA.TABLE")
    return {name: place for name, _, place in pairs}


def not_described(found: dict[str, str], database: str, described: dict[str, str]) -> list[str]:
    """As `schema.table` where the catalog says so; more than a few are counted."""
    known = {name_in_catalog(database, place) for place in described.values()}
    others = sorted(
        location.removeprefix(f"{database}.") or name for name, location in found.items() if name not in known
    )
    rest = len(others) - SAID
    return [*others[:SAID], *([f"and {rest} more"] if rest > 0 else [])]


def find(event: dict[str, Any]) -> dict[str, Any]:
    described, found = places(event["described"]), crawled(event["catalog"])
    if unknown := [name for name in event["tables"] if name not in described]:
        raise InvalidEventError(f"tables {unknown!r} are not described; there are {', '.join(described)}")
    there, missing = [], []
    for name in event["tables"]:
        place = described[name]
        if name_in_catalog(event["database"], place) in found:
            there.append(name)
        else:
            missing.append({"name": name, "place": place})
    size = int(event["tables_per_run"])
    return {
        "tables": there,
        "job_runs": [{"datasets": there[start : start + size]} for start in range(0, len(there), size)],
        "undescribed": not_described(found, event["database"], described),
        "missing": missing,
    }


def _check(event: Any) -> None:
    lacking = sorted(set(KEYS) - event.keys()) if isinstance(event, dict) else sorted(KEYS)
    if lacking:
        raise InvalidEventError(f"event {event!r} lacks {', '.join(lacking)}: the state machine gives them")


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """{"tables": [NAME], "described": ["NAME=SCHEMA.TABLE"], ...} -> tables, job_runs, undescribed, missing.

    `job_runs` part the `tables` that are there among runs of the extraction; `missing` has name and place of
    the others; `undescribed` are those that nothing asks for. Raises FindTablesUnavailableError when another
    attempt may succeed; InvalidEventError and errors of AWS, such as AccessDeniedException, when it will not.
    """
    _check(event)
    try:
        answer = find(event)
    except (ConnectionFailure, HTTPClientError) as error:
        raise FindTablesUnavailableError(str(error)) from error
    except ClientError as error:
        if is_transient(error):
            raise FindTablesUnavailableError(str(error)) from error
        raise
    sys.stdout.write(json.dumps({"message": "find_tables", **answer}) + "\n")
    return answer
