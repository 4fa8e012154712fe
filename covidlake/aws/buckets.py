"""Buckets of our own: whether one exists, and making one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from covidlake import aws

if TYPE_CHECKING:
    from mypy_boto3_s3.literals import BucketLocationConstraintType

FIRST_REGION = "us-east-1"  # the one region that CreateBucket takes no LocationConstraint for


def exists(bucket: str, owner: str | None = None) -> bool:
    """Whether the bucket is there; one that is not the owner's, or that S3 forbids, raises S3's error."""
    expected: dict[str, Any] = {"ExpectedBucketOwner": owner} if owner else {}
    try:
        aws.client("s3").head_bucket(Bucket=bucket, **expected)
    except ClientError as error:
        if error.response["Error"]["Code"] in {"404", "NoSuchBucket"}:
            return False
        raise
    return True


def create(bucket: str) -> None:
    """Make the bucket in the caller's region."""
    region = aws.region()
    if region == FIRST_REGION:
        aws.client("s3").create_bucket(Bucket=bucket)
        return
    location: BucketLocationConstraintType = region  # type: ignore[assignment]
    aws.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": location})
