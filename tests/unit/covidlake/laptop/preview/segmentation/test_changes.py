"""What became of the pipeline as a whole: its status, its tables, its quarantine, its upgrade."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from covidlake.laptop.preview import gate, model
from covidlake.laptop.preview.changes import Lakes
from covidlake.laptop.preview.lake import Lake
from covidlake.laptop.preview.model import DataSetChange, Preview
from covidlake.laptop.preview.segmentation import changes
from covidlake.laptop.preview.segmentation.parameters import Asked
from covidlake.laptop.preview.segmentation.runs import RESULT
from tests.unit.covidlake.laptop.preview.segmentation.lakes import BASE, COLUMNS, Customer, lake, write

ASKED = Asked(("segmentation/dev",), {"Segments": "auto"}, {"Segments": "5"})
MOVED: tuple[Customer, ...] = ((1, 2, "lost", 30, 900.0), *BASE[1:3])


def of(lakes: Lakes, before: bool = True, after: bool = True) -> DataSetChange:
    return changes.of(ASKED, ("library",), lakes, before, after)


def kinds(change: DataSetChange) -> set[str]:
    return {one.kind for one in gate.judge(Preview("a", "b", "sample", (change,)))}


def test_what_makes_the_same_is_identical(tmp_path: Path) -> None:
    found = of(Lakes(lake(tmp_path, "base"), lake(tmp_path, "head"), lake(tmp_path, "upgrade")))
    assert found.status == model.IDENTICAL
    assert found.why == ("library", "Segments auto → 5")
    assert {one.name for one in found.tables} == {"customer_segments", "sales_orders", RESULT}
    assert [table.key for table in found.tables if table.name == "sales_orders"] == [("order_id",)]
    assert (found.read_before, found.read_after) == (100, 100), "only what was read of the database counts"
    assert found.quarantine == (("customers: no_date", 1, 1),)
    assert found.upgrade
    assert (found.upgrade.rows_restated, found.upgrade.rows_removed, found.upgrade.files_written) == (3, 1, 1)
    assert kinds(found) == set()


def test_customers_that_move_and_go_are_named_once(tmp_path: Path) -> None:
    head = lake(tmp_path, "head", MOVED)
    found = of(Lakes(lake(tmp_path, "base"), head, replace(head, name="upgrade")))
    assert found.status == model.CHANGED
    assert found.segments
    assert (found.segments.moved, found.segments.gone) == (1, 1)
    assert kinds(found) == {"customers gone", "customers move"}
    tables = {one.name: one for one in found.tables}
    assert tables["customer_segments"].gone_keys == ("4",)
    assert tables[RESULT].gone_keys == (), "what the lake's table shows is not shown again"
    assert tables[RESULT].gone == 1


def test_a_database_that_lost_other_customers_is_shown_with_them(tmp_path: Path) -> None:
    head = lake(tmp_path, "head", BASE[:3])
    shutil.rmtree(head.folder / "clean" / RESULT)
    write(head.folder, RESULT, COLUMNS, [*BASE[:2], BASE[3]])
    found = of(Lakes(lake(tmp_path, "base"), head, replace(head, name="upgrade")))
    tables = {one.name: one for one in found.tables}
    assert [tables[name].gone_keys for name in ("customer_segments", RESULT)] == [("4",), ("3",)]
    assert kinds(found) == {"customers gone", "rows gone"}


def test_an_upgrade_that_leaves_other_rows_is_a_migration(tmp_path: Path) -> None:
    head = lake(tmp_path, "head", MOVED)
    found = of(Lakes(lake(tmp_path, "base"), head, lake(tmp_path, "upgrade")))
    assert {one.name for one in found.disagreements} == {"customer_segments", RESULT}
    assert "migration" in kinds(found)


def test_quarantine_that_grows_is_found(tmp_path: Path) -> None:
    head = lake(tmp_path, "head", refused=9)
    assert kinds(of(Lakes(lake(tmp_path, "base"), head, replace(head, name="upgrade")))) == {"quarantine"}


@pytest.mark.parametrize(("side", "kind"), [("base", "not compared"), ("head", "fails")])
def test_a_side_that_fails_is_not_compared(tmp_path: Path, side: str, kind: str) -> None:
    made = {name: lake(tmp_path, name, error="join: no" if name == side else "") for name in ("base", "head")}
    found = of(Lakes(made["base"], made["head"], Lake(tmp_path / "none", "upgrade")))
    assert (found.status, found.tables, found.segments, found.upgrade) == (model.FAILED, (), None, None)
    assert kinds(found) == {kind}


def test_an_upgrade_that_fails_is_red(tmp_path: Path) -> None:
    upgrade = lake(tmp_path, "upgrade", error="extract: too many rows would be removed")
    found = of(Lakes(lake(tmp_path, "base"), lake(tmp_path, "head"), upgrade))
    assert kinds(found) == {"upgrade fails"}


def test_a_pipeline_that_is_new_or_gone_is_shown_as_that(tmp_path: Path) -> None:
    empty, made = Lake(tmp_path / "empty", "base"), lake(tmp_path, "head")
    new = of(Lakes(empty, made, empty), before=False)
    assert (new.status, kinds(new)) == (model.NEW, set())
    gone = of(Lakes(replace(made), empty, empty), after=False)
    assert (gone.status, kinds(gone)) == (model.GONE, {"pipeline gone"})
