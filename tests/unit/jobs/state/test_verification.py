"""When the catalog would change, and when rows have to be counted."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

import datasets
from ingestion.state.ledger import Ledger
from ingestion.state.places import Places
from ingestion.state.storage import Prefix, Storage
from ingestion.state.verification import Verification, digest

DATASET = datasets.load("uk_covid")
PLACES = Places.of(DATASET, Prefix("source"), Prefix("lake"), "run-2")
BEFORE = Ledger(revision="run-1", partitions={"2022-12": 3}, columns={"date": "date"})
AFTER = replace(BEFORE, revision="run-2")


def published(s3: Any, **content: str) -> None:
    s3.put_object(Bucket="lake", Key="state/uk_covid/published.json", Body=json.dumps(content))


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"partitions": {"2022-12": 99}}, True),
        ({"newest": {"date": "2022-12-08"}, "revision": "x"}, True),
        ({"others": {"uk_covid_quarantine": {}}}, True),
        ({"partitions": {"2022-11": 3}}, False),
        ({"partitions": {"2022-11": 1, "2022-12": 3}}, False),
        ({"partitions": {}}, False),
        ({"columns": {"date": "timestamp"}}, False),
        ({"columns": {"date": "date", "more": "string"}}, False),
        ({"others": {"uk_covid_quarantine": {"": 1}}}, False),
    ],
)
def test_the_digest_is_of_what_a_crawl_would_find(change: dict[str, Any], same: bool) -> None:
    assert (digest(DATASET, replace(BEFORE, **change)) == digest(DATASET, BEFORE)) is same


def test_the_digest_is_of_the_partition_key_too() -> None:
    assert DATASET.partition
    other = replace(DATASET, partition=replace(DATASET.partition, name="period"))
    assert digest(other, BEFORE) != digest(DATASET, BEFORE)


@pytest.mark.parametrize(
    ("revision", "catalog", "after", "crawl", "verify"),
    [
        ("run-1", digest(DATASET, BEFORE), BEFORE, False, False),
        ("run-1", digest(DATASET, BEFORE), AFTER, False, True),
        ("run-1", "of another one", AFTER, True, True),
        ("run-1", "", BEFORE, True, True),
        ("run-0", digest(DATASET, BEFORE), AFTER, True, True),
        ("run-0", digest(DATASET, BEFORE), BEFORE, True, True),
    ],
)
def test_what_is_needed(
    s3: Any, revision: str, catalog: str, after: Ledger, crawl: bool, verify: bool
) -> None:
    published(s3, revision=revision, catalog=catalog)
    found = Verification.of(Storage(s3), PLACES, DATASET, BEFORE, after, forced=False)
    assert (found.crawl_needed, found.verify_needed) == (crawl, verify)
    forced = Verification.of(Storage(s3), PLACES, DATASET, BEFORE, after, forced=True)
    assert (forced.crawl_needed, forced.verify_needed) == (True, True)


@pytest.mark.parametrize("content", [b"[1]", b"garbage", b"\xff"])
def test_a_record_of_it_that_nobody_can_read_is_none(s3: Any, content: bytes) -> None:
    s3.put_object(Bucket="lake", Key="state/uk_covid/published.json", Body=content)
    found = Verification.of(Storage(s3), PLACES, DATASET, BEFORE, BEFORE, forced=False)
    assert (found.crawl_needed, found.verify_needed) == (True, True)


def test_a_table_that_was_never_verified_is_crawled(s3: Any) -> None:
    found = Verification.of(Storage(s3), PLACES, DATASET, BEFORE, BEFORE, forced=False)
    assert (found.crawl_needed, found.verify_needed) == (True, True)
