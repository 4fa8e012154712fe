"""Whole runs of the job on real Spark: what the table, the quarantine and the run record say."""

from __future__ import annotations

import json
import shutil
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest

import datasets
from covidlake.laptop.source.uk_sample import LAST_DAY, generate
from ingestion.state.run_record import RunRecord
from tests.environment import REAL_LAKE
from tests.unit.jobs.world import ENGLAND, FULL, SCOTLAND, World, hospital


def test_a_second_run_changes_nothing(world: World) -> None:
    world.publish("2022-12-07.json", [hospital(ENGLAND, 5501), hospital(SCOTLAND, 714)])

    first, second = world.run(), world.run()

    assert (first.status, first.rows_kept, first.table_rows, first.files_written) == ("LOADED", 2, 2, 1)
    assert first.bytes_written == sum(path.stat().st_size for path in world.lake.glob("clean/**/*.parquet"))
    assert (second.status, second.objects_read, second.rows_read, second.table_rows) == (
        "NOTHING_NEW",
        0,
        0,
        2,
    )
    assert world.rows() == [(ENGLAND, "2022-12-07", 5501), (SCOTLAND, "2022-12-07", 714)]


def needed(result: RunRecord) -> tuple[bool, bool]:
    """Whether it asks for a crawl, and for a count of the rows."""
    return result.crawl_needed, result.verify_needed


def test_a_crawl_is_needed_until_the_revision_is_verified(world: World) -> None:
    world.publish("2022-12-07.json", [hospital(ENGLAND, 1)])

    assert needed(world.run()) == (True, True)
    assert needed(world.run()) == (True, True), "nothing new, but the catalog never saw the first run"
    world.verify()
    assert needed(world.run()) == (False, False)


def test_a_crawl_is_needed_only_when_the_catalog_would_change(world: World) -> None:
    """New rows in a known partition are counted by Athena, without a crawl."""
    world.publish("2022-12-07.json", [hospital(ENGLAND, 1)])
    world.run()
    world.verify()
    world.publish("2022-12-08.json", [hospital(ENGLAND, 2, "2022-12-08")])
    assert needed(world.run()) == (False, True)
    world.publish("2022-12-09.json", [hospital(ENGLAND, 3, "2022-12-09")])
    assert needed(world.run()) == (True, True), "the run before was never verified"
    world.verify()
    world.publish("2023-01-01.json", [hospital(ENGLAND, 3, "2023-01-01")])
    assert needed(world.run()) == (True, True), "a new partition"
    world.verify()
    world.withdraw("2023-01-01.json")
    assert needed(world.run()) == (True, True), "a partition is gone"
    world.verify()
    world.publish("2022-12-10.json", [hospital(ENGLAND, 4, "2022-12-10") | {"brandNew": "x"}])
    assert needed(world.run()) == (True, True), "a new column"
    world.verify()
    world.publish("2022-12-11.json", [hospital(ENGLAND, 5, "2022-12-11"), {"date": "no day"}])
    assert needed(world.run()) == (True, True), "a first row in the table of the quarantine"
    world.verify()
    assert needed(world.run()) == (False, False)


def test_a_full_run_asks_for_a_crawl_also_where_nothing_differs(world: World) -> None:
    """Somebody may have dropped a partition from the catalog, which nobody else notices."""
    world.publish("2022-12-07.json", [hospital(ENGLAND, 1)])
    world.run()
    world.verify()
    assert needed(world.run()) == (False, False)
    again = world.run(load_mode="full")
    assert (again.rows_unchanged, again.files_written, needed(again)) == (1, 0, (True, True))


def test_a_run_that_left_only_its_name_is_forgotten(world: World) -> None:
    world.publish("2022-12-07.json", [hospital(ENGLAND, 1)])
    world.run()
    path = world.lake / "state/uk_covid/ledger.json"
    path.write_text(json.dumps({**world.state(), "pending": "run-0"}))
    assert world.run().status == "NOTHING_NEW"
    assert world.state()["pending"] == ""


def test_a_smoke_test_publishes_the_newest_day_again_and_asks_for_a_crawl(world: World) -> None:
    world.publish("2022-11-30.json", [hospital(ENGLAND, 1, "2022-11-30")])
    world.publish("2022-12-07.json", [hospital(ENGLAND, 2)])
    world.run()
    world.verify()
    before = world.rows()

    result = world.run(load_mode="smoke", from_date="latest")

    assert (result.status, result.crawl_needed, result.revision) == ("LOADED", True, result.run_id)
    assert (result.objects_read, result.rows_unchanged, result.partitions_written) == (1, 1, 1)
    assert (result.rows_new, result.rows_restated, result.rows_removed) == (0, 0, 0)
    assert world.rows() == before


def test_only_the_months_that_changed_are_rebuilt(world: World) -> None:
    world.publish("2022-11-30.json", [hospital(ENGLAND, 1, "2022-11-30")])
    world.publish("2022-12-07.json", [hospital(ENGLAND, 2)])
    world.run()
    november = world.lake / "clean/uk_covid/month=2022-11/part-00000.parquet"
    untouched = november.stat().st_mtime_ns
    world.publish("2022-12-08.json", [hospital(ENGLAND, 3, "2022-12-08")])

    result = world.run()

    assert (result.objects_listed, result.objects_read, result.partitions_written) == (3, 1, 1)
    assert (result.rows_read, result.table_rows) == (1, 3)
    assert november.stat().st_mtime_ns == untouched
    assert world.partitions() == {"2022-11": 1, "2022-12": 1}


def test_a_republished_object_replaces_what_it_gave(world: World) -> None:
    world.publish("2022-12-07.json", [hospital(ENGLAND, 1), hospital(SCOTLAND, 2)])
    world.run()
    world.publish("2022-12-07.json", [hospital(ENGLAND, 10)])

    assert world.run().rows_kept == 1
    assert world.rows() == [(ENGLAND, "2022-12-07", 10)]


