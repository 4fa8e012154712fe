"""What an artifact bucket refuses is one line, and what it holds is proven before it is used."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.response import StreamingBody
from botocore.stub import Stubber

from covidlake import aws
from covidlake.base.errors import BundleError
from covidlake.bundle.manifest import MANIFEST, Bundle, manifest_bytes
from covidlake.ship.stack import artifacts

BUCKET, KEY, NAME = "artifacts", "covid-lake-dev/templates/x.json", "template.json"
CONTENT = b"{}"


def checksum(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    client = boto3.client("s3", region_name="us-east-2", aws_access_key_id="x", aws_secret_access_key="x")
    monkeypatch.setattr(aws, "client", {"s3": client}.__getitem__)
    monkeypatch.setattr(aws, "account", lambda: "111122223333")
    monkeypatch.setattr(aws, "region", lambda: "us-east-2")
    monkeypatch.setattr(aws, "partition", lambda: "aws")
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    files = {NAME: hashlib.sha256(CONTENT).hexdigest()}
    (tmp_path / NAME).write_bytes(CONTENT)
    (tmp_path / MANIFEST).write_bytes(manifest_bytes(files, "a" * 40))
    return Bundle(tmp_path, files, "a" * 40)


def holds(s3: Stubber, content: bytes) -> None:
    body = StreamingBody(io.BytesIO(content), len(content))
    s3.add_response("get_object", {"Body": body}, {"Bucket": BUCKET, "Key": KEY})


HEAD = {"Bucket": BUCKET, "Key": KEY, "ChecksumMode": "ENABLED"}


def test_a_checksum_of_the_whole_object_proves_it_unread(s3: Stubber, bundle: Bundle) -> None:
    s3.add_response("head_object", {"ChecksumSHA256": checksum(CONTENT)}, HEAD)
    assert artifacts.holds(bundle, BUCKET, KEY, NAME)


@pytest.mark.parametrize("answer", [{}, {"ChecksumSHA256": "x", "ChecksumType": "COMPOSITE"}])
def test_without_one_the_object_is_read(s3: Stubber, bundle: Bundle, answer: dict[str, Any]) -> None:
    s3.add_response("head_object", answer, HEAD)
    holds(s3, CONTENT)
    assert artifacts.holds(bundle, BUCKET, KEY, NAME)


def test_another_content_is_somebody_elses(s3: Stubber, bundle: Bundle) -> None:
    s3.add_response("head_object", {"ChecksumSHA256": checksum(b"evil")}, HEAD)
    with pytest.raises(BundleError, match=r"holds something else than template\.json of this bundle"):
        artifacts.holds(bundle, BUCKET, KEY, NAME)


def test_a_manifest_of_another_commit_is_another_file(s3: Stubber, bundle: Bundle) -> None:
    there = manifest_bytes(bundle.manifest, "b" * 40)
    s3.add_response("head_object", {"ChecksumSHA256": checksum(there)}, HEAD)
    with pytest.raises(BundleError, match="somebody else put it there"):
        artifacts.holds(bundle, BUCKET, KEY, MANIFEST)


def test_an_object_that_may_not_be_read_is_one_line(s3: Stubber, bundle: Bundle) -> None:
    s3.add_client_error("head_object", "403", "Forbidden", http_status_code=403)
    with pytest.raises(BundleError, match=r"403: you may not read it: .*bootstrap the environment again"):
        artifacts.holds(bundle, BUCKET, KEY, NAME)


def test_s3_itself_compares_what_is_written(s3: Stubber, bundle: Bundle) -> None:
    written = {"Bucket": BUCKET, "Key": KEY, "Body": CONTENT, "ChecksumSHA256": checksum(CONTENT)}
    s3.add_response("put_object", {}, {**written, "IfNoneMatch": "*"})
    assert artifacts.put(bundle, BUCKET, KEY, NAME)


def test_who_comes_second_looks_at_what_the_first_has_written(s3: Stubber, bundle: Bundle) -> None:
    s3.add_client_error("put_object", "PreconditionFailed", http_status_code=412)
    s3.add_response("head_object", {"ChecksumSHA256": checksum(CONTENT)}, HEAD)
    assert not artifacts.put(bundle, BUCKET, KEY, NAME)
    s3.add_client_error("put_object", "InternalError")
    with pytest.raises(ClientError):
        artifacts.put(bundle, BUCKET, KEY, NAME)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("403", "it must belong to account 111122223333 and be readable by you"),
        ("301", "it is in another region than us-east-2"),
    ],
)
def test_a_bucket_that_is_not_ours_to_use_is_one_line(s3: Stubber, code: str, words: str) -> None:
    s3.add_client_error("head_bucket", code, http_status_code=int(code))
    with pytest.raises(BundleError, match=f"artifact bucket {BUCKET}: {code}: {words}"):
        artifacts.ensure_bucket(BUCKET, print)


def test_who_may_not_make_the_bucket_is_sent_to_bootstrap(s3: Stubber) -> None:
    s3.add_client_error("head_bucket", "404", http_status_code=404)
    s3.add_client_error("create_bucket", "AccessDenied", http_status_code=403)
    with pytest.raises(BundleError, match="it is missing and you may not make it: covidlake bootstrap"):
        artifacts.ensure_bucket(BUCKET, print)


def test_a_bucket_is_write_once_by_its_policy(s3: Stubber) -> None:
    s3.add_client_error("get_bucket_policy", "NoSuchBucketPolicy")
    assert not artifacts.is_write_once(BUCKET)
    policy = artifacts.bucket_policy(BUCKET)
    arn = f"arn:aws:s3:::{BUCKET}"
    assert artifacts.demands_conditional_writes(policy, arn)
    for statement in policy["Statement"]:
        statement["Effect"] = "Allow"
    assert not artifacts.demands_conditional_writes(policy, arn)
