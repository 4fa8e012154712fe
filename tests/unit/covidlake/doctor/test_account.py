"""What doctor concludes about the caller, the source bucket and the artifact bucket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from covidlake import aws
from covidlake.doctor import account
from covidlake.doctor.check import Subject

DEV = Subject("dev")


ARN = "arn:aws:s3:::artifacts"


def tls(**changes: Any) -> dict[str, Any]:
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [ARN, f"{ARN}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        **changes,
    }
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*"}, statement]}


@pytest.mark.parametrize(
    ("changes", "enforced"),
    [
        ({}, True),
        ({"Principal": {"AWS": "*"}}, True),
        ({"Effect": "Allow"}, False),
        ({"Principal": {"AWS": "arn:aws:iam::1:root"}}, False),
        ({"Action": "s3:GetObject"}, False),
        ({"Resource": f"{ARN}/*"}, False),
        ({"Resource": ["arn:aws:s3:::other", "arn:aws:s3:::other/*"]}, False),
        ({"Condition": {"Bool": {"aws:SecureTransport": "true"}}}, False),
    ],
)
def test_only_a_policy_that_shuts_everyone_out_counts_as_tls_only(
    changes: dict[str, Any], enforced: bool
) -> None:
    assert account.denies_insecure_transport(tls(**changes), ARN) is enforced


def test_a_bucket_without_a_policy_is_not_tls_only() -> None:
    assert not account.denies_insecure_transport({}, ARN)


def test_encryption_is_named_by_its_algorithm() -> None:
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    answer = {"ServerSideEncryptionConfiguration": {"Rules": [rule]}}
    assert account.encryption_of(answer) == "aws:kms"
    assert account.encryption_of({}) == "off"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    made = boto3.client("s3", region_name="us-east-2", aws_access_key_id="x", aws_secret_access_key="x")
    monkeypatch.setattr(aws, "client", {"s3": made}.__getitem__)
    monkeypatch.setattr(aws, "region", lambda: "us-east-2")
    monkeypatch.setattr(aws, "account", lambda: "111122223333")
    monkeypatch.setattr(aws, "partition", lambda: "aws")
    with Stubber(made) as stub:
        yield stub
        stub.assert_no_pending_responses()


def test_a_source_in_another_region_is_reported_with_what_it_costs(s3: Stubber) -> None:
    s3.add_response("head_bucket", {"BucketRegion": "us-west-2"})
    (check,) = account.source_bucket(DEV)
    assert check.status == "OK"
    assert "covid19-lake in us-west-2: what us-east-2 reads" in check.found


def test_a_source_that_may_not_be_listed_still_tells_its_region(s3: Stubber) -> None:
    s3.add_client_error(
        "head_bucket",
        "403",
        http_status_code=403,
        response_meta={"HTTPHeaders": {"x-amz-bucket-region": "us-east-2"}},
    )
    (check,) = account.source_bucket(DEV)
    assert (check.status, check.found) == ("OK", "covid19-lake in us-east-2")


def test_an_artifact_bucket_of_another_account_is_a_failing_line(s3: Stubber) -> None:
    s3.add_client_error("head_bucket", "403", http_status_code=403)
    (check,) = account.artifact_bucket(DEV)
    assert check.status == "FAIL"
    assert "403: another account's" in check.found


def test_a_bucket_where_nothing_is_configured_fails_line_by_line(s3: Stubber) -> None:
    s3.add_response("head_bucket", {})
    s3.add_response("head_bucket", {})
    s3.add_response("get_bucket_versioning", {})
    s3.add_client_error("get_bucket_encryption", "ServerSideEncryptionConfigurationNotFoundError")
    s3.add_client_error("get_bucket_policy", "NoSuchBucketPolicy")
    s3.add_client_error("get_public_access_block", "NoSuchPublicAccessBlockConfiguration")
    found = {check.name: check.status for check in account.artifact_bucket(DEV)}
    assert found == {
        "artifact bucket": "OK",
        "artifact bucket, versioning": "FAIL",
        "artifact bucket, encryption": "FAIL",
        "artifact bucket, TLS only": "FAIL",
        "artifact bucket, write once": "FAIL",
        "artifact bucket, public access block": "FAIL",
    }
