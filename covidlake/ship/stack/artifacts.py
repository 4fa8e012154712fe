"""Send a bundle to the artifact bucket: each object under the digest of its content, once and for ever."""

from __future__ import annotations

import base64
import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from covidlake import aws
from covidlake.aws import buckets
from covidlake.base import console, json_text
from covidlake.base.errors import BundleError
from covidlake.base.progress import Progress
from covidlake.bundle.manifest import MANIFEST, Bundle, bundle_prefix

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef


NOT_FOUND = {"404", "NoSuchKey", "NotFound"}
# What S3 answers where there is an object already, or where another write has just made one.
TAKEN = {"412", "409", "PreconditionFailed", "ConditionalRequestConflict"}
PARALLEL = 8


def upload(bundle: Bundle, bucket: str, stack_name: str, progress: Progress) -> list[str]:
    """Send what the stack's part of the bucket lacks, prove what it holds; the names of what was sent.

    The template, the parameter files and the manifest go along, so that the bucket keeps the bundle as a
    whole; the manifest is last, so that a manifest there means that everything it names is there.
    Raises `BundleError` when the bucket is not ours to write to, or one of the keys holds something else.
    """
    ensure_bucket(bucket, progress)
    keys = bundle.object_keys(stack_name)
    with ThreadPoolExecutor(max_workers=PARALLEL) as pool:
        held = pool.map(lambda key: holds(bundle, bucket, key, keys[key]), keys)
        missing = [key for key, there in zip(keys, held, strict=True) if not there]
        first = [key for key in missing if keys[key] != MANIFEST]
        with console.progress_bar("Uploading", len(missing)) as advance:
            sent = []
            for key, written in zip(
                first, pool.map(lambda key: put(bundle, bucket, key, keys[key]), first), strict=True
            ):
                sent += [keys[key]] if written else []
                advance()
            for key in missing[len(first) :]:
                put(bundle, bucket, key, keys[key])
                advance()
    return [name for name in sent if name in bundle.artifacts()]


def put(bundle: Bundle, bucket: str, key: str, name: str) -> bool:
    """Write a file of the bundle to a key that holds nothing yet; False where another one was faster.

    S3 itself compares what arrives with the manifest's digest. Who comes second looks at what the first
    has written. Raises `BundleError` when that is something else.
    """
    body = (bundle.folder / name).read_bytes()
    try:
        aws.client("s3").put_object(
            Bucket=bucket, Key=key, Body=body, ChecksumSHA256=_sha256(bundle, name), IfNoneMatch="*"
        )
    except ClientError as error:
        if error.response["Error"]["Code"] not in TAKEN or not holds(bundle, bucket, key, name):
            raise  # not there: it was deleted meanwhile, which no deploy does
        return False
    return True


def holds(bundle: Bundle, bucket: str, key: str, name: str) -> bool:
    """Whether the object is there; what is there must be the file.

    Only S3's own SHA-256 of the whole object proves it: without one, the object is read.
    """
    try:
        proven = _proven(aws.client("s3").head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED"))
        if proven == _sha256(bundle, name):
            return True
        if proven is None:
            content = aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
            if base64.b64encode(hashlib.sha256(content).digest()).decode() == _sha256(bundle, name):
                return True
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in NOT_FOUND:
            return False
        if aws.is_denied(error):
            raise BundleError(
                f"s3://{bucket}/{key}: {code}: you may not read it: where an older version made the roles, "
                "bootstrap the environment again"
            ) from error
        raise
    raise BundleError(
        f"s3://{bucket}/{key} holds something else than {name} of this bundle: somebody else put it there; "
        "nothing was changed: find out who, then have an administrator delete it"
    )


def _proven(found: HeadObjectOutputTypeDef) -> str | None:
    """S3's own SHA-256 of the whole object; one of its parts' checksums says nothing about the content."""
    whole = found.get("ChecksumType", "FULL_OBJECT") == "FULL_OBJECT"
    return found.get("ChecksumSHA256") if whole else None


def _sha256(bundle: Bundle, name: str) -> str:
    """The digest that the manifest names, or that of the manifest itself, as S3 writes it."""
    if name in bundle.manifest:
        return base64.b64encode(bytes.fromhex(bundle.manifest[name])).decode()
    return base64.b64encode(hashlib.sha256((bundle.folder / name).read_bytes()).digest()).decode()


def manifest_of(digest: str, bucket: str, stack_name: str, target: Path | None = None) -> Bundle:
    """What the stack's part of the bucket says of a bundle; its files are not there.

    Raises `BundleError` where it has no such bundle, or another one under its name.
    """
    key = f"{bundle_prefix(stack_name, digest)}{MANIFEST}"
    manifest = read(bucket, key)
    try:
        content = json_text.parse(manifest)
        bundle = Bundle(target or Path(), dict(content["files"]), content["commit"])
        if bundle.digest != digest:
            raise ValueError(bundle.digest)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BundleError(
            f"s3://{bucket}/{key} was changed, or an older version of covidlake packaged it: {error}: deploy "
            "another commit, or have an administrator delete it and deploy that one again"
        ) from error
    return bundle


def read(bucket: str, key: str) -> bytes:
    """The content of an object; raises `BundleError` when there is none."""
    try:
        return aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] in {*NOT_FOUND, "NoSuchBucket"}:
            raise BundleError(
                f"s3://{bucket}/{key} is missing: package that commit again and deploy it"
            ) from error
        raise


