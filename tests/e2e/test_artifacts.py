"""The artifact bucket holds each content once."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.stub import Stubber

from covidlake import _buckets, local
from covidlake._errors import BundleError
from covidlake.artifacts import upload
from covidlake.package import Bundle
from localcloud.cloud import LocalCloud

BUCKET = "covid-lake-artifacts-of-this-test"


@pytest.fixture(autouse=True)
def aws(cloud: LocalCloud) -> Iterator[None]:
    with local.attached(cloud):
        yield


def make_bundle(folder: Path) -> Bundle:
    manifest = {"artifacts/aa/one.zip": "aa", "artifacts/bb/two.py": "bb", "template.json": "cc"}
    for name in manifest:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return Bundle(folder, manifest)


def test_everything_is_sent_once_and_the_bucket_is_made_safe(tmp_path: Path) -> None:
    bundle, said = make_bundle(tmp_path), list[str]()
    assert upload(bundle, BUCKET, said.append) == 3
    assert upload(bundle, BUCKET, said.append) == 0
    assert said == [f"artifact bucket {BUCKET} created"]
    s3 = _buckets.s3()
    listed = [item["Key"] for item in s3.list_objects_v2(Bucket=BUCKET)["Contents"]]
    assert listed == ["artifacts/aa/one.zip", "artifacts/bb/two.py", "templates/cc.json"]
    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    assert all(s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"].values())
    statement = json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])["Statement"][0]
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_only_what_the_bucket_lacks_is_sent(tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path)
    upload(bundle, BUCKET, lambda _: None)
    _buckets.s3().delete_object(Bucket=BUCKET, Key="artifacts/bb/two.py")
    assert upload(bundle, BUCKET, lambda _: None) == 1


def test_a_bucket_of_another_account_is_refused_by_name(tmp_path: Path) -> None:
    with Stubber(_buckets.s3()) as stubber:
        stubber.add_client_error("head_bucket", "403", "Forbidden", http_status_code=403)
        with pytest.raises(BundleError, match=f"artifact bucket {BUCKET}: 403: it must belong to account"):
            upload(make_bundle(tmp_path), BUCKET, lambda _: None)
