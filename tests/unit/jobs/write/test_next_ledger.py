"""What the ledger says after a run; without a Spark session."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import datasets
from ingestion.description import KEEP, Column
from ingestion.read.rows import ACCEPTED, REJECTED
from ingestion.read.scan import Group, Scan
from ingestion.state.ledger import Ledger, LoadedObject, Plan
from ingestion.state.publish import Change
from ingestion.state.storage import StoredObject
from ingestion.write.next_ledger import next_ledger
from ingestion.write.staged import Built

CODES = datasets.load("country_codes")
BEFORE = Ledger(
    fingerprint="f",
    revision="run-1",
    objects={
        "a": LoadedObject("1", 10, ("2022-11",), 5, 0, "run-1"),
        "b": LoadedObject("2", 20, ("2022-11", "2022-12"), 7, 0, "run-1"),
    },
    partitions={"2022-11": 8, "2022-12": 4},
    newest={"date": "2022-12-07", "edition": "3"},
    etag="e",
)
FRESH = StoredObject("c", "3", 30)
SCAN = Scan(
    (
        Group("c", 0, "2022-12", ACCEPTED, "", 6, 0, frozenset()),
        Group("c", 0, "", REJECTED, "bad_date", 1, 6, frozenset()),
    )
)
PLAN = Plan(False, (FRESH,), ("a",), (), frozenset(), outdated=("b",))
BUILT = Built(
    CODES,
    SCAN,
    partitions={"2022-12": 9},
    others={"t_quarantine": {"": 1}},
    affected=frozenset({"2022-12"}),
    publish=(Change("clean/t/", "month=2022-12/", None),),
    newest={"date": "2022-12-08"},
)


def after(plan: Plan = PLAN, **changes: Any) -> Ledger:
    return next_ledger(BEFORE, plan, replace(BUILT, **changes), CODES, "f2", "run-2")


def test_rebuilt_partitions_replace_their_counts_and_the_others_stay() -> None:
    found = after()
    assert found.partitions == {"2022-11": 8, "2022-12": 9}
    assert found.others == {"t_quarantine": {"": 1}}
    assert found.newest == {"date": "2022-12-08", "edition": "3"}
    assert (found.fingerprint, found.etag, found.pending, found.unpublished) == ("f2", "", "", ())
    assert found.columns == CODES.types


def test_all_partitions_are_those_that_were_built_if_all_were_affected() -> None:
    found = after(affected=None)
    assert found.partitions == {"2022-12": 9}
    assert found.newest == {"date": "2022-12-08"}


@pytest.mark.parametrize(("publish", "revision"), [(BUILT.publish, "run-2"), ((), "run-1")])
def test_the_revision_changes_with_what_is_published(publish: tuple[Change, ...], revision: str) -> None:
    assert after(publish=publish).revision == revision


def test_a_fresh_object_is_loaded_with_its_counts() -> None:
    assert after().objects["c"] == LoadedObject("3", 30, ("2022-12",), 7, 1, "run-2")
    assert after().objects["a"] == BEFORE.objects["a"]


@pytest.mark.parametrize(
    ("reread", "vanished", "etag"), [(True, "remove", ""), (False, "remove", "2"), (True, KEEP, "2")]
)
def test_an_outdated_object_of_a_rebuilt_partition_is_read_again(
    reread: bool, vanished: str, etag: str
) -> None:
    dataset = replace(CODES, source=replace(CODES.source, vanished=vanished))
    assert after(reread_others=reread, dataset=dataset).objects["b"].etag == etag


def test_columns_that_are_not_described_are_named() -> None:
    dataset = replace(CODES, columns=(*CODES.columns, Column("Zone", "string"), Column("Area", "string")))
    assert after(dataset=dataset).added == ("Area", "Zone")
    assert after().added == ()
