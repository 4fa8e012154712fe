"""What a run for a range knows of objects out of its range stays true, whatever becomes of them."""

from __future__ import annotations

import pytest

from tests.unit.jobs.world import ENGLAND, Killed, World, hospital

FIRST, SECOND, THIRD = "2022-12-01", "2022-12-02", "2022-12-07"


def publish(world: World, day: str, cases: int) -> None:
    world.publish(f"{day}.json", [hospital(ENGLAND, cases, day)])


def loaded(world: World) -> World:
    for day in (FIRST, SECOND, THIRD):
        publish(world, day, 1)
    world.run()
    return world


@pytest.mark.prove
def test_an_object_that_was_missing_while_its_month_was_rebuilt_is_read_when_it_is_back(world: World) -> None:
    loaded(world)
    world.withdraw(f"{FIRST}.json")
    publish(world, THIRD, 2)
    world.run(from_date=THIRD)
    publish(world, FIRST, 1)
    world.run()
    assert world.rows() == [(ENGLAND, FIRST, 1), (ENGLAND, SECOND, 1), (ENGLAND, THIRD, 2)]


@pytest.mark.prove
def test_a_restatement_that_is_taken_back_leaves_nothing_in_a_month_that_was_rebuilt(world: World) -> None:
    loaded(world)
    publish(world, FIRST, 99)
    publish(world, THIRD, 2)
    world.run(from_date=THIRD)
    publish(world, FIRST, 1)
    world.run()
    assert world.rows() == [(ENGLAND, FIRST, 1), (ENGLAND, SECOND, 1), (ENGLAND, THIRD, 2)]


def test_what_is_out_of_range_and_in_another_month_is_not_read_again(world: World) -> None:
    loaded(world)
    publish(world, "2022-11-30", 1)
    world.run()
    publish(world, THIRD, 2)
    world.run(from_date=THIRD)
    assert world.run().status == "NOTHING_NEW"


def test_a_table_without_its_ledger_is_replaced_by_the_range(world: World) -> None:
    publish(world, "2022-11-30", 1)
    loaded(world)
    (world.lake / "state/uk_covid/ledger.json").unlink()
    result = world.run(from_date=THIRD, to_date=THIRD)
    assert (result.table_rows, result.objects_read) == (1, 1)
    assert world.rows() == [(ENGLAND, THIRD, 1)]
    world.run()
    assert len(world.rows()) == 4


@pytest.mark.prove
def test_a_first_run_that_was_killed_is_finished_by_one_of_another_range(world: World) -> None:
    publish(world, "2022-11-30", 1)
    publish(world, THIRD, 1)

    def kill(operation: str, key: str) -> None:
        if operation == "copy" and "clean/" in key:
            raise Killed

    world.client.before = kill
    with pytest.raises(Killed):
        world.run(to_date="2022-11-30")
    world.client.before = lambda _operation, _key: None
    assert world.run(from_date=THIRD).table_rows == 2
    assert world.partitions() == {"2022-11": 1, "2022-12": 1}


@pytest.mark.prove
@pytest.mark.parametrize(
    ("order", "killed"),
    [((THIRD, FIRST, SECOND), 1), ((SECOND, THIRD, FIRST), 2)],
)
def test_ranges_in_any_order_with_a_killed_run_make_the_ledger_of_one_load(
    world: World, order: tuple[str, ...], killed: int
) -> None:
    for day in (FIRST, SECOND, THIRD):
        publish(world, day, 1)
    world.publish("2022-12-05.json", [hospital(ENGLAND, 5, SECOND), hospital(ENGLAND, 6, "2022-11-30")])
    for number, day in enumerate(order):
        if number == killed:
            die_while_publishing(world, day)
        world.run(from_date=day, to_date=day)
        if number == 1:
            publish(world, order[0], 50)
    world.run()
    rows, ledger = world.rows(), world.loaded()
    world.run(load_mode="full")
    assert rows == world.rows()
    assert ledger == world.loaded()
    assert (ENGLAND, SECOND, 5) in rows


def die_while_publishing(world: World, day: str) -> None:
    def kill(operation: str, key: str) -> None:
        if operation == "copy" and "clean/" in key:
            raise Killed

    world.client.before = kill
    with pytest.raises(Killed):
        world.run(from_date=day, to_date=day)
    world.client.before = lambda _operation, _key: None
