"""Whether a resource of a failed stack holds something; what cannot be looked into may."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest
from botocore.stub import Stubber

from covidlake import aws
from covidlake.base.errors import CloudError
from covidlake.ship.deploy import bucket_contents
from tests.unit.covidlake.ship.stack_stub import NOW, resource

BUCKET = resource("Lake", "CREATE_COMPLETE", physical_id="lake-1")
VERSION = {"Key": "k", "VersionId": "1", "IsLatest": True, "LastModified": NOW, "Size": 1}
MARKER = {"Key": "k", "VersionId": "2", "IsLatest": True, "LastModified": NOW}


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    client = boto3.client("s3", region_name="us-east-2", aws_access_key_id="x", aws_secret_access_key="x")
    monkeypatch.setattr(aws, "client", {"s3": client}.__getitem__)
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.mark.parametrize("kind", sorted(bucket_contents.OPAQUE_TYPES))
def test_what_no_read_can_prove_empty_may_hold_data(kind: str) -> None:
    assert bucket_contents.held_by(resource("Table", "CREATE_COMPLETE", kind)) == "may hold data"


def test_what_holds_nothing_ever_is_no_obstacle() -> None:
    assert bucket_contents.held_by(resource("Role", "CREATE_COMPLETE", "AWS::IAM::Role")) is None


@pytest.mark.parametrize(
    ("found", "held"),
    [({}, None), ({"Versions": [VERSION]}, "holds objects"), ({"DeleteMarkers": [MARKER]}, "holds objects")],
)
def test_a_bucket_is_looked_into(s3: Stubber, found: dict[str, object], held: str | None) -> None:
    s3.add_response("list_object_versions", found, {"Bucket": "lake-1", "MaxKeys": 1})
    assert bucket_contents.held_by(BUCKET) == held


@pytest.mark.parametrize(
    ("code", "held"),
    [("NoSuchBucket", None), ("AccessDenied", "may hold data: ListObjectVersions is denied to you")],
)
def test_a_bucket_that_cannot_be_looked_into(s3: Stubber, code: str, held: str | None) -> None:
    s3.add_client_error("list_object_versions", code, "no")
    assert bucket_contents.held_by(BUCKET) == held


@pytest.mark.parametrize(
    ("names", "held"),
    [([], None), (["runs"], None), (["cases"], "holds tables"), (["a", "runs"], "holds tables")],
)
def test_a_database_holds_what_a_crawl_has_made(
    monkeypatch: pytest.MonkeyPatch, names: list[str], held: str | None
) -> None:
    client = boto3.client("glue", region_name="us-east-2", aws_access_key_id="x", aws_secret_access_key="x")
    monkeypatch.setattr(aws, "client", {"glue": client}.__getitem__)
    with Stubber(client) as glue:
        *first, last = [[], *([{"Name": name}] for name in names)]
        for page in first:  # a page may be empty, and others follow it
            glue.add_response("get_tables", {"TableList": page, "NextToken": "more"})
        glue.add_response("get_tables", {"TableList": last})
        database = resource("Database", "CREATE_COMPLETE", "AWS::Glue::Database", physical_id="lake")
        assert bucket_contents.held_by(database) == held


def test_an_empty_bucket_that_may_not_be_deleted_is_reported(s3: Stubber) -> None:
    s3.add_response("head_bucket", {})
    s3.add_client_error("delete_bucket", "AccessDenied", "no")
    lines: list[str] = []
    bucket_contents.delete_empty(BUCKET, lines.append)
    assert lines == ["empty bucket lake-1 stays: AccessDenied"]


def test_emptying_takes_versions_and_markers_of_every_page(s3: Stubber) -> None:
    more = {"IsTruncated": True, "NextKeyMarker": "k", "NextVersionIdMarker": "1"}
    s3.add_response("list_object_versions", {"Versions": [VERSION], "DeleteMarkers": [MARKER], **more})
    s3.add_response("delete_objects", {})
    s3.add_response("list_object_versions", {"Versions": [VERSION]})
    s3.add_response("delete_objects", {})
    assert bucket_contents.empty_bucket("lake-1") == 3


def test_what_cannot_be_deleted_is_named(s3: Stubber) -> None:
    s3.add_response("list_object_versions", {"Versions": [VERSION]})
    s3.add_response("delete_objects", {"Errors": [{"Key": "k", "Code": "AccessDenied", "Message": "denied"}]})
    with pytest.raises(CloudError, match="s3://lake-1/k is not deleted: denied"):
        bucket_contents.empty_bucket("lake-1")
