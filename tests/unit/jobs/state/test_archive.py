"""Copies of the source's objects: one folder for each version, and only loaded versions stay."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.stub import Stubber

from ingestion.errors import ConcurrentRunError
from ingestion.state.archive import Archive
from ingestion.state.ledger import LoadedObject
from ingestion.state.storage import Prefix, Storage, StoredObject

SOURCE, FOLDER = Prefix("source", "feed/"), Prefix("lake", "archive/feed/")


def published(s3: Any, name: str, body: bytes) -> StoredObject:
    s3.put_object(Bucket="source", Key=f"feed/{name}", Body=body)
    return next(item for item in Storage().list(SOURCE) if item.key == f"feed/{name}")


def archive(*objects: StoredObject) -> Archive:
    return Archive(SOURCE, FOLDER, {item.key: item.etag for item in objects})


def test_versions_lie_side_by_side_until_only_one_is_loaded(s3: Any) -> None:
    old = published(s3, "a/1.json", b"old")
    archive(old).copy(Storage(), [old])
    new = published(s3, "a/1.json", b"newer")
    archive(new).copy(Storage(), [new])

    assert archive(new).placed(new.key) == f"archive/feed/{new.etag}/a/1.json"
    assert {item.key for item in Storage().list(FOLDER)} == {
        archive(item).placed(item.key) for item in (old, new)
    }

    archive().sweep(Storage(), {new.key: LoadedObject(new.etag, new.size, ())})
    assert [item.key for item in Storage().list(FOLDER)] == [archive(new).placed(new.key)]
    archive().sweep(Storage(), {})
    assert list(Storage().list(FOLDER)) == []


@pytest.mark.parametrize("code", ["PreconditionFailed", "NoSuchKey"])
def test_an_object_that_changed_since_it_was_listed_is_not_copied(s3: Any, code: str) -> None:
    listed = StoredObject("feed/1.json", "5e", 3)
    request = {
        "Bucket": "lake",
        "Key": "archive/feed/5e/1.json",
        "CopySource": {"Bucket": "source", "Key": "feed/1.json"},
        "CopySourceIfMatch": '"5e"',
    }
    with Stubber(s3) as stub:
        stub.add_client_error("copy_object", code, expected_params=request)
        with pytest.raises(ConcurrentRunError, match=r"s3://source/feed/1\.json: the publisher has changed"):
            archive(listed).copy(Storage(s3), [listed])
