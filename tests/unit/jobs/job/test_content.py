"""What makes a row another row: every difference of its values, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ingestion.description import Column, DataSet, NamedQuery, Source
from tests.unit.jobs.world import World

pytestmark = pytest.mark.usefixtures("compiled")

THINGS = DataSet(
    name="things",
    description="Columns of every kind",
    source=Source("things/"),
    columns=(
        Column("code", "string"),
        Column("first", "string"),
        Column("second", "string"),
        Column("tags", "array<string>"),
        Column("more_tags", "array<string>"),
        Column("place", "struct<x:string,y:string>"),
        Column("numbers", "map<string,int>"),
        Column("at", "timestamp"),
        Column("day", "date"),
    ),
    key=("code",),
    queries=(NamedQuery("all", "SELECT * FROM things"),),
    max_rejected=1.0,
)


@pytest.fixture
def things(world: World) -> World:
    world.dataset = THINGS
    return world


DIFFERENT: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
    ({"first": "v"}, {"second": "v"}),
    ({"first": ""}, {}),
    ({"tags": []}, {}),
    ({"tags": [None]}, {"tags": []}),
    ({"tags": ["a", None]}, {"tags": [None, "a"]}),
    ({"tags": ["a"]}, {"more_tags": ["a"]}),
    ({"tags": ["a"], "more_tags": ["b"]}, {"tags": ["a", "b"], "more_tags": []}),
    ({"place": {"x": "v"}}, {"place": {"y": "v"}}),
    ({"place": {}}, {}),
    ({"numbers": {"a": 1}}, {"numbers": {"b": 1}}),
    ({"numbers": {}}, {}),
    ({"at": "2022-12-07T01:02:03.000001"}, {"at": "2022-12-07T01:02:03.000002"}),
)


@pytest.mark.prove
def test_every_difference_of_two_rows_is_a_restatement(things: World) -> None:
    for first, second in ((0, 1), (1, 0)):
        things.publish("1.json", ({"code": str(n), **pair[first]} for n, pair in enumerate(DIFFERENT)))
        things.run(load_mode="full")
        things.publish("1.json", ({"code": str(n), **pair[second]} for n, pair in enumerate(DIFFERENT)))
        result = things.run()
        assert (result.rows_restated, result.rows_unchanged) == (len(DIFFERENT), 0)
        again = things.run(load_mode="full")
        assert (again.rows_restated, again.rows_unchanged) == (0, len(DIFFERENT))


def test_of_two_rows_of_one_key_the_later_line_counts(things: World) -> None:
    things.publish("1.json", [{"code": "a", "first": str(n)} for n in (3, 1, 4, 1, 5, 9, 2, 6)])
    assert things.run().rows_duplicate == 7
    assert things.rows("code", "first") == [("a", "6")]


def test_days_before_the_calendar_was_reformed_are_what_they_are(things: World) -> None:
    things.publish("1.json", [{"code": "a", "day": "0001-01-01", "at": "1066-10-14T09:00:00"}])
    things.run()
    assert things.rows("cast(day as string)", "cast(at as string)") == [("0001-01-01", "1066-10-14 09:00:00")]
    assert things.run(load_mode="full").rows_unchanged == 1


def test_a_wider_type_is_published_again_as_it_is_described_now(things: World) -> None:
    things.publish("1.json", [{"code": "a", "first": "7"}])
    things.run()
    columns = tuple(Column("first", "int", text=True) if c.name == "first" else c for c in THINGS.columns)
    things.dataset = replace(THINGS, columns=columns)
    assert things.run().table_rows == 1
    assert things.rows("first") == [(7,)]
