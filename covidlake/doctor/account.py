"""What doctor examines of the account: who calls, where, the source bucket and the artifact bucket."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from covidlake import aws
from covidlake.aws import buckets
from covidlake.aws.errors import from_aws
from covidlake.base import project
from covidlake.base.errors import WrongTargetError
from covidlake.doctor.check import Check, Subject, fail, ok, skip
from covidlake.environment import environment_file
from covidlake.environment.target import check_target
from covidlake.ship.stack import artifacts

BUCKET = "artifact bucket"
BLOCKED = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
ENCRYPTED = '{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"}}]}'
NO_CONFIGURATION = {
    "NoSuchBucketPolicy",
    "NoSuchPublicAccessBlockConfiguration",
    "ServerSideEncryptionConfigurationNotFoundError",
}


def caller(_: Subject) -> Iterator[Check]:
    try:
        yield ok("region", aws.region())
        yield ok("credentials", aws.caller())
    except (BotoCoreError, ClientError) as error:
        known = from_aws(error)
        name = "credentials" if isinstance(error, ClientError) or "redential" in str(error) else "region"
        yield fail(name, str(known or error), "sign in to AWS, or use the laptop's cloud: make up")


def account(subject: Subject) -> Iterator[Check]:
    """The account and region are those that the parameter file pins, if it pins any."""
    environment = environment_file.load(subject.environment)
    try:
        check_target(environment)
    except WrongTargetError as error:
        yield fail("account", str(error), "change the credentials or the region")
    else:
        yield ok("account", aws.account())


def source_bucket(subject: Subject) -> Iterator[Check]:
    name = environment_file.load(subject.environment).parameters.get("SourceBucket", "")
    if not name:
        yield skip("source bucket", f"environments/{subject.environment}.yaml names none")
        return
    region = bucket_region(name)
    hint = f"correct SourceBucket in environments/{subject.environment}.yaml; for the laptop: make up"
    if region is None:
        yield fail("source bucket", f"{name} does not exist", hint)
    elif region != aws.region():
        here = aws.region()
        yield ok("source bucket", f"{name} in {region}: what {here} reads from it is paid for as transfer")
    else:
        yield ok("source bucket", f"{name} in {region}")


def bucket_region(bucket: str) -> str | None:
    """The region of a bucket, also of one that is not ours; None when it does not exist."""
    try:
        answer: Any = aws.client("s3").head_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] in {"404", "NoSuchBucket"}:
            return None
        answer = error.response
    header = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("x-amz-bucket-region")
    return str(answer.get("BucketRegion") or header or aws.region())


def artifact_bucket(subject: Subject) -> Iterator[Check]:
    bucket = project.artifact_bucket(aws.account(), aws.region())
    hint = f"covidlake bootstrap {subject.bootstrapped} --repository ORG/REPO ..., or covidlake deploy"
    try:
        there = buckets.exists(bucket)
        if there:
            aws.client("s3").head_bucket(Bucket=bucket, ExpectedBucketOwner=aws.account())
    except ClientError as error:
        code = error.response["Error"]["Code"]
        yield fail(BUCKET, f"{bucket}: {code}: another account's", "delete it there, or use another region")
        return
    if not there:
        yield fail(BUCKET, f"{bucket} does not exist", hint)
        return
    yield ok(BUCKET, f"{bucket} belongs to account {aws.account()}")
    yield from _settings(bucket)


def _settings(bucket: str) -> Iterator[Check]:
    s3, arn = aws.client("s3"), f"arn:{aws.partition()}:s3:::{bucket}"
    versioning = s3.get_bucket_versioning(Bucket=bucket).get("Status", "off")
    enable = _command(bucket, "bucket-versioning", "versioning-configuration", "Status=Enabled")
    yield _judged("versioning", versioning == "Enabled", versioning, enable)
    algorithm = encryption_of(_asked(s3.get_bucket_encryption, bucket))
    encrypt = _command(bucket, "bucket-encryption", "server-side-encryption-configuration", ENCRYPTED)
    yield _judged("encryption", algorithm != "off", algorithm, encrypt)
    policy = json.loads(_asked(s3.get_bucket_policy, bucket).get("Policy", "{}"))
    tls = denies_insecure_transport(policy, arn)
    given = [json.dumps(statement) for statement in artifacts.bucket_policy(bucket)["Statement"]]
    yield _judged("TLS only", tls, "enforced" if tls else "not enforced", f"add to its policy: {given[0]}")
    once = artifacts.demands_conditional_writes(policy, arn)
    found = "enforced" if once else "objects can be overwritten"
    yield _judged("write once", once, found, f"add to its policy: {given[1]}")
    block = _asked(s3.get_public_access_block, bucket).get("PublicAccessBlockConfiguration", {})
    shut = len(block) == len(BLOCKED) and all(block.values())
    all_four = ",".join(f"{name}=true" for name in BLOCKED)
    close = _command(bucket, "public-access-block", "public-access-block-configuration", all_four)
    yield _judged("public access block", shut, "all four on" if shut else "not all four on", close)


def _command(bucket: str, noun: str, option: str, value: str) -> str:
    return f"aws s3api put-{noun} --bucket {bucket} --{option} {shlex.quote(value)}"


def encryption_of(answer: dict[str, Any]) -> str:
    """The algorithm of GetBucketEncryption's answer, such as AES256; `off` when nothing is configured."""
    rules = answer.get("ServerSideEncryptionConfiguration", {}).get("Rules", [])
    defaults = [rule.get("ApplyServerSideEncryptionByDefault", {}) for rule in rules]
    return next((one["SSEAlgorithm"] for one in defaults if "SSEAlgorithm" in one), "off")


def _asked(operation: Any, bucket: str) -> dict[str, Any]:
    """What an operation answers about the bucket; {} where it is not configured."""
    try:
        answer: dict[str, Any] = operation(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] in NO_CONFIGURATION:
            return {}
        raise
    return answer


def _judged(name: str, good: bool, found: str, hint: str) -> Check:
    title = f"{BUCKET}, {name}"
    return ok(title, found) if good else fail(title, found, hint)


def denies_insecure_transport(policy: dict[str, Any], arn: str) -> bool:
    """Whether a statement denies everyone every action on the bucket and its objects without TLS."""
    return any(
        statement.get("Effect") == "Deny"
        and statement.get("Principal") in ("*", {"AWS": "*"})
        and statement.get("Action") in ("s3:*", "*", ["s3:*"])
        and {arn, f"{arn}/*"} <= set(_listed(statement.get("Resource", [])))
        and statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
        for statement in policy.get("Statement", [])
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


EXAMINATIONS = (account, source_bucket, artifact_bucket)
