"""A template in the artifact bucket, pinned: CloudFormation gets the very version that was sent or compared.

Who may write to the bucket could otherwise swap the object between our upload and CreateChangeSet.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from botocore.exceptions import ClientError

from covidlake import _buckets, change_set
from covidlake._errors import BundleError

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef, PutObjectOutputTypeDef

# How S3 says that If-None-Match found something, or that another write is under way.
EXISTS = {"412", "409", "PreconditionFailed", "ConditionalRequestConflict"}


def send(bucket: str, key: str, body: bytes) -> str:
    """Write a template once: its pinned address; one that is there already must have the same content.

    Raises `BundleError` where it has another, or none that S3 vouches for.
    """
    checksum = base64.b64encode(hashlib.sha256(body).digest()).decode()
    found: PutObjectOutputTypeDef | HeadObjectOutputTypeDef
    try:
        found = _buckets.s3().put_object(
            Bucket=bucket, Key=key, Body=body, ChecksumSHA256=checksum, IfNoneMatch="*"
        )
    except ClientError as error:
        if error.response["Error"]["Code"] not in EXISTS:
            raise
        found = _compared(bucket, key, checksum)
    return _pinned(bucket, key, found)


def pin(url: str, sha256: str) -> str:
    """The address of `change_set.template_url` with the version whose content has this digest.

    Raises `BundleError` where the newest version has another content, or none that S3 vouches for.
    """
    bucket, _, key = unquote(urlsplit(url).path).lstrip("/").partition("/")
    checksum = base64.b64encode(bytes.fromhex(sha256)).decode()
    return _pinned(bucket, key, _compared(bucket, key, checksum))


def _compared(bucket: str, key: str, checksum: str) -> HeadObjectOutputTypeDef:
    found = _buckets.s3().head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
    actual = found.get("ChecksumSHA256")
    if actual != checksum:
        what = "another content than the bundle's" if actual else "no SHA-256 checksum to compare"
        raise BundleError(f"s3://{bucket}/{key}: it has {what}: find out who wrote it, then delete it")
    return found


def _pinned(bucket: str, key: str, found: PutObjectOutputTypeDef | HeadObjectOutputTypeDef) -> str:
    version = found.get("VersionId")
    if not version or version == "null":
        raise BundleError(
            f"artifact bucket {bucket}: it keeps no versions, so a template could be swapped: "
            "turn its versioning on, or make it anew with: covidlake bootstrap"
        )
    return change_set.template_url(bucket, key, version)
