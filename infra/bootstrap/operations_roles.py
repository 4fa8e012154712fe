"""The roles that run the ingestion and look for drift."""

from __future__ import annotations

from troposphere import Sub, iam

from infra.bootstrap import names, role_shape
from infra.bootstrap.deploy_and_plan_roles import CHANGE_STACK
from infra.bootstrap.github_trust import operations_subject, trust_github
from infra.bootstrap.resource_types import key_arn, reading_statements, used_for_lake
from infra.common import names as stack_names
from infra.common.actions import ASK, LIST_BUCKET, READ_CATALOG, READ_DATA_CATALOG, USE_KEY, WRITE_OBJECTS
from infra.common.policies import Statement, allow


def _executions() -> list[Statement]:
    machine = names.of_stack(stack_names.STATE_MACHINE)
    on_machine = ["states:DescribeStateMachine", "states:ListExecutions", "states:StartExecution"]
    on_execution = ["states:DescribeExecution", "states:GetExecutionHistory", "states:StopExecution"]
    return [
        allow("Start", on_machine, names.arn("states", f"stateMachine:{machine}")),
        allow("Follow", on_execution, names.arn("states", f"execution:{machine}:*")),
    ]


def _log_groups() -> list[Sub]:
    """What the job runs and the functions of the stack log."""
    groups = (f"{stack_names.JOB_LOG_GROUP_PREFIX}/output", f"/aws/lambda/{stack_names.function_name('*')}")
    return [names.arn("logs", f"log-group:{group}{end}") for group in groups for end in ("", ":*")]


def _look() -> list[Statement]:
    """The stack's outputs, the run records, the runs and the crawls."""
    job = names.arn("glue", f"job/{names.of_stack(stack_names.JOB)}")
    crawler = names.arn("glue", f"crawler/{names.of_stack(stack_names.CRAWLER)}")
    return [
        allow("ReadStack", ["cloudformation:DescribeStacks"], names.stack_arns()),
        allow("ReadRunRecords", ["s3:GetObject"], names.lake_bucket_arn(f"{stack_names.RUNS_PREFIX}*")),
        allow("ReadRuns", ["glue:GetJobRuns"], job),
        allow("ReadLogs", ["logs:FilterLogEvents", "logs:GetLogEvents"], _log_groups()),
        allow("ReadCrawls", ["glue:GetCrawler"], crawler),
    ]


def _query() -> list[Statement]:
    """What a query in the one workgroup needs: the catalog, the tables and its result."""
    # The result and the tables are encrypted with the stack's key where it has one.
    tables = [names.lake_bucket_arn(f"{prefix}*") for prefix in stack_names.TABLE_PREFIXES]
    results = names.lake_bucket_arn(f"{stack_names.ATHENA_PREFIX}*")
    catalog = names.arn("athena", "datacatalog/AwsDataCatalog")
    return [
        allow("Query", ASK, names.arn("athena", f"workgroup/{names.STACK}")),
        allow("QueryCatalog", READ_DATA_CATALOG, catalog),
        allow(
            "ReadCatalog", [*READ_CATALOG, "glue:GetTables", "glue:BatchGetPartition"], names.database_arns()
        ),
        # Athena looks at the account's default database before any other.
        allow("ReadDefaultDatabase", ["glue:GetDatabase"], names.arn("glue", "database/default")),
        allow("ListLake", LIST_BUCKET, names.lake_bucket_arn()),
        allow("ReadTables", ["s3:GetObject"], tables),
        allow("WriteQueryResult", WRITE_OBJECTS, results),
        allow("Key", USE_KEY, key_arn(), used_for_lake()),
    ]


def ops_role() -> iam.Role:
    """Starts, follows and stops executions of the one state machine and queries what they made."""
    statements = [*_executions(), *_look(), *_query(), role_shape.deny("ChangeNoStack", CHANGE_STACK, "*")]
    return role_shape.make("ops", "Runs the ingestion", trust_github(operations_subject()), statements)


def drift_role() -> iam.Role:
    """Detects drift, for which CloudFormation reads each resource as the one who asks."""
    detect = [
        "cloudformation:DescribeStackResourceDrifts",
        "cloudformation:DescribeStacks",
        "cloudformation:DetectStackDrift",
        "cloudformation:DetectStackResourceDrift",
        "cloudformation:ListStackResources",
    ]
    statements = [
        allow("Detect", detect, names.stack_arns()),
        # A detection is asked for by its own id, for which AWS has no resource.
        allow("FollowDetection", ["cloudformation:DescribeStackDriftDetectionStatus"], "*"),
        *reading_statements(),
        role_shape.deny("ChangeNoStack", CHANGE_STACK, "*"),
    ]
    return role_shape.make("drift", "Looks for drift", trust_github(operations_subject()), statements)
