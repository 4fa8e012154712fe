"""Requests to S3 that AWS refuses: the wrong owner, a copy that changes nothing."""

from __future__ import annotations

import pytest

from localcloud.s3.requests import is_onto_itself, owner_problem

ACCOUNT = "000000000000"


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, None),
        ({"x-amz-expected-bucket-owner": ACCOUNT}, None),
        ({"x-amz-expected-bucket-owner": "111111111111"}, "AccessDenied"),
        ({"x-amz-source-expected-bucket-owner": "111111111111"}, "AccessDenied"),
        ({"x-amz-expected-bucket-owner": "0000"}, "InvalidBucketOwnerAWSAccountID"),
        ({"x-amz-expected-bucket-owner": ""}, "InvalidBucketOwnerAWSAccountID"),
    ],
)
def test_the_owner_that_is_expected_is_the_account(headers: dict[str, str], code: str | None) -> None:
    found = owner_problem(headers, ACCOUNT)
    assert (found and found[0]) == code


@pytest.mark.parametrize(
    ("source", "more", "expected"),
    [
        ("/b/a%20key", {}, True),
        ("b/a%20key", {"x-amz-metadata-directive": "COPY"}, True),
        ("b/a%20key", {"x-amz-acl": "private"}, True),
        ("b/a%20key", {"x-amz-metadata-directive": "REPLACE"}, False),
        ("b/a%20key", {"x-amz-storage-class": "STANDARD"}, False),
        ("b/a%20key", {"x-amz-server-side-encryption": "AES256"}, False),
        ("b/a%20key?versionId=v", {}, False),
        ("b/other", {}, False),
        ("b/a%20key/", {}, False),
        ("", {}, False),
    ],
)
def test_a_copy_onto_itself_is_one_that_names_no_change(
    source: str, more: dict[str, str], expected: bool
) -> None:
    headers = {"x-amz-copy-source": source, **more} if source else more
    assert is_onto_itself("/b/a%20key", headers) is expected
