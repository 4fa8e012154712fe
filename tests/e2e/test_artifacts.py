"""The artifact bucket holds each content once."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.stub import Stubber

from covidlake import _buckets, local
from covidlake._errors import BundleError
from covidlake.artifacts import upload
from covidlake.bundle import Bundle, manifest_bytes, open_bundle
from localcloud.cloud import LocalCloud

BUCKET = "covid-lake-artifacts-of-this-test"
ONE = f"artifacts/{hashlib.sha256(b'one').hexdigest()}/one.zip"
TWO = f"artifacts/{hashlib.sha256(b'two').hexdigest()}/two.py"


@pytest.fixture(autouse=True)
def aws(cloud: LocalCloud) -> Iterator[None]:
    with local.attached(cloud):
        yield


def make_bundle(folder: Path) -> Bundle:
    contents = {ONE: b"one", TWO: b"two", "template.json": b"{}", "environments/dev.yaml": b"tags: {}"}
    manifest = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    for name, content in {**contents, "manifest.json": manifest_bytes(manifest, "unknown")}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return open_bundle(folder)


def test_everything_is_sent_once_and_the_bucket_is_made_safe(tmp_path: Path) -> None:
    bundle, said = make_bundle(tmp_path), list[str]()
    assert upload(bundle, BUCKET, said.append) == sorted([ONE, TWO])
    assert upload(bundle, BUCKET, said.append) == []
    assert said == [f"artifact bucket {BUCKET} created"]
    s3 = _buckets.s3()
    listed = [item["Key"] for item in s3.list_objects_v2(Bucket=BUCKET)["Contents"]]
    assert listed == sorted(
        [
            ONE,
            TWO,
            bundle.template_key,
            f"{bundle.prefix}environments/dev.yaml",
            f"{bundle.prefix}manifest.json",
        ]
    )
    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    assert all(s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"].values())
    statement = json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])["Statement"][0]
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_only_what_the_bucket_lacks_is_sent(tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path)
    upload(bundle, BUCKET, lambda _: None)
    _buckets.s3().delete_object(Bucket=BUCKET, Key=TWO)
    assert upload(bundle, BUCKET, lambda _: None) == [TWO]


def test_content_that_is_not_what_its_name_says_is_replaced(tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path)
    upload(bundle, BUCKET, lambda _: None)
    _buckets.s3().put_object(Bucket=BUCKET, Key=ONE, Body=b"other", ChecksumAlgorithm="SHA256")
    assert upload(bundle, BUCKET, lambda _: None) == [ONE]
    assert _buckets.s3().get_object(Bucket=BUCKET, Key=ONE)["Body"].read() == b"one"


def test_a_bucket_in_another_region_and_one_that_may_not_be_made_are_told(tmp_path: Path) -> None:
    with Stubber(_buckets.s3()) as stubber:
        stubber.add_client_error("head_bucket", "301", "Moved Permanently", http_status_code=301)
        with pytest.raises(BundleError, match="301: it is in another region than us-east-2"):
            upload(make_bundle(tmp_path), BUCKET, lambda _: None)
        stubber.add_client_error("head_bucket", "404", "Not Found", http_status_code=404)
        stubber.add_client_error("create_bucket", "AccessDenied", "no", http_status_code=403)
        with pytest.raises(BundleError, match="AccessDenied: it is missing and you may not make it"):
            upload(make_bundle(tmp_path), BUCKET, lambda _: None)


def test_a_bucket_of_another_account_is_refused_by_name(tmp_path: Path) -> None:
    with Stubber(_buckets.s3()) as stubber:
        stubber.add_client_error("head_bucket", "403", "Forbidden", http_status_code=403)
        with pytest.raises(BundleError, match=f"artifact bucket {BUCKET}: 403: it must belong to account"):
            upload(make_bundle(tmp_path), BUCKET, lambda _: None)
