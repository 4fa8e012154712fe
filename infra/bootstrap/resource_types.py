"""What CloudFormation calls to read and to change each type of resource of the main template.

The actions are those of the types' handlers in the CloudFormation registry. A type that the main template
begins to use is added here, or its first deployment is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from troposphere import Sub

from infra import names as stack_names
from infra.bootstrap import names


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
            "CreateBucket DeleteBucket DeleteBucketPolicy PutBucketOwnershipControls PutBucketPolicy "
            "PutBucketPublicAccessBlock PutBucketTagging PutBucketVersioning PutEncryptionConfiguration "
            "PutLifecycleConfiguration TagResource UntagResource",
            names.lake_bucket_arn(),
        ),
    ]


def _glue() -> list[Access]:
    tags = "TagResource UntagResource"
    return [
        _access(
            "Database",
            "glue",
            "Glue::Database",
            "GetDatabase GetTags",
            f"CreateDatabase DeleteDatabase UpdateDatabase {tags}",
            *names.database_arns(),
        ),
        _access(
            "Crawler",
            "glue",
            "Glue::Crawler",
            "GetCrawler GetTags",
            f"CreateCrawler DeleteCrawler UpdateCrawler {tags}",
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
            "GetFunction GetFunctionCodeSigningConfig GetFunctionConcurrency GetFunctionConfiguration "
            "GetFunctionRecursionConfig GetFunctionScalingConfig GetPolicy GetRuntimeManagementConfig "
            "ListTags ListVersionsByFunction",
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
            "GetNamedQuery GetWorkGroup ListNamedQueries ListTagsForResource",
            "CreateNamedQuery CreateWorkGroup DeleteNamedQuery DeleteWorkGroup TagResource UntagResource "
            "UpdateNamedQuery UpdateWorkGroup",
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
            "GetQueueAttributes GetQueueUrl ListQueueTags",
            "CreateQueue DeleteQueue SetQueueAttributes TagQueue UntagQueue",
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
        # These two list before they show: AWS has no narrower resource for it.
        _access(
            "LogGroupList",
            "logs",
            "",
            "DescribeIndexPolicies DescribeLogGroups",
            "",
            names.arn("logs", "log-group:*"),
        ),
        _access(
            "Rules",
            "events",
            "Events::Rule",
            "DescribeRule ListTagsForResource ListTargetsByRule",
            f"DeleteRule DisableRule EnableRule PutRule PutTargets RemoveTargets {tags}",
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
READ_KEY = _actions("kms", "DescribeKey GetKeyPolicy GetKeyRotationStatus ListKeyRotations ListResourceTags")
CONDITIONAL_TYPES = ("AWS::IAM::Role", "AWS::KMS::Key", "AWS::KMS::Alias")


def key_arn() -> Sub:
    """Any key of the account and region: a key's id is not known before there is one."""
    return names.arn("kms", "key/*")


def key_alias_arn() -> Sub:
    return names.arn("kms", f"alias/{names.STACK}")


def tagged(kind: str) -> dict[str, Any]:
    """A condition on the tags that environments/*.yaml gives to everything; `kind` is Resource or Request."""
    return {
        "StringEquals": {
            f"aws:{kind}Tag/Application": "covid-lake",
            f"aws:{kind}Tag/Environment": {"Ref": "Environment"},
        }
    }


def reading_statements() -> list[dict[str, Any]]:
    """Everything that shows a resource of the main template, and nothing that changes or uses one."""
    keys = {"Sid": "ReadKey", "Effect": "Allow", "Action": list(READ_KEY), "Resource": key_arn()}
    return [
        *(access.reading() for access in types()),
        {**keys, "Condition": tagged("Resource")},
        # ListAliases has no resource.
        {"Sid": "ListAliases", "Effect": "Allow", "Action": ["kms:ListAliases"], "Resource": "*"},
        {
            "Sid": "ReadRoles",
            "Effect": "Allow",
            "Action": list(READ_ROLE),
            "Resource": names.stack_roles_arn(),
        },
    ]
