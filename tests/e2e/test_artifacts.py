"""Each stack's part of the artifact bucket holds each content once, and nothing there is ever overwritten."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from covidlake import aws
from covidlake.aws import buckets
from covidlake.base.errors import BundleError
from covidlake.bundle.manifest import Bundle, manifest_bytes, open_bundle
from covidlake.laptop import local
from covidlake.ship.stack import artifacts
from covidlake.ship.stack.artifacts import upload
from localcloud.cloud import ACCOUNT, LocalCloud
from tests.e2e.bootstrap_rig import DENIED
from tests.e2e.releases import ignore

BUCKET = "covid-lake-artifacts-of-this-test"
ONE = f"artifacts/{hashlib.sha256(b'one').hexdigest()}/one.zip"
TWO = f"artifacts/{hashlib.sha256(b'two').hexdigest()}/two.py"


@pytest.fixture(autouse=True)
def attached(cloud: LocalCloud) -> Iterator[None]:
    with local.attached(cloud):
        yield


@pytest.fixture
def stack_name(request: pytest.FixtureRequest) -> str:
    """A stack of the test's own: what one test writes can never be overwritten by another."""
    return "covid-lake-" + hashlib.sha256(request.node.name.encode()).hexdigest()[:8]


def make_bundle(folder: Path, commit: str = "unknown") -> Bundle:
    contents = {ONE: b"one", TWO: b"two", "template.json": b"{}", "environments/dev.yaml": b"tags: {}"}
    manifest = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    for name, content in {**contents, "manifest.json": manifest_bytes(manifest, commit)}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return open_bundle(folder)


def listed(stack_name: str) -> list[str]:
    found = aws.client("s3").list_objects_v2(Bucket=BUCKET, Prefix=f"{stack_name}/")
    return [item["Key"] for item in found.get("Contents", [])]


def test_everything_is_sent_once_under_the_name_of_the_stack(tmp_path: Path, stack_name: str) -> None:
    bundle = make_bundle(tmp_path)
    first = upload(bundle, BUCKET, stack_name, ignore)
    again = upload(bundle, BUCKET, stack_name, ignore)
    assert (first, again) == (sorted([ONE, TWO]), [])
    own = f"{stack_name}/bundles/{bundle.digest}"
    assert listed(stack_name) == sorted(
        [
            f"{stack_name}/{ONE}",
            f"{stack_name}/{TWO}",
            bundle.template_key(stack_name),
            f"{own}/environments/dev.yaml",
            f"{own}/manifest.json",
        ]
    )


def test_the_bucket_that_a_first_deploy_makes_is_safe(tmp_path: Path) -> None:
    s3, bucket, said = aws.client("s3"), f"{BUCKET}-made", list[str]()
    upload(make_bundle(tmp_path), bucket, "covid-lake-x", said.append)
    assert said == [f"artifact bucket {bucket} created"]
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    assert policy == artifacts.bucket_policy(bucket)
    assert [one["Condition"] for one in policy["Statement"]] == [
        {"Bool": {"aws:SecureTransport": "false"}},
        {"Null": {"s3:if-none-match": "true"}},
    ]


def test_only_what_the_bucket_lacks_is_sent(tmp_path: Path, stack_name: str) -> None:
    bundle = make_bundle(tmp_path)
    upload(bundle, BUCKET, stack_name, ignore)
    aws.client("s3").delete_object(Bucket=BUCKET, Key=f"{stack_name}/{TWO}")
    assert upload(bundle, BUCKET, stack_name, ignore) == [TWO]


def test_two_stacks_share_no_object(tmp_path: Path, stack_name: str) -> None:
    bundle = make_bundle(tmp_path)
    upload(bundle, BUCKET, stack_name, ignore)
    assert upload(bundle, BUCKET, f"{stack_name}2", ignore) == sorted([ONE, TWO])


PLANTED: dict[str, Callable[[Any, str], Any]] = {
    "with a checksum": lambda s3, key: s3.put_object(
        Bucket=BUCKET, Key=key, Body=b"evil", ChecksumAlgorithm="SHA256"
    ),
    "with a checksum of another kind": lambda s3, key: s3.put_object(
        Bucket=BUCKET, Key=key, Body=b"evil", ChecksumAlgorithm="CRC32"
    ),
    "in parts": lambda s3, key: in_parts(s3, key, b"evil"),
}


