"""A template in the artifact bucket, pinned: CloudFormation gets the very version that was compared.

Who may write to the bucket could otherwise swap the object between our upload and CreateChangeSet.
"""

from __future__ import annotations

import base64
import hashlib

from botocore.exceptions import ClientError

from covidlake import aws
from covidlake.base.errors import BundleError
from covidlake.ship.stack import change_set


def pin(bucket: str, key: str, sha256: str) -> str:
    """The address of the newest version of an object, whose content must have this digest.

    Raises `BundleError` where it has another content, or none that S3 vouches for, and where the bucket
    keeps no versions.
    """
    found = aws.client("s3").head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
    actual = found.get("ChecksumSHA256")
    if actual != base64.b64encode(bytes.fromhex(sha256)).decode():
        what = "another content than the bundle's" if actual else "no SHA-256 checksum to compare"
        raise BundleError(f"s3://{bucket}/{key}: it has {what}: find out who wrote it, then delete it")
    version = found.get("VersionId")
    if not version or version == "null":
        raise BundleError(
            f"artifact bucket {bucket}: it keeps no versions, so a template could be swapped: "
            "turn its versioning on, or make it anew with: covidlake bootstrap"
        )
    return change_set.template_url(bucket, key, version)


def put(bucket: str, stack_name: str, text: str) -> str:
    """Store a template under its digest in the stack's part of the bucket, and give its pinned address.

    Raises `BundleError` as `pin` does. One that is there already has this digest in its name.
    """
    body = text.encode()
    digest = hashlib.sha256(body)
    key = f"{stack_name}/templates/{digest.hexdigest()}.json"
    checksum = base64.b64encode(digest.digest()).decode()
    try:
        aws.client("s3").put_object(
            Bucket=bucket, Key=key, Body=body, IfNoneMatch="*", ChecksumSHA256=checksum
        )
    except ClientError as error:
        if error.response["Error"]["Code"] not in {"PreconditionFailed", "ConditionalRequestConflict"}:
            raise
    return pin(bucket, key, digest.hexdigest())
