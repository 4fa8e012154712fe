"""The S3 calls, against moto: long listings, conditional writes, many deletions."""

from __future__ import annotations

from typing import Any

import pytest

from ingestion.errors import UnreadableStateError
from ingestion.state.storage import ChangedSinceError, Prefix, Storage

LAKE = Prefix("lake", "state/")


@pytest.mark.parametrize(
    ("uri", "bucket", "key"),
    [
        ("s3://covid19-lake", "covid19-lake", ""),
        ("s3://covid19-lake/", "covid19-lake", ""),
        ("s3://lake/some/folder", "lake", "some/folder/"),
        ("s3://lake/some/folder/", "lake", "some/folder/"),
    ],
)
def test_a_prefix_is_parsed_with_or_without_its_last_slash(uri: str, bucket: str, key: str) -> None:
    assert Prefix.parse(uri) == Prefix(bucket, key)
    assert str(Prefix.parse(uri).folder("clean")) == f"s3://{bucket}/{key}clean/"


@pytest.mark.parametrize("uri", ["lake/folder", "https://lake/", "s3:///folder", "s3://L_/", "s3://"])
def test_what_is_no_s3_uri_is_refused(uri: str) -> None:
    with pytest.raises(ValueError, match=uri):
        Prefix.parse(uri)


def test_a_listing_goes_on_after_a_thousand_objects_and_strips_quotes(s3: Any) -> None:
    for number in range(1003):
        s3.put_object(Bucket="lake", Key=f"state/{number:04} é+.json", Body=b"x")
    s3.put_object(Bucket="lake", Key="elsewhere", Body=b"x")

    listed = list(Storage().list(LAKE))

    assert len(listed) == 1003
    assert (listed[7].key, listed[7].size) == ("state/0007 é+.json", 1)
    assert listed[7].etag == "9dd4e461268c8034f5c8564e155c67a6"


def test_more_than_a_thousand_objects_are_deleted(s3: Any) -> None:
    for number in range(1003):
        s3.put_object(Bucket="lake", Key=f"state/{number}", Body=b"x")

    Storage().delete("lake", [f"state/{number}" for number in range(1100)])

    assert not list(Storage().list(LAKE))


def test_a_document_replaces_only_the_version_that_was_read(s3: Any) -> None:
    storage = Storage()
    assert storage.read_json(LAKE, "ledger.json") is None
    first = storage.replace_json(LAKE, "ledger.json", {"a": 1}, etag="")
    second = storage.replace_json(LAKE, "ledger.json", {"a": 2}, etag=first)

    for stale in ("", first):
        with pytest.raises(ChangedSinceError, match=r"^s3://lake/state/ledger\.json$"):
            storage.replace_json(LAKE, "ledger.json", {"a": 3}, etag=stale)

    found = storage.read_json(LAKE, "ledger.json")
    assert found
    assert (found.content, found.etag) == ({"a": 2}, second)


@pytest.mark.parametrize("body", [b"{", b"[1]"])
def test_a_document_that_is_no_json_object_names_its_key(s3: Any, body: bytes) -> None:
    s3.put_object(Bucket="lake", Key="state/ledger.json", Body=body)

    with pytest.raises(UnreadableStateError, match=r"s3://lake/state/ledger.json: not .*delete it"):
        Storage().read_json(LAKE, "ledger.json")


def test_a_copy_of_what_is_gone_is_told_from_other_errors(s3: Any) -> None:
    storage = Storage()
    s3.put_object(Bucket="lake", Key="state/a", Body=b"x")

    storage.copy("lake", "state/a", "state/b")
    with pytest.raises(ChangedSinceError, match="s3://lake/state/c"):
        storage.copy("lake", "state/c", "state/b")

    assert [item.key for item in storage.list(LAKE)] == ["state/a", "state/b"]