def in_parts(s3: Any, key: str, body: bytes, **completion: str) -> None:
    """A multipart upload, whose object has a checksum of its parts' checksums."""
    at = {"Bucket": BUCKET, "Key": key}
    at["UploadId"] = s3.create_multipart_upload(**at, ChecksumAlgorithm="SHA256")["UploadId"]
    part = s3.upload_part(**at, PartNumber=1, Body=body, ChecksumAlgorithm="SHA256")
    parts = [{"PartNumber": 1, "ETag": part["ETag"], "ChecksumSHA256": part["ChecksumSHA256"]}]
    s3.complete_multipart_upload(**at, MultipartUpload={"Parts": parts}, **completion)


@pytest.mark.parametrize("how", PLANTED)
@pytest.mark.parametrize("name", [ONE, "template.json", "manifest.json"])
def test_what_somebody_planted_is_neither_used_nor_replaced(
    tmp_path: Path, stack_name: str, how: str, name: str
) -> None:
    bundle = make_bundle(tmp_path)
    artifacts.ensure_bucket(BUCKET, ignore)
    key = next(key for key, held in bundle.object_keys(stack_name).items() if held == name)
    PLANTED[how](aws.client("s3"), key)
    with pytest.raises(BundleError, match=f"{key} holds something else than {name} of this bundle"):
        upload(bundle, BUCKET, stack_name, ignore)
    assert aws.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read() == b"evil"
    assert listed(stack_name) == [key], "something was sent"


def test_the_right_content_without_a_checksum_is_read_and_used(tmp_path: Path, stack_name: str) -> None:
    bundle = make_bundle(tmp_path)
    artifacts.ensure_bucket(BUCKET, ignore)
    in_parts(aws.client("s3"), f"{stack_name}/{ONE}", b"one")
    assert upload(bundle, BUCKET, stack_name, ignore) == [TWO]


def test_the_same_files_from_another_commit_are_a_bundle_of_their_own(
    tmp_path: Path, stack_name: str
) -> None:
    first = make_bundle(tmp_path / "a", "first")
    upload(first, BUCKET, stack_name, ignore)
    later = make_bundle(tmp_path / "b", "later")
    assert upload(later, BUCKET, stack_name, ignore) == []
    manifest = f"{later.prefix(stack_name)}manifest.json"
    held = aws.client("s3").get_object(Bucket=BUCKET, Key=manifest)["Body"].read()
    assert json.loads(held)["commit"] == "later"
    assert first.digest != later.digest


