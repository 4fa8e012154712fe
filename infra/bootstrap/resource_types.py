"""What CloudFormation calls to read and to change each type of resource of the main template.

The actions are those of the types' handlers in the CloudFormation registry. A type that the main template
begins to use is added here, or its first deployment is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from troposphere import Sub

from infra.bootstrap import names
from infra.common import names as stack_names
from infra.common.policies import allow


@dataclass(frozen=True)
class Access:
    """`read` on `resources` shows resources of these types; `write` makes, changes and deletes them."""

    sid: str
    types: tuple[str, ...]
    read: tuple[str, ...]
    write: tuple[str, ...]
    resources: tuple[Sub, ...]

    def reading(self) -> dict[str, Any]:
        return self._statement(f"Read{self.sid}", self.read)

    def writing(self) -> dict[str, Any]:
        return self._statement(self.sid, (*self.read, *self.write))

    def _statement(self, sid: str, actions: tuple[str, ...]) -> dict[str, Any]:
        return {
            "Sid": sid,
            "Effect": "Allow",
            "Action": sorted(actions),
            "Resource": list(self.resources),
        }


def _actions(service: str, text: str) -> tuple[str, ...]:
    return tuple(f"{service}:{name}" for name in text.split())


def _access(sid: str, service: str, types: str, read: str, write: str, *resources: Sub) -> Access:
    """`types` without their AWS::, actions without their service."""
    full = tuple(f"AWS::{name}" for name in types.split())
    return Access(sid, full, _actions(service, read), _actions(service, write), resources)


def _storage() -> list[Access]:
    return [
        _access(
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
        _access(
            "QueryResults",
            "s3",
            "",
            "",
            "AbortMultipartUpload GetObject ListMultipartUploadParts PutObject",
            names.lake_bucket_arn(f"{stack_names.ATHENA_PREFIX}*"),
        ),
    ]


def _glue() -> list[Access]:
    tags = "TagResource UntagResource"
    *database, tables = names.database_arns()
    return [
        _access(
            "Database",
            "glue",
            "Glue::Database",
            "GetDatabase",
            "CreateDatabase UpdateDatabase",
            *database,
        ),
        _access(
            "DeleteDatabase",
            "glue",
            "",
            "",
            "DeleteDatabase",
            *(*database, tables, names.user_functions_arn()),
        ),
        _access(
            "Crawler",
            "glue",
            "Glue::Crawler",
            "GetCrawler GetTags",
            f"DeleteCrawler StopCrawler UpdateCrawler {tags}",
            names.arn("glue", f"crawler/{names.STACK}-*"),
        ),
        _access(
            "Job",
            "glue",
            "Glue::Job",
            "GetJob GetTags",
            f"CreateJob DeleteJob UpdateJob {tags}",
            names.arn("glue", f"job/{names.STACK}-*"),
        ),
    ]


def _compute() -> list[Access]:
    return [
        _access(
            "Functions",
            "lambda",
            "Lambda::Function",
            "GetFunction GetFunctionCodeSigningConfig GetFunctionRecursionConfig GetFunctionScalingConfig "
            "GetRuntimeManagementConfig ListTags",
            "CreateFunction DeleteFunction TagResource UntagResource UpdateFunctionCode "
            "UpdateFunctionConfiguration",
            names.arn("lambda", f"function:{names.STACK}-*"),
        ),
        _access(
            "StateMachine",
            "states",
            "StepFunctions::StateMachine",
            "DescribeStateMachine ListTagsForResource",
            "CreateStateMachine DeleteStateMachine TagResource UntagResource UpdateStateMachine",
            names.arn("states", f"stateMachine:{names.STACK}-*"),
        ),
        _access(
            "WorkGroup",
            "athena",
            "Athena::WorkGroup Athena::NamedQuery",
            "GetNamedQuery GetWorkGroup ListTagsForResource",
            "CreateNamedQuery CreateWorkGroup DeleteNamedQuery DeleteWorkGroup TagResource UntagResource "
            "UpdateWorkGroup",
            names.arn("athena", f"workgroup/{names.STACK}"),
        ),
    ]


def _messages() -> list[Access]:
    return [
        _access(
            "Topic",
            "sns",
            "SNS::Topic SNS::TopicPolicy SNS::Subscription",
            "GetDataProtectionPolicy GetSubscriptionAttributes GetTopicAttributes ListSubscriptionsByTopic "
            "ListTagsForResource",
            "CreateTopic DeleteTopic SetSubscriptionAttributes SetTopicAttributes Subscribe TagResource "
            "Unsubscribe UntagResource",
            names.arn("sns", f"{names.STACK}-*"),
        ),
        _access(
            "Queue",
            "sqs",
            "SQS::Queue SQS::QueuePolicy",
            "GetQueueAttributes ListQueueTags",
            "CreateQueue DeleteQueue GetQueueUrl SetQueueAttributes TagQueue UntagQueue",
            names.arn("sqs", f"{names.STACK}-*"),
        ),
    ]


def log_group_arns() -> tuple[Sub, ...]:
    """The stack's log groups; what concerns their streams is asked with `:*` behind the name."""
    groups = (
        f"/aws/lambda/{names.STACK}-*",
        f"{names.of_stack(stack_names.JOB_LOG_GROUP_PREFIX)}/*",
        names.of_stack(stack_names.STATE_MACHINE_LOG_GROUP),
    )
    return tuple(names.arn("logs", f"log-group:{group}{end}") for group in groups for end in ("", ":*"))


