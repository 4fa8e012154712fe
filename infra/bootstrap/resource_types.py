"""What CloudFormation calls to read and to change each type of resource of the main template.

The actions are those of the types' handlers in the CloudFormation registry. A type that the main template
begins to use is added here, or its first deployment is refused.
"""

from __future__ import annotations

from typing import Any

from troposphere import Sub

from infra.bootstrap import catalog_types, database_types, names, quicksight_types
from infra.bootstrap.access import Access, access, actions
from infra.common import names as stack_names
from infra.common.policies import allow


def _storage() -> list[Access]:
    return [
        access(
            "Buckets",
            "s3",
            "S3::Bucket S3::BucketPolicy",
            "GetAccelerateConfiguration GetAnalyticsConfiguration GetBucket* GetEncryptionConfiguration "
            "GetIntelligentTieringConfiguration GetInventoryConfiguration GetLifecycleConfiguration "
            "GetMetricsConfiguration GetReplicationConfiguration ListBucket ListTagsForResource",
            "CreateBucket DeleteBucket DeleteBucketPolicy ListBucketMultipartUploads "
            "PutBucketOwnershipControls PutBucketPolicy "
            "PutBucketPublicAccessBlock PutBucketTagging PutBucketVersioning PutEncryptionConfiguration "
            "PutLifecycleConfiguration TagResource UntagResource",
            names.lake_bucket_arn(),
        ),
        # A workgroup is made only by who may write the results of its queries.
        access(
            "QueryResults",
            "s3",
            "",
            "",
            "AbortMultipartUpload GetObject ListMultipartUploadParts PutObject",
            names.lake_bucket_arn(f"{stack_names.ATHENA_PREFIX}*"),
        ),
    ]


def _compute() -> list[Access]:
    tags = "TagResource UntagResource"
    return [
        access(
            "Job",
            "glue",
            "Glue::Job",
            "GetJob GetTags",
            f"CreateJob DeleteJob UpdateJob {tags}",
            names.arn("glue", f"job/{names.STACK}-*"),
        ),
        access(
            "Functions",
            "lambda",
            "Lambda::Function",
            "GetFunction GetFunctionCodeSigningConfig GetFunctionRecursionConfig GetFunctionScalingConfig "
            "GetRuntimeManagementConfig ListTags",
            "CreateFunction DeleteFunction TagResource UntagResource UpdateFunctionCode "
            "UpdateFunctionConfiguration",
            names.arn("lambda", f"function:{names.STACK}-*"),
        ),
        access(
            "StateMachine",
            "states",
            "StepFunctions::StateMachine",
            "DescribeStateMachine ListTagsForResource",
            "CreateStateMachine DeleteStateMachine TagResource UntagResource UpdateStateMachine",
            names.arn("states", f"stateMachine:{names.STACK}-*"),
        ),
        access(
            "WorkGroup",
            "athena",
            "Athena::WorkGroup Athena::NamedQuery",
            "GetNamedQuery GetWorkGroup ListTagsForResource",
            "CreateNamedQuery CreateWorkGroup DeleteNamedQuery DeleteWorkGroup TagResource UntagResource "
            "UpdateWorkGroup",
            *names.arns("athena", f"workgroup/{stack_names.WORK_GROUP}"),
        ),
    ]


def _messages() -> list[Access]:
    return [
        access(
            "Topic",
            "sns",
            "SNS::Topic SNS::TopicPolicy SNS::Subscription",
            "GetDataProtectionPolicy GetSubscriptionAttributes GetTopicAttributes ListSubscriptionsByTopic "
            "ListTagsForResource",
            "CreateTopic DeleteTopic SetSubscriptionAttributes SetTopicAttributes Subscribe TagResource "
            "Unsubscribe UntagResource",
            names.arn("sns", f"{names.STACK}-*"),
        ),
        access(
            "Queue",
            "sqs",
            "SQS::Queue SQS::QueuePolicy",
            "GetQueueAttributes ListQueueTags",
            "CreateQueue DeleteQueue GetQueueUrl SetQueueAttributes TagQueue UntagQueue",
            names.arn("sqs", f"{names.STACK}-*"),
        ),
    ]


