"""A template in the artifact bucket, pinned: CloudFormation gets the very version that was compared.

Who may write to the bucket could otherwise swap the object between our upload and CreateChangeSet.
"""

from __future__ import annotations

import base64

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