def _observation() -> list[Access]:
    tags = "TagResource UntagResource"
    return [
        _access(
            "LogGroups",
            "logs",
            "Logs::LogGroup",
            "GetDataProtectionPolicy ListTagsForResource",
            "AssociateKmsKey CreateLogGroup DeleteLogGroup DeleteRetentionPolicy DisassociateKmsKey "
            f"PutRetentionPolicy {tags}",
            *log_group_arns(),
        ),
        _access(
            "Rules",
            "events",
            "Events::Rule",
            "DescribeRule ListTagsForResource ListTargetsByRule",
            f"DeleteRule PutRule PutTargets RemoveTargets {tags}",
            names.arn("events", f"rule/{names.STACK}-*"),
        ),
        _access(
            "Alarms",
            "cloudwatch",
            "CloudWatch::Alarm",
            "DescribeAlarms ListTagsForResource",
            f"DeleteAlarms PutMetricAlarm {tags}",
            names.arn("cloudwatch", f"alarm:{names.STACK}-*"),
        ),
    ]


def types() -> list[Access]:
    """All but roles and keys, which take conditions."""
    return [*_storage(), *_glue(), *_compute(), *_messages(), *_observation()]


READ_ROLE = _actions("iam", "GetRole GetRolePolicy ListAttachedRolePolicies ListRolePolicies ListRoleTags")
READ_KEY = _actions("kms", "DescribeKey GetKeyPolicy GetKeyRotationStatus ListResourceTags")
# Actions for which AWS has no resources.
READ_ANYWHERE = (
    "kms:ListAliases",
    *_actions("lakeformation", "DescribeLakeFormationIdentityCenterConfiguration DescribeResource"),
    "lakeformation:ListResources",
    *_actions("logs", "DescribeIndexPolicies DescribeLogGroups DescribeResourcePolicies"),
)
CONDITIONAL_TYPES = ("AWS::IAM::Role", "AWS::KMS::Key", "AWS::KMS::Alias")


def key_arn() -> Sub:
    """Any key of the account and region: a key's id is not known before there is one."""
    return names.arn("kms", "key/*")


def key_alias_arn() -> Sub:
    return names.arn("kms", f"alias/{names.STACK}")


def tags(kind: str) -> dict[str, Any]:
    """The tags that environments/*.yaml gives to everything, by condition key: of a Resource or a Request."""
    return {
        f"aws:{kind}Tag/Application": "covid-lake",
        f"aws:{kind}Tag/Environment": {"Ref": "Environment"},
    }


def aliases() -> dict[str, Any]:
    """The one alias of the stack's key, by condition key."""
    return {"kms:ResourceAliases": Sub(f"alias/{names.STACK}")}


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
    """Everything that shows a resource of the main template, and nothing that changes or uses one."""
    return [
        *(access.reading() for access in types() if access.read),
        allow("ReadKey", list(READ_KEY), key_arn(), own_key()),
        allow("ReadAnywhere", list(READ_ANYWHERE), "*"),
        allow("ReadRoles", list(READ_ROLE), names.stack_roles_arn()),
    ]
