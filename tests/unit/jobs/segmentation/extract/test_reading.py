"""Many rows: read by several connections in one snapshot, kept in files of which few are rewritten."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest

from segmentation.extract import reading
from segmentation.extract.changes import Reading
from tests.unit.jobs.segmentation.shop import PASSWORD, Shop


@pytest.fixture
def small_parts() -> Any:
    """What are many rows here would be few in a real table."""
    with (
        mock.patch("segmentation.extract.reading.ROWS_PER_CONNECTION", 20),
        mock.patch("segmentation.lake.files.ROWS_PER_FILE", 10),
    ):
        yield


def test_connections_share_a_snapshot_and_few_files_are_rewritten(shop: Shop, small_parts: Any) -> None:
    shop.sql("insert into sales.orders (ordered_at, amount) select now(), n from generate_series(1, 40) n")
    frames: list[Any] = []
    read = reading.Reader.rows

    def rows(self: reading.Reader, one: Reading) -> Any:
        """While the snapshot is taken and nothing is read, others change everything."""
        shop.sql("update sales.orders set amount = 0; delete from sales.orders where order_id > 20")
        frames.append(read(self, one))
        return frames[0]

    with mock.patch.object(reading.Reader, "rows", rows):
        record = shop.one("sales_orders")
    assert frames[0].rdd.getNumPartitions() > 3
    assert PASSWORD not in frames[0]._jdf.queryExecution().toString()
    assert (record.rows_new, record.files_written) == (40, 4)
    assert shop.rows("sales_orders", "sum(amount)") == [(sum(range(1, 41)),)]
    second = shop.one("sales_orders", compare_keys="always")
    assert (second.rows_changed, second.rows_deleted, second.table_rows) == (20, 20, 20)
    before = shop.files("sales_orders")
    shop.sql("update sales.orders set amount = 1 where order_id = 7")
    third = shop.one("sales_orders")
    after = shop.files("sales_orders")
    assert (third.rows_changed, third.files_written) == (1, 1)
    assert sum(before[name] != after[name] for name in before) == 1
    shop.sql("insert into sales.orders (ordered_at, amount) select now(), n from generate_series(1, 200) n")
    fourth = shop.one("sales_orders")
    assert (fourth.rows_new, fourth.table_rows) == (200, 220)
    assert all(name.endswith("-of-00032.parquet") for name in shop.files("sales_orders"))
