"""The table `runs`: a row for each execution that ended, which the function `watch` writes.

No crawl has to find it: its partitions are months, which Athena computes.
"""

from __future__ import annotations

from troposphere import AccountId, Ref, Sub, glue

from infra.common import catalog, names

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
    return glue.Table(
        TITLE,
        CatalogId=AccountId,
        DatabaseName=Ref(catalog.DATABASE),
        TableInput=glue.TableInput(
            Name=TABLE,
            Description="One row for each execution that ended",
            TableType="EXTERNAL_TABLE",
            Parameters={**PROJECTION, "EXTERNAL": "TRUE", "classification": "json"},
            PartitionKeys=[glue.Column(Name="month", Type="string")],
            StorageDescriptor=_storage(),
        ),
    )


def _storage() -> glue.StorageDescriptor:
    return glue.StorageDescriptor(
        Columns=[glue.Column(Name=name, Type=kind) for name, kind in COLUMNS.items()],
        Location=Sub(f"s3://${{{names.LAKE_BUCKET}}}/{names.EXECUTIONS_PREFIX}"),
        InputFormat="org.apache.hadoop.mapred.TextInputFormat",
        OutputFormat="org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        SerdeInfo=glue.SerdeInfo(SerializationLibrary="org.openx.data.jsonserde.JsonSerDe"),
    )
