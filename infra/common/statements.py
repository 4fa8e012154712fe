"""Statements of the roles of a stack that keeps tables in a lake, crawls them and asks Athena for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from troposphere import GetAtt, If, NoValue, Sub

from infra.common import names
from infra.common.actions import (
    CRAWL,
    CREATE_AND_WRITE_LOGS,
    DELIVER_LOGS,
    LIST_BUCKET,
    LIST_UPLOADS,
    QUERY,
    READ_CATALOG,
    READ_DATA_CATALOG,
    RUN_JOB,
    TRACE,
    WRITE_CATALOG,
    WRITE_LOGS,
    WRITE_OBJECTS,
)
from infra.common.functions import log_group_title
from infra.common.parameters import METRICS_CONDITION
from infra.common.policies import Statement, allow, write_metrics


def database_arns(end: str = "") -> list[Any]:
    """What the catalog checks for an action on a table: the catalog, the database and the table.

    `end` is that of the name of another database of the stack.
    """
    return [names.arn("glue", "catalog"), names.database_arn(end), names.tables_arn(end)]


def list_bucket(sid: str, bucket: Any, *more_actions: str) -> Statement:
    return allow(sid, [*LIST_BUCKET, *more_actions], bucket)


def _log_groups(*groups: str) -> list[Any]:
    return [arn for group in groups for arn in names.log_group_arns(group)]


def read_code() -> Statement:
    artifacts = f"arn:${{AWS::Partition}}:s3:::{names.ARTIFACTS}/artifacts/*"
    return allow("ReadCode", ["s3:GetObject"], Sub(artifacts))


def write_lake(prefixes: Iterable[str]) -> list[Statement]:
    """What a job needs to list the lake, and to write and delete under these prefixes."""
    return [
        list_bucket("ListLake", names.bucket_arn(), LIST_UPLOADS),
        allow(
            "WriteLake",
            ["s3:DeleteObject", *WRITE_OBJECTS],
            [names.objects_arn(prefix) for prefix in prefixes],
        ),
    ]


def ask_for_job_runs(job: str) -> Statement:
    """Whether another run, which has a claim, still goes."""
    return allow("AskForJobRuns", ["glue:GetJobRun"], names.arn("glue", f"job/{job}"))


def observe_job() -> list[Any]:
    """Its logs and metrics. The shared groups may not exist yet in a fresh account."""
    groups = _log_groups(
        *names.SHARED_JOB_LOG_GROUPS,
        f"{names.JOB_LOG_GROUP_PREFIX}/output",
        f"{names.JOB_LOG_GROUP_PREFIX}/error",
    )
    return [
        allow("WriteLogs", CREATE_AND_WRITE_LOGS, groups),
        If(METRICS_CONDITION, write_metrics(), NoValue),
    ]


def crawl_into(catalog: list[Any]) -> list[Statement]:
    """What a crawler needs to keep tables of the catalog, and to write its log."""
    return [
        allow("WriteCatalog", [*READ_CATALOG, *WRITE_CATALOG], catalog),
        allow("WriteLogs", CREATE_AND_WRITE_LOGS, _log_groups(names.CRAWLER_LOG_GROUP)),
    ]


def read_tables() -> Statement:
    return allow(
        "ReadTables", ["s3:GetObject"], [names.objects_arn(prefix) for prefix in names.TABLE_PREFIXES]
    )


def crawl_functions(*crawlers: str) -> dict[str, list[Statement]]:
    """By folder, what the two functions that start and check a crawl may do."""
    arns: Any = [names.arn("glue", f"crawler/{crawler}") for crawler in crawlers]
    arns = arns if len(arns) > 1 else arns[0]
    return {
        "start_crawler": [allow("Crawler", CRAWL, arns)],
        "check_crawler": [allow("Crawler", ["glue:GetCrawler"], arns)],
    }


def write_function_log(folder: str) -> Statement:
    return allow("WriteLogs", WRITE_LOGS, GetAtt(log_group_title(folder), "Arn"))


def run_jobs(*jobs: str) -> Statement:
    arns = [names.arn("glue", f"job/{job}") for job in jobs]
    return allow("RunJob", RUN_JOB, arns if len(arns) > 1 else arns[0])


def query() -> list[Statement]:
    """Athena reads the catalog and the tables and writes the result as the one who asks."""
    catalog = names.arn("athena", "datacatalog/AwsDataCatalog")
    return [
        allow("Query", QUERY, names.arn("athena", f"workgroup/{names.WORK_GROUP}")),
        allow("QueryCatalog", READ_DATA_CATALOG, catalog),
        allow("ReadCatalog", [*READ_CATALOG, "glue:BatchGetPartition"], database_arns()),
        # Athena looks at the account's default database before any other.
        allow("ReadDefaultDatabase", ["glue:GetDatabase"], names.arn("glue", "database/default")),
        list_bucket("ListLake", names.bucket_arn(), LIST_UPLOADS),
        read_tables(),
        allow("WriteQueryResult", WRITE_OBJECTS, names.objects_arn(names.ATHENA_PREFIX)),
    ]


def observe() -> list[Statement]:
    """Log delivery and X-Ray know no resources: AWS documents these actions with * for state machines."""
    return [allow("DeliverLogs", DELIVER_LOGS, "*"), allow("Trace", TRACE, "*")]
