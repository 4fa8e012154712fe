"""The same feed loaded day by day, at once, in any order, and with every second run killed: one table."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from pyspark.sql import SparkSession

from ingestion.errors import SourceNotFoundError
from tests.unit.jobs.conftest import new_world
from tests.unit.jobs.feed import DATASET, DAYS, FIRST, Feed, Objects
from tests.unit.jobs.world import Killed, World

ROWS = ("place", "cast(date as string)", "cases")


@pytest.fixture(scope="module")
def truth() -> list[tuple[str, str, int]]:
    feed = Feed()
    assert len(list(feed.days())) == DAYS
    return feed.truth()


@pytest.fixture
def feed(world: World) -> World:
    world.dataset = DATASET
    return world


def publish(world: World, objects: Objects) -> None:
    """Make the source hold exactly these objects; what is as it was is not touched."""
    folder = world.source / DATASET.source.prefix
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        if path.name not in objects:
            path.unlink()
    for name, content in objects.items():
        path = folder / name
        if not path.is_file() or path.read_text() != content:
            path.write_text(content)


def state(world: World) -> tuple[Any, ...]:
    """Everything that the end must not depend on the way to it."""
    quarantine = [(row["source_object"][-15:], row["line"], row["raw"]) for row in world.quarantine()]
    ledger = world.loaded()
    objects = {key.rpartition("/")[2]: item for key, item in ledger["objects"].items()}
    return world.rows(*ROWS), quarantine, objects, ledger["partitions"], world.partitions()


@pytest.fixture(scope="module")
def at_once(spark: SparkSession, buckets: Path) -> tuple[Any, ...]:
    world = new_world(buckets, "at-once")
    world.dataset = DATASET
    publish(world, Feed().last_day())
    world.run()
    return state(world)


def test_all_at_once_is_the_truth(at_once: tuple[Any, ...], truth: list[tuple[str, str, int]]) -> None:
    assert at_once[0] == truth
    assert len(truth) > 2 * DAYS


@pytest.mark.prove
def test_day_by_day_makes_the_table_of_all_at_once(feed: World, at_once: tuple[Any, ...]) -> None:
    for _, objects in Feed().days():
        publish(feed, objects)
        feed.run()
    assert state(feed) == at_once
    assert feed.run().status == "NOTHING_NEW"


@pytest.mark.prove
def test_days_in_any_order_make_the_table_of_all_at_once(feed: World, at_once: tuple[Any, ...]) -> None:
    publish(feed, Feed().last_day())
    days = [FIRST + timedelta(days=number) for number in range(0, DAYS, 5)]
    Random(5).shuffle(days)
    for day in days:
        with contextlib.suppress(SourceNotFoundError):
            feed.run(from_date=str(day), to_date=str(day + timedelta(days=4)))
    feed.run()
    assert state(feed) == at_once


def test_every_second_run_killed_makes_the_table_of_all_at_once(
    feed: World, at_once: tuple[Any, ...]
) -> None:
    random = Random(2)
    for number, (_, objects) in enumerate(Feed().days()):
        publish(feed, objects)
        if number % 2:
            die_at(feed, random.randint(1, 6))
            with contextlib.suppress(Killed):
                feed.run()
            feed.client.before = lambda _operation, _key: None
        else:
            feed.run()
    feed.run()
    assert state(feed) == at_once


def die_at(world: World, write: int) -> None:
    """Have the next run die before its nth write."""
    seen = 0

    def before(_operation: str, _key: str) -> None:
        nonlocal seen
        seen += 1
        if seen >= write:
            raise Killed

    world.client.before = before
