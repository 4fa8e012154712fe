"""The choice between AWS's keys and one of our own, and the key."""

from __future__ import annotations

from typing import Any

from troposphere import AccountId, GetAtt, If, NoValue, Ref, Select, Split, Sub, athena, kms, s3

from infra.common import names
from infra.common.actions import ALIAS, MANAGE_KEY, USE_KEY
from infra.common.parameters import BOUNDARY_CONDITION, KEY_CONDITION, PREVIEW_CONDITION
from infra.common.policies import allow_service, document


def _account_statement() -> dict[str, Any]:
    """IAM policies of the account decide who uses and manages the key, as AWS sets it up by default."""
    root = Sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")
    # In the policy of a key, * is that key.
    return {
        "Sid": "Account",
        "Effect": "Allow",
        "Principal": {"AWS": root},
        "Action": "kms:*",
        "Resource": "*",
    }


def _role_statement(sid: str, role: str, actions: list[str]) -> dict[str, Any]:
    """What a role of the bootstrap may do with the key without a policy of its own: that counts at once.

    An alias or a tag, by which the role's own policy could know the key, may take five minutes. The role is
    named in a condition, not as the principal: the key outlives a role that is made anew.
    """
    prefix = Select(0, Split("-boundary", Ref("PermissionsBoundary")))
    arn = Sub(f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/${{Prefix}}-{role}", Prefix=prefix)
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": actions,
        "Resource": "*",
        "Condition": {"ArnEquals": {"aws:PrincipalArn": arn}},
    }


def _role_statements() -> list[If]:
    """Deployments manage the key; who deletes the stack of a pull request deletes its key with the data."""
    deployments = _role_statement("Deployments", "cloudformation", [*MANAGE_KEY, *ALIAS])
    deletion = _role_statement("ThrowAway", "deploy", ["kms:ScheduleKeyDeletion"])
    return [If(BOUNDARY_CONDITION, deployments, NoValue), If(PREVIEW_CONDITION, deletion, NoValue)]


def _service_statements() -> list[dict[str, Any]]:
    own_account = {"StringEquals": {"aws:SourceAccount": AccountId}}
    log_groups = {
        "ArnLike": {"kms:EncryptionContext:aws:logs:arn": names.arn("logs", "log-group:*${AWS::StackName}*")}
    }
    logs_service = Sub("logs.${AWS::Region}.${AWS::URLSuffix}")
    logs_actions = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
    return [
        # EventBridge does not say for whom it uses the key of a topic: under a condition on its account or
        # rule, which the guide of SNS rules out here, no message would ever arrive.
        allow_service("Rules", "events.amazonaws.com", USE_KEY, "*"),
        allow_service("Alarms", "cloudwatch.amazonaws.com", USE_KEY, "*", own_account),
        # Step Functions hands its logs over to this service.
        allow_service("LogDelivery", "delivery.logs.amazonaws.com", USE_KEY, "*", own_account),
        {
            **allow_service("Logs", "logs.amazonaws.com", logs_actions, "*", log_groups),
            "Principal": {"Service": logs_service},
        },
    ]


def key() -> kms.Key:
    """A symmetric key that is rotated each year. It outlives the stack: without it the data is lost."""
    return kms.Key(
        names.KEY,
        Condition=KEY_CONDITION,
        DeletionPolicy="RetainExceptOnCreate",
        UpdateReplacePolicy="Retain",
        Description=Sub("Data, notifications and logs of ${AWS::StackName}"),
        EnableKeyRotation=True,
        PendingWindowInDays=30,
        KeyPolicy=document(_account_statement(), *_role_statements(), *_service_statements()),
    )


def key_alias() -> kms.Alias:
    return kms.Alias(
        "KeyAlias",
        Condition=KEY_CONDITION,
        AliasName=Sub("alias/${AWS::StackName}"),
        TargetKeyId=Ref(names.KEY),
    )


def key_arn() -> If:
    """The key's ARN, or no value at all without a key."""
    return If(KEY_CONDITION, GetAtt(names.KEY, "Arn"), NoValue)


def key_statement() -> If:
    """The statement that lets a role use the key; no statement without a key."""
    statement = {"Sid": "Key", "Effect": "Allow", "Action": USE_KEY, "Resource": GetAtt(names.KEY, "Arn")}
    return If(KEY_CONDITION, statement, NoValue)


def bucket_encryption() -> s3.BucketEncryption:
    default = s3.ServerSideEncryptionByDefault(
        SSEAlgorithm=If(KEY_CONDITION, "aws:kms", "AES256"), KMSMasterKeyID=key_arn()
    )
    rule = s3.ServerSideEncryptionRule(
        ServerSideEncryptionByDefault=default, BucketKeyEnabled=If(KEY_CONDITION, True, False)
    )
    return s3.BucketEncryption(ServerSideEncryptionConfiguration=[rule])


def query_result_encryption() -> athena.EncryptionConfiguration:
    return athena.EncryptionConfiguration(
        EncryptionOption=If(KEY_CONDITION, "SSE_KMS", "SSE_S3"), KmsKey=key_arn()
    )
