"""Whole write-backs to a real PostgreSQL."""

from __future__ import annotations

import shutil
import threading
from typing import Any
from unittest import mock

import pytest

from segmentation.errors import (
    DatabaseLoginError,
    DatabaseUnreachableError,
    DuplicateKeyError,
    TargetChangedError,
)
from segmentation.record.step_record import StepRecord
from segmentation.write_back import job
from tests.sampling import sampled
from tests.unit.jobs.segmentation.shop import PASSWORD, Shop
from tests.unit.jobs.segmentation.write_back.segments import put
from tests.unit.jobs.world import GoneJobRuns, Killed

TARGET = "segmentation.customer_segments"


def write_back(shop: Shop, **arguments: str) -> StepRecord:
    options = shop.options(target=TARGET, gone=arguments.pop("gone", "delete"), **arguments)
    return job.run(options, shop.storage, GoneJobRuns(), shop.access)


def rows(shop: Shop, columns: str = "customer_id, segment, monetary") -> list[tuple[Any, ...]]:
    return shop.sql(f"select {columns} from {TARGET} order by customer_id")  # noqa: S608


def counts(record: StepRecord) -> tuple[str, int, int, int, int, int]:
    return (
        record.status, record.rows_new, record.rows_changed, record.rows_unchanged, record.rows_deleted,
        record.table_rows,
    )  # fmt: skip


def staging(shop: Shop) -> list[Any]:
    return shop.sql("select relname from pg_class where relname like '%\\_\\_stage\\_%'")


def test_only_what_differs_is_written_and_who_is_gone_leaves(shop: Shop) -> None:
    put(shop, {1: 1, 2: 2, 3: 2}, "made-1")
    first = write_back(shop)
    assert counts(first) == ("LOADED", 3, 0, 0, 0, 3)
    assert "segmentation.customer_segments was created" in first.findings
    assert (first.crawl_needed, first.verify_needed, first.revision) == (False, False, "made-1")
    written = rows(shop, "customer_id, written_at, run_id, xmin::text")
    again = write_back(shop)
    assert counts(again) == ("NOTHING_NEW", 0, 0, 3, 0, 3)
    assert again.findings == "0 rows changed: segmentation.customer_segments had all 3 already"
    assert rows(shop, "customer_id, written_at, run_id, xmin::text") == written
    put(shop, {1: 1, 2: 1, 4: 1}, "made-2")
    third = write_back(shop)
    assert counts(third) == ("LOADED", 1, 1, 1, 1, 3)
    assert [row[:2] for row in rows(shop)] == [(1, 1), (2, 1), (4, 1)]
    assert rows(shop, "customer_id, written_at, run_id, xmin::text")[0] == written[0]
    put(shop, {1: 1}, "made-3")
    assert counts(write_back(shop, gone="mark")) == ("LOADED", 0, 0, 1, 2, 1)
    assert counts(write_back(shop, gone="mark")) == ("NOTHING_NEW", 0, 0, 1, 0, 1)
    put(shop, {1: 1, 2: 1}, "made-4")
    assert counts(write_back(shop, gone="mark")) == ("LOADED", 0, 1, 1, 0, 2)
    assert [row[0] for row in rows(shop, "gone_at is not null")] == [False, False, True]
    assert staging(shop) == []


def test_a_target_of_another_shape_is_one_clear_error(shop: Shop) -> None:
    put(shop, {1: 1}, "made-1")
    write_back(shop)
    shop.sql(f"alter table {TARGET} alter segment type bigint")
    with pytest.raises(TargetChangedError, match="column `segment` is bigint and must be integer: change"):
        write_back(shop)
    shop.sql(f"alter table {TARGET} alter segment type int; alter table {TARGET} drop column run_id")
    with pytest.raises(TargetChangedError, match="column `run_id` is missing and must be text"):
        write_back(shop)
    assert rows(shop) == [(1, 1, 10)]


def test_a_key_that_comes_twice_writes_nothing(shop: Shop) -> None:
    put(shop, {1: 1}, "made-1")
    write_back(shop)
    put(shop, {1: 2, 2: 2}, "made-2", twice=True)
    with pytest.raises(DuplicateKeyError, match="two rows have one customer_id"):
        write_back(shop)
    assert rows(shop) == [(1, 1, 10)]
    assert len(staging(shop)) == 1
    shutil.rmtree(shop.lake)
    put(shop, {1: 2}, "made-3")
    record = write_back(shop)
    assert "1 staging tables of runs that died were dropped" in record.findings
    assert staging(shop) == []