def log_group_arns() -> tuple[Sub, ...]:
    """The stacks' log groups; the last * also stands for the `:*` with which their streams are asked for."""
    groups = (
        f"/aws/lambda/{names.STACK}-*",
        *(f"{prefix}/*" for prefix in names.of_stacks(stack_names.JOB_LOG_GROUP_PREFIX)),
        f"/aws/vendedlogs/states/{names.STACK}-*",
    )
    return tuple(names.arn("logs", f"log-group:{group}") for group in groups)


def _observation() -> list[Access]:
    tags = "TagResource UntagResource"
    return [
        access(
            "LogGroups",
            "logs",
            "Logs::LogGroup",
            "GetDataProtectionPolicy ListTagsForResource",
            "AssociateKmsKey CreateLogGroup DeleteLogGroup DeleteRetentionPolicy DisassociateKmsKey "
            f"PutRetentionPolicy {tags}",
            *log_group_arns(),
        ),
        access(
            "Rules",
            "events",
            "Events::Rule",
            "DescribeRule ListTagsForResource ListTargetsByRule",
            f"DeleteRule PutRule PutTargets RemoveTargets {tags}",
            names.arn("events", f"rule/{names.STACK}-*"),
        ),
        access(
            "Alarms",
            "cloudwatch",
            "CloudWatch::Alarm",
            "DescribeAlarms ListTagsForResource",
            f"DeleteAlarms PutMetricAlarm {tags}",
            names.arn("cloudwatch", f"alarm:{names.STACK}-*"),
        ),
        access(
            "Dashboard",
            "cloudwatch",
            "CloudWatch::Dashboard",
            "GetDashboard ListTagsForResource",
            f"DeleteDashboards PutDashboard {tags}",
            names.dashboard_arn(),
        ),
    ]


def types() -> list[Access]:
    """All but roles and keys, which take conditions."""
    return [
        *_storage(),
        *_compute(),
        *_messages(),
        *_observation(),
        *catalog_types.types(),
        *quicksight_types.types(),
        *database_types.types(),
    ]


READ_ROLE = actions("iam", "GetRole GetRolePolicy ListAttachedRolePolicies ListRolePolicies ListRoleTags")
READ_KEY = actions("kms", "DescribeKey GetKeyPolicy GetKeyRotationStatus ListResourceTags")
# Actions for which AWS has no resources.
READ_ANYWHERE = (
    "kms:ListAliases",
    *actions("lakeformation", "DescribeLakeFormationIdentityCenterConfiguration DescribeResource"),
    "lakeformation:ListResources",
    *actions("logs", "DescribeIndexPolicies DescribeLogGroups DescribeResourcePolicies"),
)
CONDITIONAL_TYPES = (
    *("AWS::IAM::Role", "AWS::KMS::Key", "AWS::KMS::Alias"),
    *database_types.NETWORK_TYPES,
)


def key_arn() -> Sub:
    """Any key of the account and region: a key's id is not known before there is one."""
    return names.arn("kms", "key/*")


def key_alias_arns() -> list[Sub]:
    return names.arns("kms", "alias/${AWS::StackName}")


def aliases() -> dict[str, Any]:
    """The one alias of each stack's key, by condition key."""
    return {"kms:ResourceAliases": [Sub(text) for text in names.of_stacks("alias/${AWS::StackName}")]}


def own_key() -> dict[str, Any]:
    """A condition on the alias, which no one gives to a key that is not the stack's: see `service_role`."""
    return {"ForAnyValue:StringLike": aliases()}


def used_for_lake() -> dict[str, Any]:
    """A condition on what S3 says that it uses a key for: the lake bucket or its objects.

    It counts at once, where an alias or a tag may take five minutes, and KMS decrypts only what was encrypted
    for the same: nothing of anybody else.
    """
    return {"StringLike": {"kms:EncryptionContext:aws:s3:arn": names.lake_bucket_arn()}}


def reading_statements() -> list[dict[str, Any]]:
    """What shows a resource of a main template, and changes or uses none; of databases: `database_types`."""
    return [
        *(one.reading() for one in types() if one.read and one not in database_types.types()),
        allow("ReadKey", list(READ_KEY), key_arn(), own_key()),
        allow("ReadAnywhere", list(READ_ANYWHERE), "*"),
        allow("ReadRoles", list(READ_ROLE), names.stack_roles_arn()),
    ]
