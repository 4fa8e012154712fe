"""What the gate stops, and what a label accepts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from covidlake.base.errors import DataChangeError
from covidlake.laptop.preview import gate, model
from covidlake.laptop.preview.model import (
    Answer,
    ColumnChange,
    DataSetChange,
    Move,
    Preview,
    QueryChange,
    RuleChange,
    Segment,
    SegmentChange,
    SegmentsChange,
    Side,
    TableChange,
    Upgrade,
)

SIDE = Side(100, 1, 1000, ("month",))
TABLE = TableChange("t", SIDE, SIDE, ("k",), before_name="t")
SAME = DataSetChange(
    "t", model.CHANGED, "t", key_before=("k",), key_after=("k",), read_before=100, read_after=100
)


def kinds(change: DataSetChange) -> list[str]:
    return [one.kind for one in gate.judge(Preview("a", "b", "sample", (change,)))]


def table(**more: object) -> DataSetChange:
    return replace(SAME, tables=(replace(TABLE, **more),))  # type: ignore[arg-type]


def column(before: str, after: str) -> DataSetChange:
    return table(columns=(ColumnChange("c", before, after),))


STOPPED = {
    "rows gone": table(gone=1),
    "column gone": column("int", ""),
    "type": column("int", "string"),
    "key": replace(SAME, key_after=("k", "l")),
    "partition key": table(after=replace(SIDE, partition=("year",))),
    "table gone": table(after=None),
    "data set gone": replace(SAME, status=model.GONE),
    "data set renamed": replace(SAME, status=model.RENAMED, before_name="u"),
    "rule": replace(SAME, rules=(RuleChange("r", "weaker", "x > 1", "x > 0"),)),
    "quarantine": replace(SAME, quarantine=(("bad", 0, 1),)),
    "query fails": replace(SAME, queries=(QueryChange("q", Answer(), Answer(problem="no such column")),)),
    "query gone": replace(SAME, queries=(QueryChange("q", Answer(), None),)),
    "not compared": replace(SAME, fails_before="it was broken", status=model.FAILED),
    "contract": replace(SAME, contract=(("breaking", "t.x", "may have no value now"),)),
    "migration": replace(SAME, disagreements=(replace(TABLE, changed=3),)),
    "fails": replace(SAME, status=model.FAILED, fails_after="it is broken"),
    "upgrade fails": replace(SAME, upgrade=Upgrade("FAILED", "too many rows removed")),
    "pipeline gone": replace(SAME, status=model.GONE, is_pipeline=True),
    "customers gone": replace(SAME, segments=SegmentsChange(100, 0, 1, gone_keys=("7",))),
    "segment gone": replace(
        SAME, segments=SegmentsChange(1, 0, 0, (SegmentChange("best", Segment(1), None),))
    ),
    "customers move": replace(SAME, segments=SegmentsChange(100, 0, 0, moves=(Move("a", "b", 6),))),
}


@pytest.mark.parametrize("kind", STOPPED)
def test_each_change_that_somebody_must_accept_is_named(kind: str) -> None:
    assert kinds(STOPPED[kind]) == [kind]


@pytest.mark.parametrize(
    "change",
    [
        SAME,
        table(added=5, changed=7),
        column("", "int"),
        replace(SAME, status=model.NEW, before_name="", key_before=(), quarantine=(("bad", 0, 50),)),
        replace(
            SAME, rules=(RuleChange("r", "stricter", "x > 0", "x > 1"), RuleChange("n", "added", "", "y > 0"))
        ),
        replace(SAME, limits=(("max_rejected", 0.2, 0.1),)),
        replace(SAME, read_before=1000, read_after=1000, quarantine=(("bad", 0, 5),)),
    ],
)
def test_what_takes_nothing_away_passes(change: DataSetChange) -> None:
    assert kinds(change) == []


def test_a_limit_that_lets_more_be_lost_is_a_weaker_rule() -> None:
    assert kinds(replace(SAME, limits=(("max_removed", 0.2, 0.9),))) == ["rule"]


LOST = SegmentsChange(99, 0, 1, gone_keys=("7",))


@pytest.mark.parametrize(
    ("name", "gone", "keys", "found"),
    [
        ("customer_segments", 1, ("7",), ["customers gone"]),
        ("segmentation.customer_segments", 1, (), ["customers gone"]),
        ("segmentation.customer_segments", 1, ("8",), ["customers gone", "rows gone"]),
        ("segmentation.customer_segments", 30, (), ["customers gone", "rows gone"]),
        ("sales_orders", 1, ("7",), ["customers gone", "rows gone"]),
    ],
)
def test_customers_are_counted_once_and_rows_that_only_the_database_lost_as_well(
    name: str, gone: int, keys: tuple[str, ...], found: list[str]
) -> None:
    lost = replace(TABLE, name=name, before_name=name, gone=gone, gone_keys=keys)
    assert kinds(replace(SAME, segments=LOST, tables=(lost,))) == found


def test_a_write_back_that_loses_customers_is_stopped_where_no_segment_does() -> None:
    lost = replace(TABLE, name="segmentation.customer_segments", gone=30)
    assert kinds(replace(SAME, segments=SegmentsChange(100, 0, 0), tables=(lost,))) == ["rows gone"]


def test_the_label_accepts_a_change_and_never_a_failure() -> None:
    findings = gate.judge(Preview("a", "b", "sample", (STOPPED["rows gone"], STOPPED["fails"])))
    gate.check(findings[:1], accept=True)
    with pytest.raises(DataChangeError, match="accept-data-change"):
        gate.check(findings[:1], accept=False)
    with pytest.raises(DataChangeError, match="correct what fails") as raised:
        gate.check(findings, accept=True)
    assert raised.value.exit_code == 12
    assert "rows gone" not in str(raised.value)


def test_a_query_that_fails_is_named_also_where_it_is_new_or_failed_before() -> None:
    broken = Answer(problem="no such column")
    for before in (None, broken):
        assert kinds(replace(SAME, queries=(QueryChange("q", before, broken),))) == ["query fails"]


def test_what_descriptions_alone_show_is_judged_where_base_fails() -> None:
    failed = replace(SAME, fails_before="boom", key_after=("l",), limits=(("max_rejected", 0.1, 1.0),))
    assert kinds(failed) == ["key", "rule", "not compared"]


def test_a_broken_promise_is_named_only_where_nothing_else_is() -> None:
    promise = (("breaking", "t.c", "the column is gone"),)
    assert kinds(replace(column("int", ""), contract=promise)) == ["column gone"]
    assert kinds(replace(SAME, contract=(("needs care", "t", "other named queries"),))) == []
