"""The table `runs`: a row for each execution that ended, which the function `watch` writes.

No crawl has to find it: its partitions are months, which Athena computes.
"""

from __future__ import annotations

from troposphere import glue

from infra.common import names
from infra.common.json_table import json_table

TITLE = "RunsTable"
TABLE = "runs"
COUNTS = ("rows_read", "rows_new", "rows_quarantined", "table_rows")
# What lambdas/watch/handler.py writes, in its order.
COLUMNS = {
    "execution": "string",
    "status": "string",
    "nothing_new": "boolean",
    "started_at": "timestamp",
    "ended_at": "timestamp",
    "seconds": "double",
    **dict.fromkeys(COUNTS, "bigint"),
    "glue_dollars": "double",
    "input": "string",
    "error": "string",
    "cause": "string",
    "datasets": "array<struct<dataset:string,outcome:string,"
    + ",".join(f"{name}:bigint" for name in COUNTS)
    + ">>",
}
PROJECTION = {
    "projection.enabled": "true",
    "projection.month.type": "date",
    "projection.month.format": "yyyy-MM",
    "projection.month.range": "2026-01,NOW",
    "projection.month.interval": "1",
    "projection.month.interval.unit": "MONTHS",
}


def table() -> glue.Table:
    return json_table(
        TITLE,
        TABLE,
        "One row for each execution that ended",
        names.EXECUTIONS_PREFIX,
        COLUMNS,
        {"month": "string"},
        PROJECTION,
    )
