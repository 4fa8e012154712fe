"""The most that any role of the main template may ever do, whatever its own policy comes to say."""

from __future__ import annotations

from typing import Any

from troposphere import Sub, iam

from infra.bootstrap import names
from infra.bootstrap.resource_types import key_arn, log_group_arns, used_for_lake
from infra.common import names as stack_names
from infra.common.policies import Statement, allow, document

BOUNDARY = "Boundary"

CATALOG = [
    "glue:BatchCreatePartition",
    "glue:BatchGetPartition",
    "glue:BatchUpdatePartition",
    "glue:CreatePartition",
    "glue:CreateTable",
    "glue:GetDatabase",
    "glue:GetPartition",
    "glue:GetPartitions",
    "glue:GetTable",
    "glue:GetTables",
    "glue:UpdatePartition",
    "glue:UpdateTable",
]
ATHENA = [
    "athena:GetQueryExecution",
    "athena:GetQueryResults",
    "athena:StartQueryExecution",
    "athena:StopQueryExecution",
]
JOB = ["glue:BatchStopJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:StartJobRun"]
OBJECTS = [
    "s3:AbortMultipartUpload",
    "s3:DeleteObject",
    "s3:GetObject",
    "s3:ListMultipartUploadParts",
    "s3:PutObject",
]
USE_KEY = ["kms:Decrypt", "kms:GenerateDataKey*"]
LIST = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
# Actions for which AWS has no resources.
OBSERVE = [
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
]


def _data() -> list[Statement]:
    source = Sub("arn:${AWS::Partition}:s3:::${SourceBucket}")
    source_objects = Sub("arn:${AWS::Partition}:s3:::${SourceBucket}/*")
    code = names.artifact_bucket_arn(f"{names.ARTIFACTS_PREFIX}*")
    topic = {"kms:EncryptionContext:aws:sns:topicArn": names.arn("sns", f"{names.STACK}-*")}
    return [
        allow("ListBuckets", LIST, [source, names.lake_bucket_arn()]),
        allow("ReadSourceAndCode", ["s3:GetObject"], [source_objects, code]),
        allow("WriteLake", OBJECTS, names.lake_bucket_arn("*")),
        # Each role's own policy names the one key; its id is not known here.
        allow("UseKeyForLake", USE_KEY, key_arn(), used_for_lake()),
        allow("UseKeyForTopic", USE_KEY, key_arn(), {"StringLike": topic}),
    ]


def _catalog() -> list[Statement]:
    default = names.arn("glue", "database/default")
    return [
        allow("Catalog", CATALOG, [*names.database_arns(), default]),
        allow(
            "Crawl", ["glue:GetCrawler", "glue:StartCrawler"], names.arn("glue", f"crawler/{names.STACK}-*")
        ),
        allow("RunJob", JOB, names.arn("glue", f"job/{names.STACK}-*")),
        allow("Query", ATHENA, names.arn("athena", f"workgroup/{names.STACK}")),
        allow("QueryCatalog", ["athena:GetDataCatalog"], names.arn("athena", "datacatalog/AwsDataCatalog")),
    ]


def _messages() -> list[Statement]:
    return [
        allow("Invoke", ["lambda:InvokeFunction"], names.arn("lambda", f"function:{names.STACK}-*")),
        allow("Start", ["states:StartExecution"], names.arn("states", f"stateMachine:{names.STACK}-*")),
        allow("Notify", ["sns:Publish"], names.arn("sns", f"{names.STACK}-*")),
    ]


def _observation() -> list[Statement]:
    shared = (*stack_names.SHARED_JOB_LOG_GROUPS, stack_names.CRAWLER_LOG_GROUP)
    named = (names.arn("logs", f"log-group:{group}{end}") for group in shared for end in ("", ":*"))
    groups = [*log_group_arns(), *named]
    metrics: dict[str, Any] = {"StringEquals": {"cloudwatch:namespace": "Glue"}}
    return [
        allow("WriteLogs", ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], groups),
        allow("WriteMetrics", ["cloudwatch:PutMetricData"], "*", metrics),
        allow("Observe", OBSERVE, "*"),
    ]


def boundary() -> iam.ManagedPolicy:
    """The boundary holds resources of the environment and no right over identities.

    A role of the main template that needs more needs it here first, by someone who may bootstrap.
    """
    return iam.ManagedPolicy(
        BOUNDARY,
        ManagedPolicyName=Sub(names.BOUNDARY),
        Description="The most that roles of the environment's stack may do",
        PolicyDocument=document(*_data(), *_catalog(), *_messages(), *_observation()),
    )
