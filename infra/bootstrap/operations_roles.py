"""The roles that run the ingestion and look for drift."""

from __future__ import annotations

from troposphere import Sub, iam

from infra.bootstrap import names, policies, role_shape
from infra.bootstrap.github_trust import operations_subject, trust_github
from infra.bootstrap.resource_types import key_arn, used_for_lake
from infra.common import names as stack_names
from infra.common.actions import ASK, LIST_BUCKET, READ_CATALOG, READ_DATA_CATALOG, USE_KEY, WRITE_OBJECTS
from infra.common.policies import Statement, allow

# The template and the resources say what a stack costs by being there.
READ_STACK = [
    "cloudformation:DescribeStacks",
    "cloudformation:GetTemplate",
    "cloudformation:ListStackResources",
]


def _executions() -> list[Statement]:
    on_machine = ["states:DescribeStateMachine", "states:ListExecutions", "states:StartExecution"]
    on_execution = ["states:DescribeExecution", "states:GetExecutionHistory", "states:StopExecution"]
    return [
        allow("Start", on_machine, names.arns("states", f"stateMachine:{stack_names.STATE_MACHINE}")),
        allow("Follow", on_execution, names.arns("states", f"execution:{stack_names.STATE_MACHINE}:*")),
    ]


def _log_groups() -> list[Sub]:
    """What the job runs and the functions of the stack log, by both of the names that AWS asks for."""
    group = f"log-group:{stack_names.JOB_LOG_GROUP_PREFIX}/output"
    output = [arn for end in ("", ":*") for arn in names.arns("logs", f"{group}{end}")]
    return [*output, names.arn("logs", f"log-group:/aws/lambda/{names.STACK}-*")]


def _look() -> list[Statement]:
    """The stack's outputs, the run records, the runs and the crawls."""
    job, crawler = (names.arn("glue", f"{kind}/{names.STACK}-*") for kind in ("job", "crawler"))
    return [
        allow("ReadStack", READ_STACK, names.stack_arns()),
        allow("ReadRunRecords", ["s3:GetObject"], names.lake_bucket_arn(f"{stack_names.RUNS_PREFIX}*")),
        allow("ReadRuns", ["glue:GetJobRuns"], job),
        allow("ReadLogs", ["logs:FilterLogEvents", "logs:GetLogEvents"], _log_groups()),
        allow("ReadCrawls", ["glue:GetCrawler", "glue:ListCrawls"], crawler),
    ]


def _query() -> list[Statement]:
    """What a query in the one workgroup needs: the catalog, the tables and its result."""
    # The result and the tables are encrypted with the stack's key where it has one.
    declared = stack_names.EXECUTIONS_PREFIX, stack_names.LINEAGE_PREFIX
    prefixes = (*stack_names.TABLE_PREFIXES, *declared)
    tables = [names.lake_bucket_arn(f"{prefix}*") for prefix in prefixes]
    results = names.lake_bucket_arn(f"{stack_names.ATHENA_PREFIX}*")
    catalog = names.arn("athena", "datacatalog/AwsDataCatalog")
    return [
        allow("Query", ASK, names.arns("athena", f"workgroup/{stack_names.WORK_GROUP}")),
        allow("QueryCatalog", READ_DATA_CATALOG, catalog),
        allow(
            "ReadCatalog",
            [*READ_CATALOG, "glue:GetTables", "glue:BatchGetPartition"],
            names.tables_of_catalog(),
        ),
        # Athena looks at the account's default database before any other.
        allow("ReadDefaultDatabase", ["glue:GetDatabase"], names.arn("glue", "database/default")),
        allow("ListLake", LIST_BUCKET, names.lake_bucket_arn()),
        allow("ReadTables", ["s3:GetObject"], tables),
        allow("WriteQueryResult", WRITE_OBJECTS, results),
        allow("Key", USE_KEY, key_arn(), used_for_lake()),
    ]


def ops_role() -> iam.Role:
    """Starts, follows and stops executions of the state machines and queries what they made."""
    statements = [*_executions(), *_look(), *_query()]
    trusted = trust_github(operations_subject())
    return role_shape.make("ops", "Runs the ingestion", trusted, statements, policies.STACKS)


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
    ]
    trusted = trust_github(operations_subject())
    attached = (policies.READ, policies.READ_DATABASE, policies.STACKS)
    return role_shape.make("drift", "Looks for drift", trusted, statements, *attached)
