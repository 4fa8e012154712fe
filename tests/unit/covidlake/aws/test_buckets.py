"""Whether a bucket exists, and making one."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from covidlake import aws
from covidlake.aws import buckets


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    made = boto3.client("s3", region_name="us-east-2", aws_access_key_id="x", aws_secret_access_key="x")
    monkeypatch.setattr(aws, "client", {"s3": made}.__getitem__)
    with Stubber(made) as stub:
        yield stub
        stub.assert_no_pending_responses()


def test_a_bucket_that_answers_exists(s3: Stubber) -> None:
    s3.add_response("head_bucket", {}, {"Bucket": "lake", "ExpectedBucketOwner": "111122223333"})
    assert buckets.exists("lake", "111122223333")


@pytest.mark.parametrize("code", ["404", "NoSuchBucket"])
def test_an_absent_bucket_does_not(s3: Stubber, code: str) -> None:
    s3.add_client_error("head_bucket", code, http_status_code=404)
    assert not buckets.exists("lake")


def test_a_forbidden_bucket_is_an_error(s3: Stubber) -> None:
    s3.add_client_error("head_bucket", "403", http_status_code=403)
    with pytest.raises(ClientError):
        buckets.exists("lake")


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_only_the_first_region_goes_without_saying(
    s3: Stubber, monkeypatch: pytest.MonkeyPatch, region: str
) -> None:
    monkeypatch.setattr(aws, "region", lambda: region)
    place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.add_response("create_bucket", {}, {"Bucket": "lake", **place})
    buckets.create("lake")
