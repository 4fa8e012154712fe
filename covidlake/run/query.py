"""`covidlake query`: ask Athena in the environment's workgroup."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from covidlake import aws
from covidlake.base.errors import QueryError
from covidlake.ship.stack import stack

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient

LIMIT_SECONDS = 1800.0


@dataclass(frozen=True)
class Answer:
    """The rows of a query as text, null as None."""

    columns: list[str]
    rows: list[list[str | None]]
    bytes_scanned: int
    execution_id: str


def query(environment: str, sql: str) -> Answer:
    """Run one statement and wait for its answer.

    Raises `QueryError` with Athena's reason.
    """
    outputs = stack.find(environment).outputs
    athena = aws.client("athena")
    execution_id = _start(
        athena,
        QueryString=sql,
        WorkGroup=outputs["WorkGroupName"],
        QueryExecutionContext={"Database": outputs["DatabaseName"]},
    )
    scanned = _wait(athena, execution_id)
    columns, rows = _fetch(athena, execution_id)
    return Answer(columns, rows, scanned, execution_id)


def ask(sql: str, database: str, results: str) -> tuple[list[str], list[list[str | None]]]:
    """The columns and rows of a statement in the account's own workgroup; `results` is a place in S3.

    Raises `QueryError` with Athena's reason.
    """
    athena = aws.client("athena")
    execution_id = _start(
        athena,
        QueryString=sql,
        QueryExecutionContext={"Database": database},
        ResultConfiguration={"OutputLocation": results},
    )
    _wait(athena, execution_id)
    return _fetch(athena, execution_id)


def _start(athena: AthenaClient, **request: Any) -> str:
    """Begin a query. What Athena's parser cannot read it refuses here already."""
    try:
        return athena.start_query_execution(**request)["QueryExecutionId"]
    except athena.exceptions.InvalidRequestException as error:
        reason = " ".join(error.response["Error"].get("Message", "no reason given").split())
        raise QueryError(f"query refused: {reason}") from error


def _wait(athena: AthenaClient, execution_id: str) -> int:
    """Wait for the end of a query: the bytes that it scanned."""
    started = time.monotonic()
    while True:
        found = athena.get_query_execution(QueryExecutionId=execution_id)["QueryExecution"]
        state, elapsed = found["Status"]["State"], time.monotonic() - started
        if state == "SUCCEEDED":
            return found["Statistics"].get("DataScannedInBytes", 0)
        if state in {"FAILED", "CANCELLED"}:
            reason = " ".join(found["Status"].get("StateChangeReason", "no reason given").split())
            raise QueryError(f"query {state.lower()}: {reason}{_hint(reason)}")
        if elapsed > LIMIT_SECONDS:
            raise QueryError(f"query {execution_id} still {state.lower()} after {LIMIT_SECONDS:.0f} s")
        time.sleep(aws.poll_interval(elapsed))


def _hint(reason: str) -> str:
    """What to do about a table that is not there."""
    if "TABLE_NOT_FOUND" not in reason:
        return ""
    return ": covidlake status ENV lists the tables; before the first covidlake ingest ENV there are none"


def _fetch(athena: AthenaClient, execution_id: str) -> tuple[list[str], list[list[str | None]]]:
    pages = list(athena.get_paginator("get_query_results").paginate(QueryExecutionId=execution_id))
    info = pages[0]["ResultSet"].get("ResultSetMetadata", {}).get("ColumnInfo", [])
    columns = [column["Name"] for column in info]
    rows = [
        [cell.get("VarCharValue") for cell in row.get("Data", [])]
        for page in pages
        for row in page["ResultSet"].get("Rows", [])
    ]
    if rows and rows[0] == columns:  # Athena repeats the header as the first row of a SELECT
        rows = rows[1:]
    return columns, rows
