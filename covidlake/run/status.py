"""`covidlake status`: the stack, its last executions and the tables."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from covidlake import aws
from covidlake.ship.stack import stack

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_glue.type_defs import TableTypeDef

LAST_EXECUTIONS = 10
EXECUTION = ("name", "status", "started", "seconds")
TABLE = ("name", "columns", "partitions", "rows", "location")


@dataclass(frozen=True)
class Status:
    """`executions`: name, status, start, seconds; `tables`: name, columns, partitions, the rows that the
    crawler has counted or estimated, and where they are.

    Each is empty where the pipeline's template has no output that names what to look at.
    """

    stack: stack.Stack
    executions: list[list[str | None]]
    tables: list[list[str | None]]
    crawler: str


def status(environment: str) -> Status:
    """Read the state of an environment; nothing is changed."""
    found = stack.find(environment)
    glue, outputs = aws.client("glue"), found.outputs
    return Status(
        found,
        _executions(outputs["StateMachineArn"]) if "StateMachineArn" in outputs else [],
        _tables(glue, outputs["DatabaseName"]) if "DatabaseName" in outputs else [],
        _crawler(glue, outputs["CrawlerName"]) if "CrawlerName" in outputs else "",
    )


def to_json(found: Status) -> str:
    """Everything, for another program."""
    executions = [dict(zip(EXECUTION, row, strict=True)) for row in found.executions]
    tables = [dict(zip(TABLE, row, strict=True)) for row in found.tables]
    content = {
        "stack": {"name": found.stack.name, "status": found.stack.status, "outputs": found.stack.outputs},
        "crawler": found.crawler,
        "executions": executions,
        "tables": tables,
    }
    return json.dumps(content, indent=1)


def _executions(machine: str) -> list[list[str | None]]:
    listed = aws.client("stepfunctions").list_executions(stateMachineArn=machine, maxResults=LAST_EXECUTIONS)[
        "executions"
    ]
    rows: list[list[str | None]] = []
    for item in listed:
        stopped = item.get("stopDate")
        seconds = f"{(stopped - item['startDate']).total_seconds():.1f}" if stopped else None
        rows.append([item["name"], item["status"], f"{item['startDate']:%Y-%m-%d %H:%M:%S}", seconds])
    return rows


def _tables(glue: GlueClient, database: str) -> list[list[str | None]]:
    pages = glue.get_paginator("get_tables").paginate(DatabaseName=database)
    return [
        [
            table["Name"],
            str(len(table.get("StorageDescriptor", {}).get("Columns", []))),
            str(_partitions(glue, database, table["Name"])) if _has_partitions(table) else None,
            table.get("Parameters", {}).get("recordCount"),
            table.get("StorageDescriptor", {}).get("Location"),
        ]
        for page in pages
        for table in page["TableList"]
    ]


def _has_partitions(table: TableTypeDef) -> bool:
    """Not those of a projection, which Athena computes and the catalog does not hold."""
    projected = table.get("Parameters", {}).get("projection.enabled") == "true"
    return bool(table.get("PartitionKeys")) and not projected


def _partitions(glue: GlueClient, database: str, table: str) -> int:
    pages = glue.get_paginator("get_partitions").paginate(
        DatabaseName=database, TableName=table, ExcludeColumnSchema=True
    )
    return sum(len(page["Partitions"]) for page in pages)


def _crawler(glue: GlueClient, name: str) -> str:
    crawler = glue.get_crawler(Name=name)["Crawler"]
    last = crawler.get("LastCrawl", {})
    result = f"last crawl {last['Status']} at {last['StartTime']:%Y-%m-%d %H:%M:%S}" if last else "never ran"
    return f"{name}: {crawler.get('State', 'READY')}, {result}"
