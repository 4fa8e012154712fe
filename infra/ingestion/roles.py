"""One role for each principal, with what it needs and nothing else."""

from __future__ import annotations

from typing import Any

from troposphere import GetAtt, If, NoValue, Ref, Sub, iam

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
from infra.common.encryption import key_statement
from infra.common.functions import log_group_title, role_title, title
from infra.common.monitoring import STATE_MACHINE
from infra.common.policies import Statement, allow, trust, write_metrics
from infra.common.roles import role
from infra.ingestion.parameters import METRICS_CONDITION


def _database_arns() -> list[Any]:
    """What the catalog checks for an action on a table: the catalog, the database and the table."""
    return [names.arn("glue", "catalog"), names.database_arn(), names.tables_arn()]


def _list_bucket(sid: str, bucket: Any, *more_actions: str) -> Statement:
    return allow(sid, [*LIST_BUCKET, *more_actions], bucket)


def _log_groups(*groups: str) -> list[Any]:
    return [arn for group in groups for arn in names.log_group_arns(group)]


def job_role() -> iam.Role:
    source = "arn:${AWS::Partition}:s3:::${SourceBucket}"
    artifacts = f"arn:${{AWS::Partition}}:s3:::{names.ARTIFACTS}/artifacts/*"
    logs = _log_groups(
        *names.SHARED_JOB_LOG_GROUPS,
        f"{names.JOB_LOG_GROUP_PREFIX}/output",
        f"{names.JOB_LOG_GROUP_PREFIX}/error",
    )
    return role(
        "JobRole",
        "The Glue job",
        trust("glue.amazonaws.com"),
        allow("ListSource", LIST_BUCKET, Sub(source)),
        allow("ReadSource", ["s3:GetObject"], Sub(f"{source}/*")),
        allow("ReadCode", ["s3:GetObject"], Sub(artifacts)),
        _list_bucket("ListLake", names.bucket_arn(), LIST_UPLOADS),
        allow(
            "WriteLake",
            ["s3:DeleteObject", *WRITE_OBJECTS],
            [names.objects_arn(prefix) for prefix in names.JOB_PREFIXES],
        ),
        # Whether another run, which has a data set, still goes.
        allow("AskForJobRuns", ["glue:GetJobRun"], names.arn("glue", f"job/{names.JOB}")),
        # The shared groups may not exist yet in a fresh account.
        allow("WriteLogs", CREATE_AND_WRITE_LOGS, logs),
        If(METRICS_CONDITION, write_metrics(), NoValue),
        key_statement(),
    )


def crawler_role() -> iam.Role:
    return role(
        "CrawlerRole",
        "The crawler",
        trust("glue.amazonaws.com"),
        _list_bucket("ListLake", names.bucket_arn()),
        allow("ReadTables", ["s3:GetObject"], [names.objects_arn(prefix) for prefix in names.TABLE_PREFIXES]),
        allow("WriteCatalog", [*READ_CATALOG, *WRITE_CATALOG], _database_arns()),
        allow("WriteLogs", CREATE_AND_WRITE_LOGS, _log_groups(names.CRAWLER_LOG_GROUP)),
        key_statement(),
    )


def _on_crawler(actions: list[str]) -> Statement:
    return allow("Crawler", actions, names.arn("glue", f"crawler/{names.CRAWLER}"))


def _find_work() -> list[Statement]:
    """The listings and the ledgers, which are in the lake, and which tables the catalog has."""
    state = names.objects_arn(names.STATE_PREFIX)
    return [
        allow("ListSource", ["s3:ListBucket"], Sub("arn:${AWS::Partition}:s3:::${SourceBucket}")),
        allow("ListLake", ["s3:ListBucket"], names.bucket_arn()),
        allow("ReadState", ["s3:GetObject"], state),
        allow("ListTables", ["glue:GetTables"], _database_arns()),
        key_statement(),
    ]


# What each function may do besides writing its log.
FUNCTION_STATEMENTS = {
    "start_crawler": [_on_crawler(CRAWL)],
    "check_crawler": [_on_crawler(["glue:GetCrawler"])],
    "find_work": _find_work(),
}


def function_role(folder: str) -> iam.Role:
    return role(
        role_title(folder),
        f"The function {folder}",
        trust("lambda.amazonaws.com"),
        *FUNCTION_STATEMENTS[folder],
        allow("WriteLogs", WRITE_LOGS, GetAtt(log_group_title(folder), "Arn")),
    )


def _run_job() -> Statement:
    return allow("RunJob", RUN_JOB, names.arn("glue", f"job/{names.JOB}"))


def _query() -> list[Statement]:
    """Athena reads the catalog and the tables and writes the result as the one who asks."""
    catalog = names.arn("athena", "datacatalog/AwsDataCatalog")
    return [
        allow("Query", QUERY, names.arn("athena", f"workgroup/{names.WORK_GROUP}")),
        allow("QueryCatalog", READ_DATA_CATALOG, catalog),
        allow("ReadCatalog", [*READ_CATALOG, "glue:BatchGetPartition"], _database_arns()),
        # Athena looks at the account's default database before any other.
        allow("ReadDefaultDatabase", ["glue:GetDatabase"], names.arn("glue", "database/default")),
        _list_bucket("ListLake", names.bucket_arn(), LIST_UPLOADS),
        allow("ReadTables", ["s3:GetObject"], [names.objects_arn(prefix) for prefix in names.TABLE_PREFIXES]),
        allow("WriteQueryResult", WRITE_OBJECTS, names.objects_arn(names.ATHENA_PREFIX)),
    ]


def _observe() -> list[Statement]:
    """Log delivery and X-Ray know no resources: AWS documents these actions with * for state machines."""
    return [allow("DeliverLogs", DELIVER_LOGS, "*"), allow("Trace", TRACE, "*")]


def state_machine_role() -> iam.Role:
    functions = [GetAtt(title(folder), "Arn") for folder in FUNCTION_STATEMENTS]
    return role(
        "StateMachineRole",
        "The state machine",
        trust("states.amazonaws.com", names.arn("states", f"stateMachine:{names.STATE_MACHINE}")),
        _run_job(),
        allow("InvokeFunctions", ["lambda:InvokeFunction"], functions),
        allow("ReadRunRecords", ["s3:GetObject"], names.objects_arn(names.RUNS_PREFIX)),
        allow("MarkPublished", ["s3:PutObject"], Sub(f"${{{names.LAKE_BUCKET}.Arn}}/state/*/published.json")),
        *_query(),
        allow("Notify", ["sns:Publish"], Ref(names.TOPIC)),
        *_observe(),
        key_statement(),
    )


def schedule_role() -> iam.Role:
    return role(
        "ScheduleRole",
        "The schedule",
        trust("events.amazonaws.com", names.arn("events", f"rule/{names.SCHEDULE_RULE}")),
        allow("StartExecution", ["states:StartExecution"], Ref(STATE_MACHINE)),
    )
