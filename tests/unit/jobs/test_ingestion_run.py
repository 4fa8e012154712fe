"""Whole runs of the job on real Spark: what the table, the ledger, the quarantine and the run record say."""

from __future__ import annotations

from tests.unit.jobs.world import World, record


def test_a_second_run_changes_nothing(world: World) -> None:
    world.publish("2022-12-07.json", [record(hospitalCases=5501), record("S92000003", hospitalCases=714)])

    first, second = world.run(), world.run()

    assert (first.status, first.rows_kept, first.table_rows, first.crawl_needed) == ("LOADED", 2, 2, True)
    assert (second.status, second.objects_read, second.table_rows) == ("NOTHING_NEW", 0, 2)
    assert world.rows() == [("E92000001", "2022-12-07", 5501), ("S92000003", "2022-12-07", 714)]
