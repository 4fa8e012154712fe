"""Several data sets in one job run on one Spark: nothing of one reaches another, and a kill loses nothing.

`COVIDLAKE_KILLS=all` kills at each write; `make test` at some of them.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ingestion.errors import DataSetsFailedError
from ingestion.state.run_record import RunRecord
from tests.unit.jobs.conftest import new_world
from tests.unit.jobs.world import ENGLAND, SCOTLAND, SMALL, Killed, World, hospital

SECOND = replace(SMALL, name="second", source=replace(SMALL.source, prefix="second/"))
BOTH = [SMALL, SECOND]
EVERY = 1 if os.environ.get("COVIDLAKE_KILLS") == "all" else 7


def publish(world: World) -> None:
    """Two months for the one, another two for the other, of the same keys."""
    world.publish("2022-11-30.json", [hospital(ENGLAND, 1, "2022-11-30")])
    world.publish("2022-12-07.json", [hospital(ENGLAND, 2), hospital(SCOTLAND, 3), {"date": "no day"}])
    other = replace(world, dataset=SECOND)
    other.publish("2021-01-01.json", [hospital(ENGLAND, 10, "2021-01-01")])
    other.publish("2021-02-01.json", [hospital(ENGLAND, 20, "2021-02-01")])


def tables(world: World) -> list[Any]:
    other = replace(world, dataset=SECOND)
    return [world.rows(), len(world.quarantine()), other.rows(), other.partitions()]


EXPECTED = [
    [(ENGLAND, "2022-11-30", 1), (ENGLAND, "2022-12-07", 2), (SCOTLAND, "2022-12-07", 3)],
    1,
    [(ENGLAND, "2021-01-01", 10), (ENGLAND, "2021-02-01", 20)],
    {"2021-01": 1, "2021-02": 1},
]


def counts(records: list[RunRecord]) -> list[tuple[str, str, int]]:
    return [(record.dataset, record.status, record.table_rows) for record in records]


def test_two_data_sets_in_one_run_have_their_own_rows(world: World) -> None:
    publish(world)
    records = world.run_batch(BOTH, "run-1")
    assert counts(records) == [("uk_covid", "LOADED", 3), ("second", "LOADED", 2)]
    assert tables(world) == EXPECTED
    again = world.run_batch(BOTH, "run-2")
    assert counts(again) == [("uk_covid", "NOTHING_NEW", 3), ("second", "NOTHING_NEW", 2)]


def test_one_that_breaks_in_spark_leaves_the_other_whole(world: World) -> None:
    publish(world)
    broken = world.source / SMALL.source.prefix / "2022-12-08.json.gz"
    broken.write_bytes(b"no gzip")
    with pytest.raises(DataSetsFailedError, match="1 of 2 data sets failed: uk_covid: "):
        world.run_batch(BOTH, "run-1")
    assert tables(replace(world, dataset=SECOND))[0] == EXPECTED[2]
    broken.unlink()
    assert counts(world.run_batch(BOTH, "run-2"))[0] == ("uk_covid", "LOADED", 3)
    assert tables(world) == EXPECTED


def writes(world: World) -> int:
    seen = 0

    def before(_operation: str, _key: str) -> None:
        nonlocal seen
        seen += 1

    world.client.before = before
    world.run_batch(BOTH, "run-1")
    return seen


@pytest.mark.prove
def test_a_run_that_is_killed_at_any_write_is_made_good_by_the_next(world: World, buckets: Path) -> None:
    publish(world)
    points = range(1, writes(world) + 1)
    for point in [*points[::EVERY], points[-1]]:
        one = new_world(buckets, f"{world.lake.name}-{point}")
        publish(one)
        _kill_at(one, point)
        with pytest.raises(Killed):
            one.run_batch(BOTH, "run-1")
        one.client.before = lambda _operation, _key: None
        records = one.run_batch(BOTH, "run-2")
        assert [(record.dataset, record.table_rows) for record in records] == [("uk_covid", 3), ("second", 2)]
        assert tables(one) == EXPECTED, f"killed at write {point}"
        assert all(record.crawl_needed for record in records), "nothing was ever verified"


def _kill_at(world: World, point: int) -> None:
    left = point

    def before(_operation: str, _key: str) -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            raise Killed

    world.client.before = before
