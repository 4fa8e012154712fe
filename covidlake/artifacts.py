"""Send a bundle to the artifact bucket: each object under the digest of its content, once."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from botocore.exceptions import ClientError

from covidlake import _aws, _buckets, _console
from covidlake._errors import BundleError
from covidlake.bundle import MANIFEST, Bundle

Report = Callable[[str], None]

NOT_FOUND = {"404", "NoSuchKey", "NotFound"}
PARALLEL = 8


def upload(bundle: Bundle, bucket: str, report: Report) -> list[str]:
    """Send what the bucket does not hold yet, in parallel: the names of the artifacts that were sent.

    The template, the parameter files and the manifest go along, so that the bucket keeps the bundle as a
    whole; the manifest is last, so that a manifest there means that everything it names is there.
    Raises `BundleError` when the bucket is not ours to write to.
    """
    ensure_bucket(bucket, report)
    keys = bundle.object_keys()
    with ThreadPoolExecutor(max_workers=PARALLEL) as pool:
        held = pool.map(lambda key: _holds(bundle, bucket, key), keys)
        missing = [key for key, there in zip(keys, held, strict=True) if not there]
        first = [key for key in missing if keys[key] != MANIFEST]
        with _console.progress_bar("Uploading", len(missing)) as advance:
            for _ in pool.map(lambda key: _send(bundle, bucket, key), first):
                advance()
            for key in missing[len(first) :]:
                _send(bundle, bucket, key)
                advance()
    return [key for key in first if key in bundle.manifest]


def _send(bundle: Bundle, bucket: str, key: str) -> None:
    """S3 itself compares what arrives with the manifest's digest."""
    name = bundle.object_keys()[key]
    body = (bundle.folder / name).read_bytes()
    sha256 = bundle.manifest.get(name) or hashlib.sha256(body).hexdigest()
    _buckets.s3().put_object(Bucket=bucket, Key=key, Body=body, ChecksumSHA256=_checksum(sha256))


def _checksum(sha256: str) -> str:
    return base64.b64encode(bytes.fromhex(sha256)).decode()


def _holds(bundle: Bundle, bucket: str, key: str) -> bool:
    """Whether the object is there, with the content that its name promises where S3 tells a checksum."""
    try:
        found = _buckets.s3().head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
    except ClientError as error:
        if error.response["Error"]["Code"] in NOT_FOUND:
            return False
        raise
    expected = bundle.manifest.get(bundle.object_keys()[key])
    actual = found.get("ChecksumSHA256")
    return expected is None or actual is None or actual == _checksum(expected)


def ensure_bucket(bucket: str, report: Report) -> None:
    """Make the artifact bucket where it is missing and the caller may; raises `BundleError` otherwise."""
    s3 = _buckets.s3()
    try:
        # Anybody could have taken the name first: S3 itself compares the owner.
        if _buckets.exists(bucket, owner=_aws.account()):
            return
        _buckets.create(bucket)
    except ClientError as error:
        raise BundleError(_refusal(bucket, error)) from error
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


def _refusal(bucket: str, error: ClientError) -> str:
    code = error.response["Error"]["Code"]
    if error.operation_name == "CreateBucket":
        return f"artifact bucket {bucket}: {code}: it is missing and you may not make it: covidlake bootstrap"
    if code in {"301", "PermanentRedirect"}:
        return f"artifact bucket {bucket}: {code}: it is in another region than {_aws.region()}"
    return (
        f"artifact bucket {bucket}: {code}: it must belong to account {_aws.account()} and be readable by you"
    )


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
