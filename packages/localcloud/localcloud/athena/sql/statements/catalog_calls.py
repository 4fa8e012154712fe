"""Calls to the catalog that fail the query when they are refused."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from localcloud.athena.sql.errors import QueryError, refused
from localcloud.athena.sql.session import Session, Table

BATCH = 100


def call(action: Any, doing: str, **arguments: Any) -> Any:
    """Call the catalog with the caller's rights; a refusal fails the query."""
    try:
        return action(**arguments)
    except ClientError as error:
        raise refused(error, doing) from error


def add_partitions(session: Session, table: Table, added: list[tuple[list[str], str]]) -> None:
    """Register partitions, each given by its values and its location, with the table's own storage."""
    inputs = [
        {
            "Values": values,
            "StorageDescriptor": {**table["StorageDescriptor"], "Location": location},
            "Parameters": {},
        }
        for values, location in added
    ]
    for start in range(0, len(inputs), BATCH):
        answer = call(
            session.glue.batch_create_partition,
            f"glue:BatchCreatePartition of {table['DatabaseName']}.{table['Name']}",
            DatabaseName=table["DatabaseName"],
            TableName=table["Name"],
            PartitionInputList=inputs[start : start + BATCH],
        )
        for failure in answer.get("Errors") or []:
            detail = failure["ErrorDetail"]
            raise QueryError(
                f"FAILED: {detail['ErrorCode']}: {failure['PartitionValues']}: {detail['ErrorMessage']}"
            )
