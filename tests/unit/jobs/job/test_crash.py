"""A run may be killed at any point, or meet another one: the next run ends at the right table."""

from __future__ import annotations

import pytest

from ingestion.errors import ConcurrentRunError
from tests.sampling import sampled
from tests.unit.jobs.world import ENGLAND, SCOTLAND, Killed, World, hospital

POINTS = {
    "before the ledger is marked": ("put", "ledger.json", 1),
    "before a partition is published": ("copy", "clean/", 2),
    "before the ledger is final": ("put", "ledger.json", 2),
    "before the staged files are swept": ("delete", "staging/", 1),
    "before the run record": ("put", "runs/", 1),
}


def kill(world: World, operation: str, part: str, occurrence: int) -> None:
    """Have the next run die before the nth write of this kind."""
    seen = 0

    def before(done: str, key: str) -> None:
        nonlocal seen
        seen += (done, part in key) == (operation, True)
        if seen >= occurrence:
            raise Killed

    world.client.before = before


def revive(world: World) -> None:
    world.client.before = lambda _operation, _key: None


@pytest.mark.parametrize("point", sampled(POINTS, 2))
def test_a_killed_run_is_made_good_by_the_next(world: World, point: str) -> None:
    world.publish("2022-11-30.json", [hospital(ENGLAND, 1, "2022-11-30")])
    world.publish("2022-12-07.json", [hospital(ENGLAND, 2)])
    kill(world, *POINTS[point])
    with pytest.raises(Killed):
        world.run()
    revive(world)

    result = world.run()

    assert (result.table_rows, result.crawl_needed) == (2, True)
    assert world.rows() == [(ENGLAND, "2022-11-30", 1), (ENGLAND, "2022-12-07", 2)]


@pytest.mark.prove
def test_what_a_killed_run_published_goes_with_its_withdrawn_object(world: World) -> None:
    world.publish("2022-12-07.json", [hospital(ENGLAND, 1)])
    world.run()
    world.publish("2022-11-30.json", [hospital(ENGLAND, 2, "2022-11-30"), hospital(SCOTLAND, 3)])
    kill(world, "put", "ledger.json", 2)
    with pytest.raises(Killed):
        world.run()
    revive(world)
    assert world.partitions() == {"2022-11": 1, "2022-12": 1}
    world.withdraw("2022-11-30.json")

    result = world.run()

    assert (result.status, result.crawl_needed) == ("LOADED", True)
    assert world.rows() == [(ENGLAND, "2022-12-07", 1)]
    assert world.run().status == "NOTHING_NEW"


@pytest.mark.parametrize(
    "moment", [("put", "ledger.json", 1), ("copy", "clean/", 1), ("put", "ledger.json", 2)]
)
def test_of_two_runs_at_the_same_time_one_fails_and_the_table_is_right(
    world: World, moment: tuple[str, str, int]
) -> None:
    world.publish("2022-12-07.json", [hospital(ENGLAND, 1)])
    operation, part, occurrence = moment
    seen = 0

    def other_run(done: str, key: str) -> None:
        nonlocal seen
        seen += (done, part in key) == (operation, True)
        if seen == occurrence:
            revive(world)
            world.publish("2022-12-08.json", [hospital(ENGLAND, 2, "2022-12-08")])
            world.run()

    world.client.before = other_run
    with pytest.raises(ConcurrentRunError, match="another run has replaced it since this one began"):
        world.run()

    assert world.run().table_rows == 2
    assert world.rows() == [(ENGLAND, "2022-12-07", 1), (ENGLAND, "2022-12-08", 2)]


@pytest.mark.prove
def test_older_files_that_land_on_newer_ones_are_rebuilt(world: World) -> None:
    world.publish("2022-12-07.json", [hospital(ENGLAND, 1)])

    def other_run(operation: str, _key: str) -> None:
        """The other run has published, but not yet swept our staged files, when ours are copied."""
        if operation == "copy":
            world.publish("2022-12-08.json", [hospital(ENGLAND, 2, "2022-12-08")])
            kill(world, "delete", "staging/", 1)
            with pytest.raises(Killed):
                world.run()
            revive(world)

    world.client.before = other_run
    with pytest.raises(ConcurrentRunError):
        world.run()
    assert world.rows() == [(ENGLAND, "2022-12-07", 1)]

    assert world.run().status == "LOADED"
    assert world.rows() == [(ENGLAND, "2022-12-07", 1), (ENGLAND, "2022-12-08", 2)]