@pytest.mark.parametrize("body", [b"one", b"evil"])
def test_who_comes_second_proves_what_the_first_has_written(
    tmp_path: Path, stack_name: str, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another deploy, or an attacker, writes between our look and our write: S3 answers 412."""
    bundle, key = make_bundle(tmp_path), f"{stack_name}/{ONE}"
    artifacts.ensure_bucket(BUCKET, ignore)
    look, looked = artifacts.holds, list[str]()

    def late(bundle: Bundle, bucket: str, asked: str, name: str) -> bool:
        if asked == key and asked not in looked:
            looked.append(asked)
            aws.client("s3").put_object(Bucket=bucket, Key=key, Body=body, ChecksumAlgorithm="SHA256")
            return False
        return look(bundle, bucket, asked, name)

    monkeypatch.setattr(artifacts, "holds", late)
    if body == b"one":
        assert upload(bundle, BUCKET, stack_name, ignore) == [TWO]  # what the other one sent is not ours
    else:
        with pytest.raises(BundleError, match="somebody else put it there; nothing was changed"):
            upload(bundle, BUCKET, stack_name, ignore)
    assert aws.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read() == body


def test_a_write_that_conflicts_with_another_is_made_again(tmp_path: Path, stack_name: str) -> None:
    bundle, sent = make_bundle(tmp_path), list[int]()
    artifacts.ensure_bucket(BUCKET, ignore)
    s3 = aws.client("s3")

    def conflict(request: Any, **_: Any) -> Any:
        from botocore.awsrequest import AWSResponse

        sent.append(1)
        if len(sent) > 1:
            return None
        body = b"<Error><Code>ConditionalRequestConflict</Code><Message>again</Message></Error>"
        answer = AWSResponse(request.url, 409, {"content-type": "application/xml"}, None)
        answer._content = body
        return answer

    s3.meta.events.register("before-send.s3.PutObject", conflict)
    try:
        artifacts.put(bundle, BUCKET, f"{stack_name}/{ONE}", ONE)
    finally:
        s3.meta.events.unregister("before-send.s3.PutObject", conflict)
    assert len(sent) == 2
    assert listed(stack_name) == [f"{stack_name}/{ONE}"]


@pytest.fixture
def writer(cloud: LocalCloud) -> Iterator[Any]:
    """S3 as somebody who may do anything with the bucket, and so is held by its policy alone."""
    iam, name = cloud.client("iam"), "artifact-writer"
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "sts:AssumeRole",
    }
    anything = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [trust]}
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(document))
    policy = json.dumps({**document, "Statement": [anything]})
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=policy)
    role = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    session = cloud.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    yield cloud.client("s3", session)
    iam.delete_role_policy(RoleName=name, PolicyName="all")
    iam.delete_role(RoleName=name)


OVERWRITES: dict[str, tuple[str, Callable[[Any, str, str], Any]]] = {
    "a plain write": (DENIED, lambda s3, key, _: s3.put_object(Bucket=BUCKET, Key=key, Body=b"evil")),
    "a conditional write": (
        "PreconditionFailed",
        lambda s3, key, _: s3.put_object(Bucket=BUCKET, Key=key, Body=b"evil", IfNoneMatch="*"),
    ),
    "a write if it is none of another version": (
        "NotImplemented",
        lambda s3, key, _: s3.put_object(Bucket=BUCKET, Key=key, Body=b"evil", IfNoneMatch='"0"'),
    ),
    "a write if it is what it was": (
        DENIED,
        lambda s3, key, _: s3.put_object(Bucket=BUCKET, Key=key, Body=b"evil", IfMatch=etag(key)),
    ),
    "a multipart upload": (DENIED, lambda s3, key, _: in_parts(s3, key, b"evil")),
    "a conditional multipart upload": (
        DENIED,
        lambda s3, key, _: in_parts(s3, key, b"evil", IfNoneMatch="*"),
    ),
    "a copy": (
        DENIED,
        lambda s3, key, evil: s3.copy_object(Bucket=BUCKET, Key=key, CopySource=f"{BUCKET}/{evil}"),
    ),
    "a conditional copy": (
        "PreconditionFailed",
        lambda s3, key, evil: s3.copy_object(
            Bucket=BUCKET, Key=key, CopySource=f"{BUCKET}/{evil}", IfNoneMatch="*"
        ),
    ),
}


def etag(key: str) -> str:
    return aws.client("s3").head_object(Bucket=BUCKET, Key=key)["ETag"]


@pytest.mark.parametrize("how", OVERWRITES)
def test_nobody_overwrites_an_object_whatever_he_may(
    tmp_path: Path, stack_name: str, writer: Any, how: str
) -> None:
    upload(make_bundle(tmp_path), BUCKET, stack_name, ignore)
    evil = f"{stack_name}/evil"
    writer.put_object(Bucket=BUCKET, Key=evil, Body=b"evil", IfNoneMatch="*")  # a new object is his to make
    key = f"{stack_name}/{ONE}"
    refusal, attempt = OVERWRITES[how]
    with pytest.raises(ClientError, match=refusal):
        attempt(writer, key, evil)
    assert aws.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read() == b"one"
    assert len(aws.client("s3").list_object_versions(Bucket=BUCKET, Prefix=key)["Versions"]) == 1


def test_a_bucket_in_another_region_and_one_that_may_not_be_made_are_reported(tmp_path: Path) -> None:
    with Stubber(aws.client("s3")) as stubber:
        stubber.add_client_error("head_bucket", "301", "Moved Permanently", http_status_code=301)
        with pytest.raises(BundleError, match="301: it is in another region than us-east-2"):
            upload(make_bundle(tmp_path), BUCKET, "covid-lake-x", ignore)
        stubber.add_client_error("head_bucket", "404", "Not Found", http_status_code=404)
        stubber.add_client_error("create_bucket", "AccessDenied", "no", http_status_code=403)
        with pytest.raises(BundleError, match="AccessDenied: it is missing and you may not make it"):
            upload(make_bundle(tmp_path), BUCKET, "covid-lake-x", ignore)


def test_a_bucket_of_another_account_is_refused_by_name(tmp_path: Path) -> None:
    with Stubber(aws.client("s3")) as stubber:
        stubber.add_client_error("head_bucket", "403", "Forbidden", http_status_code=403)
        with pytest.raises(BundleError, match=f"artifact bucket {BUCKET}: 403: it must belong to account"):
            upload(make_bundle(tmp_path), BUCKET, "covid-lake-x", ignore)


def test_two_first_deploys_at_once_make_one_safe_bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = f"{BUCKET}-at-once"
    buckets.create(bucket)  # by the other one, between our look and our own call
    monkeypatch.setattr(buckets, "exists", lambda *_, **__: False)
    artifacts.ensure_bucket(bucket, ignore)
    policy = json.loads(aws.client("s3").get_bucket_policy(Bucket=bucket)["Policy"])
    assert policy == artifacts.bucket_policy(bucket)
