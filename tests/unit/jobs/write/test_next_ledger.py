"""What the ledger says after a run, and the last look before it publishes; without a Spark session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

import datasets
from ingestion.description import FAIL, KEEP, WARN, Column
from ingestion.description.rules import Result
from ingestion.errors import EmptyTableError, InvalidArgumentError, RuleBrokenError
from ingestion.read.rows import ACCEPTED, REJECTED
from ingestion.read.scan import Group, Scan
from ingestion.state.ledger import Ledger, LoadedObject, Plan
from ingestion.state.storage import Prefix, StoredObject
from ingestion.write import checks
from ingestion.write.next_ledger import next_ledger
from ingestion.write.publish import Change
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


@pytest.mark.parametrize(
    ("plan", "subset", "refused"),
    [
        ({"everything": True}, ("Country",), True),
        ({"everything": True, "partial": True}, ("Country",), False),
        ({"everything": False}, ("Country",), False),
        ({"everything": True}, (), False),
    ],
)
def test_an_area_is_unknown_only_when_everything_was_read(
    plan: Mapping[str, Any], subset: tuple[str, ...], refused: bool
) -> None:
    built = replace(BUILT, dataset=replace(CODES, subset=subset), areas_found=frozenset({"wales"}))
    checks.check_areas(("wales",), replace(PLAN, **plan), built)
    if refused:
        with pytest.raises(InvalidArgumentError, match="--areas `englnd`: no row of country_codes matches"):
            checks.check_areas(("wales", "englnd"), replace(PLAN, **plan), built)
    else:
        checks.check_areas(("wales", "englnd"), replace(PLAN, **plan), built)


def test_an_empty_table_is_not_published() -> None:
    folder = Prefix("lake", "clean/t/")
    checks.check_not_empty(folder, BUILT, BEFORE)
    with pytest.raises(EmptyTableError, match=r"^s3://lake/clean/t/: none of 7 rows read would be left"):
        checks.check_not_empty(folder, BUILT, Ledger())


def test_only_a_broken_rule_of_severity_fail_ends_the_run() -> None:
    kept, warned = Result("unique_a", FAIL, 0), Result("fresh_date", WARN, 1, "old")
    checks.check_rules([kept, warned], "t")
    with pytest.raises(RuleBrokenError, match="rule `sums` of t is broken 2 times, as 2022: 5"):
        checks.check_rules([kept, warned, Result("sums", FAIL, 2, "2022: 5")], "t")
