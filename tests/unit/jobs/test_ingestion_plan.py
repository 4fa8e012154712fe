"""What a run has to do, from the ledger and a listing; no Spark, no S3."""

from __future__ import annotations

from ingestion.state.ledger import Ledger, LoadedObject, compare
from ingestion.state.storage import StoredObject

LEDGER = Ledger(
    "rules",
    objects={
        "a": LoadedObject("1", 10, ("2022-11",)),
        "b": LoadedObject("2", 20, ("2022-11", "2022-12")),
        "c": LoadedObject("3", 30, ()),
    },
    partitions={"2022-11": 5, "2022-12": 7},
)
SAME = [StoredObject("a", "1", 10), StoredObject("b", "2", 20), StoredObject("c", "3", 30)]


def test_the_same_listing_is_nothing_to_do() -> None:
    assert compare(LEDGER, SAME, everything=False).is_empty
    assert LEDGER.rows == 12


def test_a_new_object_is_fresh() -> None:
    new = StoredObject("d", "4", 40)

    plan = compare(LEDGER, [*SAME, new], everything=False)

    assert (plan.fresh, plan.unchanged, plan.stale, plan.is_empty) == ((new,), ("a", "b", "c"), set(), False)


def test_a_changed_object_is_fresh_and_its_old_partitions_are_stale() -> None:
    for changed in (StoredObject("a", "9", 10), StoredObject("a", "1", 11)):
        plan = compare(LEDGER, [changed, *SAME[1:]], everything=False)
        assert (plan.fresh, plan.stale, plan.vanished) == ((changed,), {"2022-11"}, ())


def test_a_vanished_object_leaves_its_partitions_stale() -> None:
    plan = compare(LEDGER, [SAME[0], SAME[2]], everything=False)

    assert (plan.fresh, plan.stale, plan.vanished) == ((), {"2022-11", "2022-12"}, ("b",))
    assert LEDGER.contributors(plan.unchanged, plan.stale) == ["a"]


def test_unpublished_partitions_are_stale() -> None:
    plan = compare(LEDGER.with_unpublished(["2021-01"]), SAME, everything=False)

    assert (plan.is_empty, plan.stale) == (False, {"2021-01"})


def test_everything_is_fresh_in_a_rebuild() -> None:
    plan = compare(LEDGER, SAME[:2], everything=True)

    assert (plan.everything, plan.fresh, plan.unchanged, plan.vanished) == (True, tuple(SAME[:2]), (), ("c",))
