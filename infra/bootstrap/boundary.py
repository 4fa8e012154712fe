"""The most that any role of the main template may ever do, whatever its own policy comes to say."""

from __future__ import annotations

from typing import Any

from troposphere import Sub, iam

from infra.bootstrap import names
from infra.bootstrap.database_types import secret_arns
from infra.bootstrap.resource_types import key_arn, log_group_arns, used_for_lake
from infra.common import names as stack_names
from infra.common.actions import (
    CRAWL,
    CREATE_AND_WRITE_LOGS,
    DELIVER_LOGS,
    DESCRIBE_NETWORK,
    DESCRIBE_VPC,
    LIST_BUCKET,
    LIST_UPLOADS,
    PLACE_INTERFACE,
    QUERY,
    READ_CATALOG,
    READ_DATA_CATALOG,
    RUN_JOB,
    TAG_INTERFACE,
    TAG_OF_GLUE,
    TELL_LINEAGE,
    TRACE,
    USE_KEY,
    WRITE_CATALOG,
    WRITE_OBJECTS,
)
from infra.common.policies import Statement, allow, document, write_metrics

BOUNDARY = "Boundary"


def _data() -> list[Statement]:
    source = Sub("arn:${AWS::Partition}:s3:::${SourceBucket}")
    source_objects = Sub("arn:${AWS::Partition}:s3:::${SourceBucket}/*")
    code = [names.artifact_bucket_arn(f"{prefix}*") for prefix in names.ARTIFACTS_PREFIXES]
    topic = {"kms:EncryptionContext:aws:sns:topicArn": names.arn("sns", f"{names.STACK}-*")}
    return [
        allow("ListBuckets", [*LIST_BUCKET, LIST_UPLOADS], [source, names.lake_bucket_arn()]),
        allow("ReadInput", ["s3:GetObject"], [source_objects, *code]),
        allow("WriteLake", sorted(["s3:DeleteObject", *WRITE_OBJECTS]), names.lake_bucket_arn("*")),
        # Each role's own policy names the one key; its id is not known here.
        allow("UseKeyForLake", USE_KEY, key_arn(), used_for_lake()),
        allow("UseKeyForTopic", USE_KEY, key_arn(), {"StringLike": topic}),
    ]


def _catalog() -> list[Statement]:
    connection = names.arn("glue", f"connection/{names.STACK}-*")
    databases = [*names.tables_of_catalog(), names.arn("glue", "database/default")]
    groups = names.arns("athena", f"workgroup/{stack_names.WORK_GROUP}")
    catalog = sorted({*READ_CATALOG, *WRITE_CATALOG, "glue:GetConnection"})
    return [
        allow("Catalog", catalog, [*databases, connection]),
        allow(
            "Query",
            [*READ_DATA_CATALOG, *QUERY],
            [*groups, names.arn("athena", "datacatalog/AwsDataCatalog")],
        ),
    ]


def _database() -> list[Statement]:
    """How Glue and the Data API reach a database, by a secret that is named after the stack, or RDS's own.

    Each role's own policy names the one subnet, connection, cluster and secret.
    """
    kinds = ("vpc", "subnet", "security-group", "network-interface")
    ec2 = [names.arn("ec2", f"{kind}/*") for kind in kinds]
    reach = ["rds-data:ExecuteStatement", "secretsmanager:GetSecretValue", DESCRIBE_VPC, *PLACE_INTERFACE]
    cluster = names.arn("rds", f"cluster:{names.STACK}-*")
    of_glue: dict[str, Any] = {"ForAllValues:StringEquals": {"aws:TagKeys": [TAG_OF_GLUE]}}
    of_secret: dict[str, Any] = {"StringLike": {"kms:EncryptionContext:SecretARN": secret_arns()[0]}}
    return [
        allow("Reach", sorted(reach), [cluster, *secret_arns(), *ec2]),
        allow("UseKeyOfSecret", ["kms:Decrypt"], key_arn(), of_secret),
        allow("TagInterfaces", TAG_INTERFACE, ec2[-1], of_glue),
    ]


def _messages() -> list[Statement]:
    called = {"lambda": "function:", "sns": "", "states": "stateMachine:"}
    arns = [names.arn(service, f"{kind}{names.STACK}-*") for service, kind in called.items()]
    runs = [names.arn("glue", f"{kind}/{names.STACK}-*") for kind in ("crawler", "job")]
    own = ["lambda:InvokeFunction", "sns:Publish", "states:StartExecution"]
    return [allow("Call", sorted([*CRAWL, "glue:ListCrawls", *RUN_JOB, *own]), [*runs, *arns])]


def _observation() -> list[Statement]:
    shared = (*stack_names.SHARED_JOB_LOG_GROUPS, stack_names.CRAWLER_LOG_GROUP)
    named = (names.arn("logs", f"log-group:{group}*") for group in shared)
    groups = [*log_group_arns(), *named]
    return [
        allow("WriteLogs", CREATE_AND_WRITE_LOGS, groups),
        write_metrics(),
        # Actions for which AWS has no resources.
        allow("Observe", [*DELIVER_LOGS, *DESCRIBE_NETWORK, *TELL_LINEAGE, *TRACE], "*"),
    ]


def boundary() -> iam.ManagedPolicy:
    """The boundary holds resources of the environment and no right over identities.

    A role of the main template that needs more needs it here first, by someone who may bootstrap.
    """
    return iam.ManagedPolicy(
        BOUNDARY,
        ManagedPolicyName=Sub(names.BOUNDARY),
        Description="The most that roles of the environment's stack may do",
        PolicyDocument=document(*_data(), *_catalog(), *_database(), *_messages(), *_observation()),
    )
