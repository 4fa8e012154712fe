"""A description that changes: the tables follow it, and nothing of the old layout stays in their places."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingestion.description import Column, DataSet, NamedQuery, Partition, Source, Unnested
from tests.sampling import sampled
from tests.unit.jobs.world import World

BANDS = "array<struct<age:string,value:int>>"
DATED = DataSet(
    name="dated",
    description="A table with everything beside it",
    source=Source("dated/"),
    columns=(Column("date", "date"), Column("code", "string"), Column("n", "int"), Column("bands", BANDS)),
    key=("date", "code"),
    partition=Partition("month", "date", "yyyy-MM"),
    queries=(NamedQuery("all", "SELECT * FROM dated"),),
    history=True,
    unnested=(Unnested("dated_bands", ("bands",), "measure"),),
    max_rejected=1.0,
)
YEARS = Partition("year", "date", "yyyy")


@pytest.fixture
def dated(world: World) -> World:
    world.dataset = DATED
    publish(world, 1)
    world.run()
    publish(world, 2)
    world.run()
    assert history(world) == [("2022-11-30", "1", "restated"), ("2022-12-01", "1", "restated")]
    return world


def publish(world: World, n: object) -> None:
    bands = [{"age": "0_to_4", "value": 7}]
    world.publish(
        "1.json",
        [{"date": day, "code": "a", "n": n, "bands": bands} for day in ("2022-11-30", "2022-12-01")],
    )


def history(world: World) -> list[tuple[str, ...]]:
    found = world.table("dated_history").selectExpr("cast(date as string)", "cast(n as string)", "change")
    return sorted(map(tuple, found.collect()))


def folders(world: World) -> dict[str, set[str]]:
    clean = world.lake / "clean"
    found: dict[str, set[str]] = {}
    for path in clean.rglob("*.parquet"):
        table, _, folder = path.parent.relative_to(clean).as_posix().partition("/")
        found.setdefault(table, set()).add(folder)
    return found


@pytest.mark.parametrize(
    ("partition", "names"),
    sampled(
        [
            (YEARS, {"year=2022"}),
            (None, {""}),
            (Partition("month", "date", "yyyyMM"), {"month=202211", "month=202212"}),
        ],
        3,
    ),
)
def test_another_partition_key_leaves_nothing_of_the_old_one(
    dated: World, partition: Partition | None, names: set[str]
) -> None:
    before = folders(dated)
    dated.dataset = replace(DATED, partition=partition)
    result = dated.run()
    assert (result.rows_unchanged, result.rows_removed) == (2, 0)
    assert folders(dated) == {"dated": names, "dated_bands": names, "dated_history": names}
    assert result.tables == {"dated": 2, "dated_bands": 2, "dated_history": 2}
    assert (dated.table().count(), dated.table("dated_bands").count(), len(history(dated))) == (2, 2, 2)
    publish(dated, 3)
    assert dated.run().tables["dated_history"] == len(history(dated)) == 4
    dated.dataset = DATED
    assert dated.run().tables == {"dated": 2, "dated_bands": 2, "dated_history": 4}
    assert folders(dated) == before
    assert len(history(dated)) == 4


@pytest.mark.prove
def test_the_history_takes_the_new_type_of_a_column(dated: World) -> None:
    columns = (*DATED.columns[:2], Column("n", "string"), Column("bands", "array<struct<age:string>>"))
    dated.dataset = replace(DATED, columns=columns)
    dated.run()
    publish(dated, "some")
    assert dated.run().tables["dated_history"] == 4
    assert [row[1] for row in history(dated)] == ["1", "2", "1", "2"]
    assert dated.table("dated_history").selectExpr("max(bands[0].age)").collect() == [("0_to_4",)]
    dated.dataset = replace(DATED, columns=(*columns[:2], Column("bands", "string")), unnested=())
    assert dated.run().tables["dated_history"] == 4
    assert dated.table("dated_history").selectExpr("max(bands)").collect() == [('[{"age":"0_to_4"}]',)]


def test_a_table_that_is_described_no_more_goes(dated: World) -> None:
    dated.dataset = replace(DATED, history=False, unnested=())
    assert dated.run().tables == {"dated": 2}
    assert set(folders(dated)) == {"dated"}
    assert dated.run().status == "NOTHING_NEW"
    dated.dataset = DATED
    assert dated.run().tables == {"dated": 2, "dated_bands": 2}


@pytest.mark.prove
def test_another_date_can_make_the_partitions(dated: World) -> None:
    reported = Column("reported", "date", from_name=r"(\d{8})", formats=("yyyyMMdd",))
    dated.withdraw("1.json")
    dated.publish("20230101.json", [{"date": "2022-12-01", "code": "a", "n": 4}])
    dated.dataset = replace(
        DATED,
        columns=(*DATED.columns, reported),
        key=("reported", "code"),
        partition=Partition("month", "reported", "yyyy-MM"),
    )
    dated.run()
    assert folders(dated)["dated"] == {"month=2023-01"}
    assert folders(dated)["dated_history"] == {"month=unknown"}
    assert dated.run().status == "NOTHING_NEW"