def test_where_there_was_nothing_to_segment_the_database_stays(shop: Shop) -> None:
    put(shop, {1: 1}, "made-1")
    write_back(shop)
    put(shop, {1: 2}, "made-2", nothing=True)
    record = write_back(shop)
    assert counts(record)[:2] == ("NOTHING_TO_SEGMENT", 0)
    assert record.findings == f"there was nothing to segment: {TARGET} stays as it is"
    assert rows(shop) == [(1, 1, 10)]


def test_readers_see_all_of_it_or_nothing(shop: Shop) -> None:
    put(shop, dict.fromkeys(range(500), 1), "made-1")
    write_back(shop)
    put(shop, dict.fromkeys(range(250, 750), 2), "made-2")
    seen, ended = set(), threading.Event()

    def read() -> None:
        with shop.connect(autocommit=True) as connection:
            while not ended.is_set():
                sql = f"select count(*), min(segment), max(segment) from {TARGET}"  # noqa: S608
                seen.add(connection.execute(sql).fetchone())

    reader = threading.Thread(target=read)
    reader.start()
    try:
        write_back(shop)
    finally:
        ended.set()
        reader.join()
    assert seen <= {(500, 1, 1), (500, 2, 2)}
    assert (500, 1, 1) in seen


def test_a_wrong_password_is_one_line_without_it(shop: Shop) -> None:
    put(shop, {1: 1}, "made-1")
    shop.password = "wrong-and-secret"
    with pytest.raises(DatabaseLoginError, match=r"password authentication failed .* in the secret") as said:
        write_back(shop)
    assert "wrong-and-secret" not in f"{said.value} {said.value.__cause__}"
    assert "wrong-and-secret" not in (shop.lake / "runs" / "write_back" / "run-1.json").read_text()


@pytest.mark.parametrize("where", sampled(["transaction", "staging", "commit"], 3))
def test_a_run_that_is_killed_is_made_good_by_the_next(shop: Shop, where: str) -> None:
    put(shop, {1: 1, 2: 1}, "made-1")
    write_back(shop)
    put(shop, {2: 2, 3: 2}, "made-2")
    # Right before the transaction, in it after the rows were written, and between commit and record.
    place = {"staging": "job.write", "transaction": "transaction._gone", "commit": "job._rows"}[where]
    with mock.patch(f"segmentation.write_back.{place}", side_effect=Killed), pytest.raises(Killed):
        write_back(shop)
    before = [(1, 1, 10), (2, 1, 10)]
    assert rows(shop) == ([(2, 2, 10), (3, 2, 10)] if where == "commit" else before)
    assert not (shop.lake / "runs" / "write_back" / "run-2.json").exists()
    healed = write_back(shop)
    assert rows(shop) == [(2, 2, 10), (3, 2, 10)]
    assert staging(shop) == []
    if where == "commit":
        assert counts(healed) == ("NOTHING_NEW", 0, 0, 2, 0, 2)
        assert healed.findings.startswith("0 rows changed")
    else:
        assert counts(healed) == ("LOADED", 1, 1, 0, 1, 2)
        assert "1 staging tables of runs that died" in healed.findings


@pytest.mark.prove
def test_a_connection_that_is_cut_in_the_transaction_writes_nothing(shop: Shop) -> None:
    put(shop, {1: 1}, "made-1")
    write_back(shop)
    put(shop, {2: 2}, "made-2")

    def cut(*_: object) -> int:
        shop.sql(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where usename = 'covid_lake' and datname = %s",
            shop.database,
        )
        return 0

    with (
        mock.patch("segmentation.write_back.transaction._gone", side_effect=cut),
        pytest.raises(DatabaseUnreachableError, match="see whether the database runs"),
    ):
        write_back(shop)
    assert rows(shop) == [(1, 1, 10)]
    assert counts(write_back(shop))[:2] == ("LOADED", 1)


def test_no_plan_that_spark_keeps_has_the_password(shop: Shop) -> None:
    put(shop, {1: 1}, "made-1")
    write_back(shop)
    kept: Any = shop.spark._jsparkSession.sharedState().statusStore().executionsList()
    plans = [kept.apply(number).physicalPlanDescription() for number in range(kept.size())]
    assert any("SaveIntoDataSource" in plan for plan in plans)
    assert not any(PASSWORD in plan for plan in plans)
