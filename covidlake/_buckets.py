"""Buckets of our own: whether one exists, and making one."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from covidlake import _aws

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.literals import BucketLocationConstraintType

FIRST_REGION = "us-east-1"  # the one region that CreateBucket refuses to be told


@functools.cache
def s3() -> S3Client:
    return _aws.session().client("s3", config=_aws.CONFIG)


def exists(bucket: str, owner: str | None = None) -> bool:
    """Whether the bucket is there; one that is not the owner's, or that S3 forbids, raises S3's error."""
    expected: dict[str, Any] = {"ExpectedBucketOwner": owner} if owner else {}
    try:
        s3().head_bucket(Bucket=bucket, **expected)
    except ClientError as error:
        if error.response["Error"]["Code"] in {"404", "NoSuchBucket"}:
            return False
        raise
    return True


def create(bucket: str) -> None:
    """Make the bucket in the caller's region."""
    region = _aws.region()
    if region == FIRST_REGION:
        s3().create_bucket(Bucket=bucket)
        return
    location: BucketLocationConstraintType = region  # type: ignore[assignment]
    s3().create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": location})
