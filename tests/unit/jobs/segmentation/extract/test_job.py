"""Several tables in one job run: each by itself; what a killed run left, the next one makes good.

`COVIDLAKE_KILLS=all` kills at each write; `make test` at some of them.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from typing import Any
from unittest import mock

import pytest

from segmentation.errors import SecretUnreadableError, TablesFailedError
from tests.unit.jobs.segmentation.shop import Shop
from tests.unit.jobs.world import Killed

EVERY = 1 if os.environ.get("COVIDLAKE_KILLS") == "all" else 4
BEFORE = "insert into sales.orders (ordered_at, amount) select '2024-05-01', n from generate_series(1, 4) n"
AFTER = """update sales.orders set amount = 9 where order_id = 1; delete from sales.orders where order_id = 2;
    insert into sales.orders (ordered_at, amount) values ('2024-05-02', 5)"""
NAMES = ("order_id", "cast(amount as string)")


def test_one_table_that_fails_leaves_the_others_whole(shop: Shop) -> None:
    shop.sql(BEFORE)
    shop.sql("insert into crm.customer_links values (1, 2); drop table sales.refunds")
    with pytest.raises(
        TablesFailedError, match=r"1 of 3 tables failed: sales_refunds: sales\.refunds is not in"
    ):
        shop.extract("sales_orders", "sales_refunds", "crm_customer_links")
    assert shop.record("sales_refunds", "run-1")["error"] == "TableVanishedError"
    assert [shop.rows_in_files(name) for name in ("sales_orders", "crm_customer_links")] == [4, 1]
    holders = [
        (shop.lake / "state" / name / "running.json").read_text()
        for name in ("sales_orders", "sales_refunds")
    ]
    assert set(holders) == {'{"job_run":"","run_id":""}'}


def test_a_secret_that_cannot_be_read_fails_each_table_with_a_record(shop: Shop) -> None:
    refused = SecretUnreadableError("secret s: AccessDeniedException: role r")
    with (
        mock.patch.object(Shop, "access", side_effect=refused),
        pytest.raises(
            TablesFailedError, match="2 of 2 tables failed: sales_orders, sales_refunds: secret s: Acc"
        ),
    ):
        shop.extract("sales_orders", "sales_refunds")
    records = [shop.record(name, "run-1") for name in ("sales_orders", "sales_refunds")]
    assert {record["error"] for record in records} == {"SecretUnreadableError"}


@pytest.mark.prove
def test_a_run_that_is_killed_at_any_write_is_made_good_by_the_next(shop: Shop) -> None:
    shop.sql(BEFORE)
    shop.one("sales_orders")
    shop.sql(AFTER)
    truth = shop.sql("select order_id, amount::text from sales.orders order by 1")
    points = _writes(_copied(shop, "count"))
    assert len(points) > 8
    for point in sorted({*range(1, len(points), EVERY), len(points) - 1}):
        one = _copied(shop, str(point))
        _kill_at(one, point)
        with pytest.raises(Killed):
            one.one("sales_orders", compare_keys="always")
        one.client.before = lambda _operation, _key: None
        record = one.one("sales_orders", compare_keys="always")
        assert one.rows("sales_orders", *NAMES) == truth, f"killed at write {point}: {points[point - 1]}"
        assert record.crawl_needed, "nothing was ever verified"


def _copied(shop: Shop, name: str) -> Shop:
    """The same shop, with a copy of the lake as it is."""
    lake = shop.lake.with_name(f"{shop.lake.name}-{name}")
    shutil.copytree(shop.lake, lake)
    return replace(shop, lake=lake, root=f"s3://lake/{lake.name}/")


def _writes(shop: Shop) -> list[tuple[str, str]]:
    seen: list[tuple[str, str]] = []
    shop.client.before = lambda operation, key: seen.append((operation, key))
    shop.one("sales_orders", compare_keys="always")
    shop.client.before = lambda _operation, _key: None
    return seen


def _kill_at(shop: Shop, point: int) -> None:
    left = iter(range(point - 1))

    def before(*_: Any) -> None:
        if next(left, None) is None:
            raise Killed

    shop.client.before = before