def test_a_vanished_object_takes_its_rows_and_its_empty_partition_along(world: World) -> None:
    world.publish("2022-11-30.json", [hospital(ENGLAND, 1, "2022-11-30")])
    world.publish("2022-12-07.json", [hospital(ENGLAND, 2)])
    world.run()
    world.withdraw("2022-11-30.json")

    result = world.run()

    assert (result.objects_removed, result.files_written, result.table_rows) == (1, 0, 1)
    assert result.crawl_needed
    assert world.partitions() == {"2022-12": 1}


@pytest.mark.prove
def test_a_restated_day_counts_until_its_object_is_withdrawn(world: World) -> None:
    world.publish("2022-11-30.json", [hospital(ENGLAND, 1, "2022-11-30")])
    world.run()
    world.publish("2022-12-03.json", [hospital(ENGLAND, 5, "2022-11-30"), hospital(ENGLAND, 7, "2022-12-03")])

    restated = world.run()
    assert (restated.rows_read, restated.rows_new, restated.rows_restated) == (2, 1, 1)
    assert world.rows() == [(ENGLAND, "2022-11-30", 5), (ENGLAND, "2022-12-03", 7)]

    world.withdraw("2022-12-03.json")
    world.run()
    assert world.rows() == [(ENGLAND, "2022-11-30", 1)]


@pytest.mark.prove
def test_rows_of_other_months_in_an_object_read_again_are_not_counted(world: World) -> None:
    world.publish(
        "2022-12-03.json", [hospital(ENGLAND, 5, "2022-11-30"), hospital(ENGLAND, 7, "2022-12-03"), "{"]
    )
    world.run()
    world.publish("2022-12-02.json", [hospital(ENGLAND, 8, "2022-12-02")])

    result = world.run()

    assert (result.objects_read, result.rows_read, result.rows_kept, result.rows_quarantined) == (2, 2, 2, 0)
    assert result.table_rows == 3


def test_full_mode_rebuilds_everything_and_removes_what_the_source_has_not(world: World) -> None:
    world.publish("2022-12-07.json", [hospital(ENGLAND, 1)])
    world.run()
    stray = world.lake / "clean/uk_covid/month=2020-01/part-00007.parquet"
    stray.parent.mkdir()
    shutil.copy(world.lake / "clean/uk_covid/month=2022-12/part-00000.parquet", stray)

    result = world.run(load_mode="full")

    assert (result.status, result.objects_read, result.crawl_needed) == ("LOADED", 1, True)
    assert world.partitions() == {"2022-12": 1}


def ask(world: World) -> list[tuple[Any, ...]]:
    """The answer to the data set's own question, by another engine than the one that wrote the files."""
    files = f"{world.lake}/clean/uk_covid/*/*.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"CREATE VIEW uk_covid AS FROM read_parquet('{files}', hive_partitioning = true)")
        return connection.execute(datasets.load("uk_covid").queries[0].sql).fetchall()


@pytest.mark.skipif(not REAL_LAKE.is_dir(), reason=f"no real objects in {REAL_LAKE}")
def test_the_real_object_arrives_exactly(world: World) -> None:
    world.dataset = FULL
    original = REAL_LAKE / "uk_covid" / "json" / "2022-12-07.json"
    path = world.publish(original.name, [])
    path.write_bytes(original.read_bytes())

    result = world.run()

    assert (result.rows_read, result.rows_kept, result.rows_quarantined) == (21, 21, 0)
    published = {row["areacode"]: row for row in map(_as_dict, world.table().collect())}
    for line in original.read_text().splitlines():
        expected = {name.lower(): value for name, value in json.loads(line).items()}
        assert published.pop(expected["areacode"]) == expected | {"month": "2022-12"}
    assert not published
    assert ask(world) == [(date(2022, 12, 7), 6681, 5501, 714, 375, 91)]
    beds = dict(world.rows("areaname", "hospitalcases", where="areatype in ('overview', 'nation')"))
    assert beds["United Kingdom"] == 6681
    assert sum(beds[nation] for nation in ("England", "Scotland", "Wales", "Northern Ireland")) == 6681


def _as_dict(row: Any) -> dict[str, Any]:
    """A published row as its publisher wrote it: what is unknown left out."""
    known = {name: value for name, value in row.asDict(recursive=True).items() if value is not None}
    return known | {"date": known["date"].isoformat()}


def test_the_generated_sample_is_accounted_for(world: World) -> None:
    world.dataset = FULL
    summary = generate(world.source, days=45)

    result = world.run()

    assert (result.objects_read, result.rows_read) == (summary.objects, summary.lines)
    assert result.rows_quarantined == summary.broken_lines == len(world.quarantine())
    assert result.rows_duplicate == summary.restated_records
    assert result.rows_kept == result.table_rows == world.table().count() == summary.keys == 21 * 45
    assert set(world.partitions().values()) == {1}
    answer = ask(world)
    assert [row[0] for row in answer] == [LAST_DAY - timedelta(days=back) for back in range(14)]
    assert all(kingdom == sum(nations) for _, kingdom, *nations in answer)
    sums = world.table().where("areatype = 'nation'").groupBy("date").sum("hospitalcases").collect()
    kingdom = dict(world.table().where("areatype = 'overview'").select("date", "hospitalcases").collect())
    assert dict(sums) == kingdom, "the restated day adds up again"


def test_nothing_new_is_found_out_without_spark(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.publish("2022-12-07.json", [hospital(ENGLAND, 1)])
    world.run()
    monkeypatch.setitem(__import__("sys").modules, "pyspark.sql", None)

    assert world.run().status == "NOTHING_NEW"
