"""Statements of IAM and resource policies."""

from __future__ import annotations

from typing import Any

from troposphere import AccountId

Statement = dict[str, Any]


def document(*statements: Statement) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(sid: str, actions: list[str], resources: Any, condition: dict[str, Any] | None = None) -> Statement:
    statement = {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}
    return {**statement, "Condition": condition} if condition else statement


def write_metrics() -> Statement:
    """PutMetricData has no resources; Glue writes its metrics to the namespace Glue."""
    namespace: dict[str, Any] = {"StringEquals": {"cloudwatch:namespace": "Glue"}}
    return allow("WriteMetrics", ["cloudwatch:PutMetricData"], "*", namespace)


def allow_service(
    sid: str, service: str, actions: list[str], resources: Any, condition: dict[str, Any] | None = None
) -> Statement:
    """A statement of a resource policy for an AWS service such as `events.amazonaws.com`."""
    return {**allow(sid, actions, resources, condition), "Principal": {"Service": service}}


def deny_insecure_transport(actions: str, resources: Any) -> Statement:
    return {
        "Sid": "DenyInsecureTransport",
        "Effect": "Deny",
        "Principal": "*",
        "Action": actions,
        "Resource": resources,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def artifact_bucket_statements(bucket: Any, objects: Any) -> list[Statement]:
    """The policy of the artifact bucket, whoever makes it: TLS only, and nothing is ever overwritten.

    S3 refuses a write with `If-None-Match: *` where there is an object. Parts of a multipart upload cannot
    carry the header, so there are no multipart uploads and no copies.
    """
    return [
        deny_insecure_transport("s3:*", [bucket, objects]),
        {
            "Sid": "WriteOnce",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:PutObject",
            "Resource": objects,
            "Condition": {"Null": {"s3:if-none-match": "true"}},
        },
    ]


def trust(service: str, source_arn: Any = None) -> dict[str, Any]:
    """Let a service assume a role, for one resource of this account where the service says which it acts for.

    Step Functions and EventBridge document aws:SourceArn and aws:SourceAccount in the trust policies of their
    roles. Lambda and Glue do not send them when they assume a role; there iam:PassRole, which never crosses
    accounts, is what keeps another account out.
    """
    statement: Statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    if source_arn is not None:
        statement["Condition"] = {
            "StringEquals": {"aws:SourceAccount": AccountId},
            "ArnEquals": {"aws:SourceArn": source_arn},
        }
    return document(statement)
