"""Send what a bundle runs to the artifact bucket: each object under the digest of its content, once."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from botocore.exceptions import ClientError

from covidlake import _aws, _buckets
from covidlake._errors import BundleError
from covidlake.package import Bundle

Report = Callable[[str], None]


def upload(bundle: Bundle, bucket: str, report: Report) -> int:
    """Send each artifact that the bucket does not hold yet, in parallel; return how many were sent.

    Raises `BundleError` when the bucket belongs to another account.
    """
    _ensure_bucket(bucket, report)

    def send(key: str) -> bool:
        if _holds(bucket, key):
            return False
        _buckets.s3().upload_file(str(bundle.path(key)), bucket, key)
        return True

    with ThreadPoolExecutor(max_workers=8) as pool:
        return sum(pool.map(send, bundle.object_keys()))


def _ensure_bucket(bucket: str, report: Report) -> None:
    s3 = _buckets.s3()
    try:
        if _buckets.exists(bucket):
            return
    except ClientError as error:
        raise BundleError(
            f"artifact bucket {bucket}: {error.response['Error']['Code']}: it must belong to account "
            f"{_aws.account()} and be readable by you"
        ) from error
    _buckets.create(bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_public_access_block(
        Bucket=bucket,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": True,
        },
    )
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(_tls_only(bucket)))
    report(f"artifact bucket {bucket} created")


def _tls_only(bucket: str) -> dict[str, object]:
    arn = f"arn:aws:s3:::{bucket}"
    statement = {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def _holds(bucket: str, key: str) -> bool:
    try:
        _buckets.s3().head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] in {"404", "NoSuchKey"}:
            return False
        raise
    return True
