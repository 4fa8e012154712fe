"""A run for a range of days: it reads those alone, and in the end the table is the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingestion.description import Column
from ingestion.errors import SourceNotFoundError
from tests.unit.jobs.world import ENGLAND, SCOTLAND, SMALL, Killed, World, hospital

DAYS = ("2022-11-29", "2022-11-30", "2022-12-01", "2022-12-07")


def publish(world: World, days: tuple[str, ...] = DAYS, more: int = 0) -> None:
    for number, day in enumerate(days):
        world.publish(
            f"{day}.json", [hospital(ENGLAND, 100 + number + more, day), hospital(SCOTLAND, 7, day)]
        )


def days_of(world: World) -> list[str]:
    return sorted({row[0] for row in world.rows("cast(date as string)")})


def test_only_the_objects_of_the_range_are_read(world: World) -> None:
    publish(world)
    result = world.run(from_date="2022-11-30", to_date="2022-12-01")
    assert (result.objects_read, result.rows_read) == (2, 4)
    assert days_of(world) == ["2022-11-30", "2022-12-01"]


def test_what_was_left_out_is_read_later(world: World) -> None:
    publish(world)
    world.run(from_date="latest")
    assert days_of(world) == ["2022-12-07"]
    world.run()
    assert days_of(world) == list(DAYS)


def test_nothing_new_in_the_range_is_nothing_new(world: World) -> None:
    publish(world)
    world.run(to_date="2022-11-30")
    assert world.run(to_date="2022-11-30").status == "NOTHING_NEW"


def test_full_reads_the_range_again_and_leaves_the_rest(world: World) -> None:
    publish(world)
    world.run()
    before = world.loaded()
    result = world.run(load_mode="full", from_date="2022-12-01")
    assert (result.status, result.rows_unchanged, result.files_written) == ("LOADED", 4, 0)
    assert world.loaded() == before
    assert days_of(world) == list(DAYS)


@pytest.mark.parametrize("order", [(DAYS[3], DAYS[1], DAYS[2])])
def test_days_in_any_order_make_the_table_of_one_load(world: World, order: tuple[str, ...]) -> None:
    publish(world)
    for day in order:
        world.run(from_date=day, to_date=day)
    publish(world, DAYS[2:3], more=50)  # a restated day
    world.run(from_date=DAYS[1], to_date=DAYS[1])  # not its turn
    world.run()
    rows, ledger = world.rows(), world.loaded()
    world.run(load_mode="full")
    assert rows == world.rows()
    assert ledger == world.loaded()


@pytest.mark.prove
def test_a_killed_run_is_made_good_by_one_of_another_range(world: World) -> None:
    publish(world)
    world.run(to_date="2022-11-30")

    def kill(operation: str, key: str) -> None:
        if operation == "copy" and "clean/" in key:
            raise Killed

    world.client.before = kill
    with pytest.raises(Killed):
        world.run(from_date="2022-12-01")
    world.client.before = lambda _operation, _key: None
    world.run(from_date="2022-11-29", to_date="2022-11-29")
    world.run()
    assert days_of(world) == list(DAYS)


@pytest.mark.prove
def test_an_object_that_vanished_out_of_range_is_judged_later(world: World) -> None:
    publish(world)
    world.run()
    world.withdraw("2022-12-01.json")
    publish(world, DAYS[:1], more=1)
    world.run(to_date="2022-11-30")
    assert "2022-12-01" in days_of(world)
    world.run()
    assert "2022-12-01" not in days_of(world)


@pytest.mark.prove
def test_a_vanished_object_out_of_range_does_not_break_its_month(world: World) -> None:
    publish(world)
    world.run()
    world.withdraw("2022-12-01.json")
    publish(world, DAYS[3:], more=1)
    world.run(from_date="2022-12-07")
    world.run()
    assert days_of(world) == ["2022-11-29", "2022-11-30", "2022-12-07"]


@pytest.mark.prove
def test_other_areas_rebuild_everything_whatever_the_range(world: World) -> None:
    publish(world)
    world.run()
    world.run(areas="Scotland", from_date="2022-12-07")
    assert days_of(world) == list(DAYS)
    assert {row[0] for row in world.rows()} == {SCOTLAND}


def test_a_range_without_objects_names_it(world: World) -> None:
    publish(world)
    with pytest.raises(SourceNotFoundError, match="is of 2030-01-01 to the end"):
        world.run(from_date="2030-01-01")


REPORTS = r"(\d{1,2}-\d{1,2}-\d{4})\.csv$"


@pytest.mark.prove
def test_a_range_of_reports_named_by_american_days(world: World) -> None:
    column = Column("report_date", "date", from_name=REPORTS, formats=("MM-dd-yyyy",))
    world.dataset = replace(SMALL, columns=(column, *SMALL.columns))
    for name in ("11-30-2022.csv", "12-01-2022.csv", "12-02-2022.csv"):
        world.publish(name, [hospital(ENGLAND, 1, f"{name[6:10]}-{name[:5]}")])
    assert world.run(from_date="2022-12-01", to_date="2022-12-01").objects_read == 1
    assert days_of(world) == ["2022-12-01"]
    world.run(from_date="latest")
    assert days_of(world) == ["2022-12-01", "2022-12-02"]
