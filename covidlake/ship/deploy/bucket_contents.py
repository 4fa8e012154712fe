"""What resources hold: whether deleting one would lose data, and emptying what may be thrown away."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from covidlake import aws
from covidlake.aws import buckets
from covidlake.base.errors import CloudError
from covidlake.base.progress import Progress
from infra.common.declared_tables import TABLES

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackResourceSummaryTypeDef
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

MISSING = {"EntityNotFoundException", "NoSuchBucket", "404", "NotFoundException"}
# Types that may hold data which no read here can prove absent.
OPAQUE_TYPES = {
    "AWS::DynamoDB::Table",
    "AWS::EFS::FileSystem",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::SecretsManager::Secret",
}
PENDING_KEY_DAYS = 7  # the shortest that KMS allows


def held_by(resource: StackResourceSummaryTypeDef) -> str | None:
    """What a resource holds that deleting it would lose, as the end of a sentence; None when nothing."""
    kind, physical_id = resource["ResourceType"], resource.get("PhysicalResourceId", "")
    if kind in OPAQUE_TYPES:
        return "may hold data"
    look = CONTENTS.get(kind)
    try:
        return look(physical_id) if look else None
    except ClientError as error:
        if error.response["Error"]["Code"] in MISSING:
            return None
        if aws.is_denied(error):
            return f"may hold data: {error.operation_name} is denied to you"
        raise


def _objects(bucket: str) -> str | None:
    found = aws.client("s3").list_object_versions(Bucket=bucket, MaxKeys=1)
    return "holds objects" if found.get("Versions") or found.get("DeleteMarkers") else None


def _tables(database: str) -> str | None:
    """Tables that a crawl has made; those that the template declares hold nothing themselves."""
    pages = aws.client("glue").get_paginator("get_tables").paginate(DatabaseName=database)
    crawled = any(one["Name"] not in TABLES.values() for page in pages for one in page["TableList"])
    return "holds tables" if crawled else None


CONTENTS: dict[str, Callable[[str], str | None]] = {
    "AWS::S3::Bucket": _objects,
    "AWS::Glue::Database": _tables,
}


def delete_empty(resource: StackResourceSummaryTypeDef, progress: Progress) -> None:
    """Delete a bucket that outlived its stack and is empty; report one that may not be deleted."""
    bucket = resource.get("PhysicalResourceId", "")
    if resource["ResourceType"] != "AWS::S3::Bucket":
        return
    try:
        if buckets.exists(bucket):
            aws.client("s3").delete_bucket(Bucket=bucket)
            progress(f"empty bucket {bucket} deleted")
    except ClientError as error:
        progress(f"empty bucket {bucket} stays: {error.response['Error']['Code']}")


def empty_bucket(bucket: str) -> int:
    """Delete every version and delete marker: how many there were."""
    pages = aws.client("s3").get_paginator("list_object_versions").paginate(Bucket=bucket)
    deleted = 0
    for page in pages:
        found: list[ObjectIdentifierTypeDef] = [
            {"Key": one["Key"], "VersionId": one["VersionId"]}
            for one in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        ]
        if found:
            answer = aws.client("s3").delete_objects(Bucket=bucket, Delete={"Objects": found, "Quiet": True})
            if errors := answer.get("Errors"):
                raise CloudError(
                    f"s3://{bucket}/{errors[0].get('Key')} is not deleted: {errors[0].get('Message')}"
                )
            deleted += len(found)
    return deleted


def schedule_key_deletion(key: str) -> None:
    aws.client("kms").schedule_key_deletion(KeyId=key, PendingWindowInDays=PENDING_KEY_DAYS)
