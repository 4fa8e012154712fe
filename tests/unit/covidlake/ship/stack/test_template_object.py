"""The address of a template: AWS's own in every partition, and of the very version that was sent."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from covidlake import aws
from covidlake.aws import clients
from covidlake.base.errors import BundleError
from covidlake.ship.stack import change_set, template_object

BODY = b'{"Resources": {}}'
SHA256 = hashlib.sha256(BODY).hexdigest()
CHECKSUM = base64.b64encode(bytes.fromhex(SHA256)).decode()
OTHER = base64.b64encode(b"o" * 32).decode()
KEY = f"plans/covid-lake-dev/{SHA256}.json"
HEAD = {"Bucket": "b", "Key": KEY, "ChecksumMode": "ENABLED"}
ADDRESS = f"https://s3.us-east-2.amazonaws.com/b/{KEY}"


@pytest.fixture(autouse=True)
def region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "region", lambda: "us-east-2")
    monkeypatch.setattr(clients, "region", lambda: "us-east-2")


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    client = boto3.client("s3", region_name="us-east-2", aws_access_key_id="x", aws_secret_access_key="x")
    monkeypatch.setattr(aws, "client", {"s3": client}.__getitem__)
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("us-east-2", "s3.us-east-2.amazonaws.com"),
        ("cn-north-1", "s3.cn-north-1.amazonaws.com.cn"),
        ("us-gov-west-1", "s3.us-gov-west-1.amazonaws.com"),
        ("eusc-de-east-1", "s3.eusc-de-east-1.amazonaws.eu"),
    ],
)
def test_the_address_is_that_of_the_regions_partition(
    monkeypatch: pytest.MonkeyPatch, region: str, host: str
) -> None:
    monkeypatch.setattr(aws, "region", lambda: region)
    monkeypatch.setattr(clients, "region", lambda: region)
    assert change_set.template_url("b", "templates/x.json") == f"https://{host}/b/templates/x.json"


def test_a_version_becomes_part_of_the_address() -> None:
    assert change_set.template_url("b", "k", "a/b+c=") == (
        "https://s3.us-east-2.amazonaws.com/b/k?versionId=a%2Fb%2Bc%3D"
    )


@pytest.mark.parametrize(
    ("found", "message"),
    [({"ChecksumSHA256": OTHER}, "another content than the bundle's"), ({}, "no SHA-256 checksum")],
)
def test_what_somebody_planted_there_is_refused(s3: Stubber, found: dict[str, Any], message: str) -> None:
    s3.add_response("head_object", {"VersionId": "v0", **found}, HEAD)
    with pytest.raises(BundleError, match=f"s3://b/{KEY}: it has {message}"):
        template_object.pin("b", KEY, SHA256)


def test_a_genuine_one_is_pinned(s3: Stubber) -> None:
    s3.add_response("head_object", {"VersionId": "v7", "ChecksumSHA256": CHECKSUM}, HEAD)
    assert template_object.pin("b", KEY, SHA256) == f"{ADDRESS}?versionId=v7"


@pytest.mark.parametrize("version", [{}, {"VersionId": "null"}])
def test_a_bucket_without_versions_cannot_pin(s3: Stubber, version: dict[str, str]) -> None:
    s3.add_response("head_object", {"ChecksumSHA256": CHECKSUM, **version}, HEAD)
    with pytest.raises(BundleError, match="it keeps no versions"):
        template_object.pin("b", KEY, SHA256)


STORED = f"covid-lake-bootstrap-dev/templates/{SHA256}.json"
PUT = {"Bucket": "b", "Key": STORED, "Body": BODY, "IfNoneMatch": "*", "ChecksumSHA256": CHECKSUM}


def pinned(s3: Stubber) -> None:
    found = {"ChecksumSHA256": CHECKSUM, "VersionId": "v1"}
    s3.add_response("head_object", found, {**HEAD, "Key": STORED})


def test_a_template_is_stored_by_its_digest_and_pinned(s3: Stubber) -> None:
    s3.add_response("put_object", {}, PUT)
    pinned(s3)
    address = template_object.put("b", "covid-lake-bootstrap-dev", BODY.decode())
    assert address == f"https://s3.us-east-2.amazonaws.com/b/{STORED}?versionId=v1"


def test_a_template_that_is_there_already_is_used(s3: Stubber) -> None:
    s3.add_client_error("put_object", "PreconditionFailed", http_status_code=412, expected_params=PUT)
    pinned(s3)
    assert template_object.put("b", "covid-lake-bootstrap-dev", BODY.decode()).endswith("versionId=v1")


def test_a_bucket_that_takes_no_template_is_said(s3: Stubber) -> None:
    s3.add_client_error("put_object", "AccessDenied", http_status_code=403, expected_params=PUT)
    with pytest.raises(ClientError, match="AccessDenied"):
        template_object.put("b", "covid-lake-bootstrap-dev", BODY.decode())
