"""The ledger as a document, and what a run within a range finds to do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingestion.state.ledger import VERSION, Ledger, LoadedObject, compare, compare_within, kept
from ingestion.state.storage import StoredObject

LEDGER = Ledger(
    fingerprint="f",
    revision="run-1",
    objects={
        "a": LoadedObject("1", 10, ("2022-11",), 5, 0, "run-0"),
        "b": LoadedObject("2", 20, ("2022-11", "2022-12"), 7, 2, "run-1"),
    },
    partitions={"2022-11": 5, "2022-12": 5},
    others={"t_quarantine": {"": 2}, "t_history": {}},
    columns={"date": "date"},
    added=("new",),
    newest={"date": "2022-12-07"},
    unpublished=("2022-10",),
    pending="run-2",
    etag='"e"',
)
SAME = [StoredObject("a", "1", 10), StoredObject("b", "2", 20)]


def test_a_document_holds_everything_but_the_etag() -> None:
    document = LEDGER.document()

    assert document["version"] == VERSION
    assert document["objects"]["b"] == ["2", 20, ("2022-11", "2022-12"), 7, 2, "run-1"]
    assert Ledger.from_document(document, '"e"') == LEDGER
    assert Ledger.from_document(document).etag == ""


def test_a_document_of_before_the_counts_is_read() -> None:
    document = LEDGER.document() | {"objects": {"a": ["1", 10, ["2022-11"]]}}
    assert Ledger.from_document(document).objects == {"a": LoadedObject("1", 10, ("2022-11",))}


def test_tables_are_those_with_rows() -> None:
    assert LEDGER.tables("t") == {"t": 10, "t_quarantine": 2}
    assert Ledger().tables("t") == {}
    assert LEDGER.quarantined == ["b"]


def test_an_object_whose_partition_was_rebuilt_without_it_is_read_again() -> None:
    forgotten = LEDGER.forgetting(["a", "b"], {"2022-12"})
    assert forgotten == {"a": LEDGER.objects["a"], "b": replace(LEDGER.objects["b"], etag="")}


def test_vanished_objects_are_listed_as_they_were_loaded() -> None:
    assert kept(LEDGER, SAME[:1]) == [SAME[1]]


@pytest.mark.parametrize(("again", "fresh"), [(False, ()), (True, ("b",))])
def test_a_range_leaves_the_rest_alone(again: bool, fresh: tuple[str, ...]) -> None:
    ledger = replace(LEDGER, unpublished=())
    plan = compare_within(ledger, SAME, lambda key: key == "b", again)
    assert tuple(item.key for item in plan.fresh) == fresh
    assert plan.unchanged == tuple(key for key in ("a", "b") if key not in fresh)
    assert plan.outdated == ()


def test_what_changed_out_of_range_is_left_for_a_later_run() -> None:
    changed = [StoredObject("b", "9", 20), StoredObject("c", "3", 30)]
    plan = compare_within(LEDGER, changed, lambda key: key == "c", again=False)
    assert ([item.key for item in plan.fresh], plan.vanished, plan.outdated) == (["c"], (), ("a", "b"))
    assert plan.stale == {"2022-10"}


@pytest.mark.parametrize(("within", "partial"), [("a", True), ("ab", False)])
def test_the_first_run_replaces_the_table_by_what_is_within(within: str, partial: bool) -> None:
    plan = compare_within(Ledger(), SAME, within.__contains__, again=False)
    assert (plan.everything, plan.partial, len(plan.fresh)) == (True, partial, len(within))


LOADED = Ledger(
    "rules",
    objects={
        "a": LoadedObject("1", 10, ("2022-11",)),
        "b": LoadedObject("2", 20, ("2022-11", "2022-12")),
        "c": LoadedObject("3", 30, ()),
    },
    partitions={"2022-11": 5, "2022-12": 7},
)
LISTED = [StoredObject("a", "1", 10), StoredObject("b", "2", 20), StoredObject("c", "3", 30)]


def test_the_same_listing_is_nothing_to_do() -> None:
    assert compare(LOADED, LISTED, everything=False).is_empty
    assert LOADED.rows == 12


def test_a_new_object_is_fresh() -> None:
    new = StoredObject("d", "4", 40)

    plan = compare(LOADED, [*LISTED, new], everything=False)

    assert (plan.fresh, plan.unchanged, plan.stale, plan.is_empty) == ((new,), ("a", "b", "c"), set(), False)


def test_a_changed_object_is_fresh_and_its_old_partitions_are_stale() -> None:
    for changed in (StoredObject("a", "9", 10), StoredObject("a", "1", 11)):
        plan = compare(LOADED, [changed, *LISTED[1:]], everything=False)
        assert (plan.fresh, plan.stale, plan.vanished) == ((changed,), {"2022-11"}, ())


def test_a_vanished_object_leaves_its_partitions_stale() -> None:
    plan = compare(LOADED, [LISTED[0], LISTED[2]], everything=False)

    assert (plan.fresh, plan.stale, plan.vanished) == ((), {"2022-11", "2022-12"}, ("b",))
    assert LOADED.contributors(plan.unchanged, plan.stale) == ["a"]


def test_unpublished_partitions_are_stale() -> None:
    plan = compare(LOADED.with_unpublished(["2021-01"]), LISTED, everything=False)

    assert (plan.is_empty, plan.stale) == (False, {"2021-01"})


def test_everything_is_fresh_in_a_rebuild() -> None:
    plan = compare(LOADED, LISTED[:2], everything=True)

    assert (plan.everything, plan.fresh, plan.unchanged, plan.vanished) == (
        True,
        tuple(LISTED[:2]),
        (),
        ("c",),
    )


def test_what_an_older_version_did_not_write_is_empty() -> None:
    document = Ledger(revision="run-1", partitions={"2022-12": 3}).document()
    del document["newest"], document["others"]
    assert Ledger.from_document(document) == Ledger(revision="run-1", partitions={"2022-12": 3})