def absent(bundle: Bundle, bucket: str, stack_name: str) -> list[str]:
    """The artifacts of the bundle whose objects are not in the stack's part of the bucket.

    By their names, which hold their digests: whoever plans may list them and not read them.
    """
    pages = (
        aws.client("s3")
        .get_paginator("list_objects_v2")
        .paginate(Bucket=bucket, Prefix=f"{stack_name}/artifacts/")
    )
    there = {item["Key"] for page in pages for item in page.get("Contents", [])}
    return [name for name in bundle.artifacts() if f"{stack_name}/{name}" not in there]


def ensure_bucket(bucket: str, progress: Progress) -> None:
    """Make the artifact bucket where it is missing and the caller may; raises `BundleError` otherwise."""
    s3 = aws.client("s3")
    try:
        # Anybody could have taken the name first: S3 itself compares the owner.
        if buckets.exists(bucket, owner=aws.account()):
            return
        buckets.create(bucket)
    except ClientError as error:
        # Another first deploy was faster: the same settings twice do no harm.
        if error.response["Error"]["Code"] != "BucketAlreadyOwnedByYou":
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
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(bucket_policy(bucket)))
    progress(f"artifact bucket {bucket} created")


def _refusal(bucket: str, error: ClientError) -> str:
    code = error.response["Error"]["Code"]
    if error.operation_name == "CreateBucket":
        return f"artifact bucket {bucket}: {code}: it is missing and you may not make it: covidlake bootstrap"
    if code in {"301", "PermanentRedirect"}:
        return f"artifact bucket {bucket}: {code}: it is in another region than {aws.region()}"
    return (
        f"artifact bucket {bucket}: {code}: it must belong to account {aws.account()} and be readable by you"
    )


def is_write_once(bucket: str) -> bool:
    """Whether the bucket's policy denies every write that could overwrite an object."""
    try:
        policy = json.loads(aws.client("s3").get_bucket_policy(Bucket=bucket)["Policy"])
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchBucketPolicy":
            return False
        raise
    return demands_conditional_writes(policy, f"arn:{aws.partition()}:s3:::{bucket}")


def demands_conditional_writes(policy: dict[str, Any], arn: str) -> bool:
    """Whether a statement denies everyone to write any object without `If-None-Match`."""
    return any(
        statement.get("Effect") == "Deny"
        and statement.get("Principal") in ("*", {"AWS": "*"})
        and {"s3:PutObject", "s3:*", "*"} & set(_listed(statement.get("Action", [])))
        and f"{arn}/*" in _listed(statement.get("Resource", []))
        and statement.get("Condition") == {"Null": {"s3:if-none-match": "true"}}
        for statement in policy.get("Statement", [])
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def bucket_policy(bucket: str) -> dict[str, Any]:
    """The policy that bootstrap and the first deploy alike give to the artifact bucket."""
    from infra.common.policies import artifact_bucket_statements, document

    arn = f"arn:{aws.partition()}:s3:::{bucket}"
    return document(*artifact_bucket_statements(arn, f"{arn}/*"))
