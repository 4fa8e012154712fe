"""Whole extractions of single tables, on a real PostgreSQL."""

from __future__ import annotations

import pytest

from segmentation.description import APPEND, FULL, UPSERT, Table
from segmentation.errors import (
    ColumnChangedError,
    InvalidDescriptionError,
    TableVanishedError,
    TooManyRemovedError,
)
from segmentation.extract.table import check_types
from segmentation.lake.table_state import TableState
from segmentation.record.step_record import StepRecord
from tests.unit.jobs.segmentation.shop import Shop

ORDERS = ("order_id", "cast(amount as string)", "status")
FILL = """insert into sales.orders (customer_id, ordered_at, amount)
    select n, '2024-05-01', n from generate_series(1, %s) n"""


def counts(record: StepRecord) -> tuple[str, int, int, int, int, int]:
    return (
        record.status,
        record.rows_new,
        record.rows_changed,
        record.rows_unchanged,
        record.rows_deleted,
        record.table_rows,
    )


def test_an_upsert_reads_what_transactions_have_written_since(shop: Shop) -> None:
    shop.sql(FILL, 5)
    first = shop.one("sales_orders")
    assert counts(first) == ("LOADED", 5, 0, 0, 0, 5)
    assert first.crawl_needed
    assert first.verify_needed
    shop.verify("sales_orders", first.catalog)
    again = shop.one("sales_orders")
    assert counts(again)[::5] == ("NOTHING_NEW", 5)
    assert not again.crawl_needed
    assert not again.verify_needed
    shop.sql("update sales.orders set status = 'shipped', updated_at = '1999-01-01' where order_id = 2")
    shop.sql("insert into sales.orders (ordered_at, amount) values ('2024-06-01', 6)")
    shop.sql("delete from sales.orders where order_id = 5")
    third = shop.one("sales_orders")
    assert counts(third) == ("LOADED", 1, 1, 0, 0, 6)
    assert (third.crawl_needed, third.verify_needed) == (False, True)
    assert (2, "2.00", "shipped") in shop.rows("sales_orders", *ORDERS)
    compared = shop.one("sales_orders", compare_keys="always")
    assert counts(compared)[4:] == (1, 5)
    assert compared.detail["keys_compared"]
    assert [row[0] for row in shop.rows("sales_orders", *ORDERS)] == [1, 2, 3, 4, 6]


@pytest.mark.prove
def test_keys_are_compared_every_so_many_runs(shop: Shop) -> None:
    shop.described["orders"] = Table(
        "orders", "sales", "orders", ("order_id",), UPSERT, cursor="updated_at", compare_keys_every=2
    )
    shop.sql(FILL, 3)
    shop.one("orders")
    shop.sql("delete from sales.orders where order_id = 1")
    assert [shop.one("orders").table_rows for _ in range(2)] == [3, 2]


def test_an_append_reads_greater_keys_and_a_comparison_finds_the_late(shop: Shop) -> None:
    insert = "insert into sales.refunds (refund_id, order_id, amount) values "
    shop.sql(f"{insert} (1, 1, 1), (3, 1, 1)")
    assert counts(shop.one("sales_refunds")) == ("LOADED", 2, 0, 0, 0, 2)
    shop.sql(f"{insert} (2, 1, 1), (4, 1, 1)")
    assert counts(shop.one("sales_refunds")) == ("LOADED", 1, 0, 0, 0, 3)
    healed = shop.one("sales_refunds", compare_keys="always")
    assert counts(healed) == ("LOADED", 1, 0, 3, 0, 4)
    assert "1 rows were in the database and not in the lake" in healed.findings
    assert counts(shop.one("sales_refunds")) == ("NOTHING_NEW", 0, 0, 0, 0, 4)


@pytest.mark.prove
def test_a_comparison_finds_the_late_beside_a_row_in_quarantine_and_a_table_filled_anew(shop: Shop) -> None:
    insert = "insert into sales.refunds (refund_id, order_id, refunded_at, amount) values "
    shop.sql(f"{insert} (1, 1, 'infinity', 1), (3, 1, now(), 1)")
    first = shop.one("sales_refunds")
    assert (first.rows_new, first.rows_quarantined) == (1, 1)
    shop.sql(f"{insert} (2, 1, now(), 1)")
    healed = shop.one("sales_refunds", compare_keys="always")
    assert "1 rows were in the database and not in the lake" in healed.findings
    assert (healed.table_rows, healed.quarantine_rows) == (2, 1)
    assert counts(shop.one("sales_refunds", compare_keys="always"))[0] == "NOTHING_NEW"
    shop.sql("truncate sales.refunds")
    shop.sql(f"{insert} (1, 1, now(), 7), (2, 1, now(), 7), (3, 1, now(), 7)")
    anew = shop.one("sales_refunds")
    assert "the table was made or filled anew" in anew.findings
    assert (anew.rows_new, anew.rows_changed, anew.table_rows, anew.quarantine_rows) == (1, 2, 3, 0)


def test_a_partition_that_was_filled_before_it_was_attached_is_read(shop: Shop) -> None:
    shop.sql("create table sales.parts (id bigint primary key) partition by range (id)")
    shop.sql("create table sales.parts_1 partition of sales.parts for values from (0) to (10)")
    shop.sql("create table sales.parts_2 (id bigint primary key)")
    shop.sql("insert into sales.parts values (1)")
    shop.sql("insert into sales.parts_2 values (11)")
    shop.described["parts"] = Table("parts", "sales", "parts", ("id",), UPSERT)
    assert shop.one("parts").table_rows == 1
    shop.sql("alter table sales.parts attach partition sales.parts_2 for values from (10) to (20)")
    anew = shop.one("parts")
    assert (anew.table_rows, "is another one than before" in anew.findings) == (2, True)


@pytest.mark.prove
def test_a_full_table_and_a_view_are_compared_as_a_whole(shop: Shop) -> None:
    shop.sql("insert into crm.customer_links values (1, 9), (2, 9)")
    shop.sql(FILL, 3)
    names = ("crm_customer_links", "sales_monthly_revenue", "sales_exchange_rates")
    first = shop.extract(*names)
    assert [counts(first[name])[0:2] for name in names] == [("LOADED", 2), ("LOADED", 1), ("LOADED", 0)]
    assert "revenue: numeric has more digits" in first["sales_monthly_revenue"].findings
    assert first["sales_exchange_rates"].tables == {}
    shop.sql("update crm.customer_links set customer_id = 8 where duplicate_id = 1")
    shop.sql("delete from crm.customer_links where duplicate_id = 2")
    second = shop.extract(*names)
    assert counts(second["crm_customer_links"]) == ("LOADED", 0, 1, 0, 1, 1)
    assert counts(second["sales_monthly_revenue"]) == ("NOTHING_NEW", 0, 0, 1, 0, 1)


def test_a_new_column_is_taken_for_all_rows_and_said(shop: Shop) -> None:
    shop.sql(FILL, 3)
    shop.one("sales_orders")
    shop.sql("alter table sales.orders add column channel text default 'web'")
    record = shop.one("sales_orders")
    assert counts(record) == ("LOADED", 0, 3, 0, 0, 3)
    assert record.findings == "new column channel, all rows were read again for it"
    assert record.crawl_needed
    assert shop.rows("sales_orders", "order_id", "channel")[0] == (1, "web")


def test_a_changed_type_and_a_vanished_table_are_one_clear_error(shop: Shop) -> None:
    shop.sql(FILL, 3)
    shop.one("sales_orders")
    before = shop.files("sales_orders")
    shop.sql("drop view sales.monthly_revenue")
    shop.sql("alter table sales.orders alter amount type numeric(14, 3)")
    wanted = (
        r"sales.orders: column `amount` was numeric\(12,2\) and is numeric\(14,3\) now, decimal\(12,2\) in"
    )
    with pytest.raises(ColumnChangedError, match=wanted):
        shop.one("sales_orders")
    failed = shop.record("sales_orders", "run-2")
    assert (failed["status"], failed["error"]) == ("FAILED", "ColumnChangedError")
    assert shop.files("sales_orders") == before
    assert counts(shop.one("sales_orders", load_mode="full")) == ("LOADED", 0, 0, 3, 0, 3)
    shop.sql("alter table sales.orders drop column items")
    with pytest.raises(ColumnChangedError, match=r"column `items` .integer. is gone"):
        shop.one("sales_orders")
    shop.sql("drop table sales.orders")
    with pytest.raises(
        TableVanishedError, match=r"sales.orders is not in 127.0.0.1:\d+/shop_\d+: create it again"
    ):
        shop.one("sales_orders")


def test_a_column_that_the_description_leaves_out_now_is_not_called_gone_from_the_database() -> None:
    kinds = {"order_id": "bigint", "amount": "decimal(12,2)"}
    state = TableState(columns=kinds, source_types={"order_id": "bigint", "amount": "numeric(12,2)"})
    table = Table("orders", "sales", "orders", ("order_id",), FULL, columns=("order_id",))
    wanted = r"column `amount` \(numeric\(12,2\)\) is none of the columns of tables/orders\.py any more"
    with pytest.raises(ColumnChangedError, match=wanted):
        check_types(table, state, {"order_id": "bigint"}, {"order_id": "bigint"})


def test_values_that_the_lake_cannot_hold_are_quarantined_with_a_reason(shop: Shop) -> None:
    shop.sql(
        "create table sales.odd"
        "(id int primary key, amount numeric(8, 2), at timestamptz, day date, words text[])"
    )
    shop.sql("""insert into sales.odd values
        (1, 1.5, '2024-01-01T01:00:00.123456+01', '1066-10-14', '{a,null}'),
        (2, 'NaN', now(), null, null), (3, 1, 'infinity', null, '{}'), (4, 1, null, '-infinity', null),
        (5, 1, null, null, '{{a},{b}}'), (6, null, '0044-03-15 BC', null, null)""")
    shop.described["odd"] = Table("odd", "sales", "odd", ("id",), UPSERT, max_removed=1)
    record = shop.one("odd")
    assert (record.rows_new, record.rows_quarantined, record.quarantine_rows) == (1, 5, 5)
    assert record.tables == {"odd": 1, "odd_quarantine": 5}
    assert shop.quarantine("odd") == [
        ('{"id":2}', "not_a_number_amount"),
        ('{"id":3}', "infinite_at"),
        ('{"id":4}', "infinite_day"),
        ('{"id":5}', "nested_array_words"),
        ('{"id":6}', "out_of_range_at"),
    ]
    kept = shop.rows(
        "odd", "id", "cast(amount as string)", "cast(at as string)", "cast(day as string)", "words"
    )
    assert kept == [(1, "1.50", "2024-01-01 00:00:00.123456", "1066-10-14", ["a", None])]
    assert counts(shop.one("odd"))[0] == "NOTHING_NEW"
    shop.sql("update sales.odd set amount = 2 where id = 2")
    shop.sql("update sales.odd set amount = 'NaN' where id = 1")
    second = shop.one("odd")
    assert counts(second) == ("LOADED", 1, 0, 0, 1, 1)
    assert [row[0] for row in shop.quarantine("odd")] == [f'{{"id":{n}}}' for n in (1, 3, 4, 5, 6)]
    shop.sql("delete from sales.odd where id > 2")
    third = shop.one("odd", compare_keys="always")
    assert (third.quarantine_rows, third.table_rows) == (1, 1)


@pytest.mark.prove
def test_a_view_without_a_unique_key_gives_each_key_once(shop: Shop) -> None:
    shop.sql("create view sales.twice as select n / 2 as id, n as value from generate_series(0, 3) n")
    shop.described["twice"] = Table("twice", "sales", "twice", ("id",), "full")
    record = shop.one("twice")
    assert (record.rows_read, record.rows_new, record.rows_quarantined) == (4, 2, 2)
    assert {row[1] for row in shop.quarantine("twice")} == {"duplicate_key"}
    assert counts(shop.one("twice"))[0] == "NOTHING_NEW"


def test_another_copy_of_the_database_is_read_as_a_whole(shop: Shop) -> None:
    shop.sql(FILL, 3)
    shop.one("sales_orders")
    shop.sql("create table sales.copy (like sales.orders including all)")
    shop.sql("insert into sales.copy select * from sales.orders where order_id > 1")
    shop.sql("drop table sales.orders cascade; alter table sales.copy rename to orders")
    record = shop.one("sales_orders")
    assert counts(record) == ("LOADED", 0, 0, 2, 1, 2)
    assert "the table or the database is another one" in record.findings


def test_an_append_of_a_table_that_was_empty(shop: Shop) -> None:
    shop.described["refunds"] = Table(
        "refunds", "sales", "refunds", ("refund_id",), APPEND, cursor="refund_id"
    )
    assert counts(shop.one("refunds")) == ("LOADED", 0, 0, 0, 0, 0)
    shop.sql("insert into sales.refunds (order_id, amount) values (1, 1)")
    assert counts(shop.one("refunds")) == ("LOADED", 1, 0, 0, 0, 1)


@pytest.mark.prove
def test_rows_without_a_key_stand_as_long_as_they_are_there(shop: Shop) -> None:
    shop.sql("create table sales.loose (id int unique, v int)")
    shop.sql("insert into sales.loose values (1, 1), (null, 2), (null, 3)")
    shop.described["loose"] = Table("loose", "sales", "loose", ("id",), UPSERT)
    assert shop.one("loose").quarantine_rows == 2
    shop.sql("update sales.loose set id = 2 where v = 2")
    second = shop.one("loose", compare_keys="always")
    assert (second.rows_new, second.rows_quarantined, second.quarantine_rows) == (1, 1, 1)
    shop.sql("insert into sales.loose values (null, 4)")
    third = shop.one("loose", compare_keys="always")
    assert (third.status, third.quarantine_rows, third.findings) == ("LOADED", 2, "")
    assert shop.one("loose").status == "NOTHING_NEW"


def test_another_key_has_the_table_made_anew(shop: Shop) -> None:
    shop.sql("create table sales.pairs (a int not null, b int not null, primary key (a, b))")
    shop.sql("insert into sales.pairs values (1, 1), (1, 2), (2, 1)")
    shop.described["pairs"] = Table("pairs", "sales", "pairs", ("a", "b"), UPSERT)
    assert shop.one("pairs").table_rows == 3
    shop.described["pairs"] = Table("pairs", "sales", "pairs", ("a",), UPSERT)
    anew = shop.one("pairs")
    assert "the key was a, b and is a, all rows were read again for it" in anew.findings
    assert counts(anew) == ("LOADED", 2, 0, 0, 3, 2)
    assert shop.quarantine("pairs") == [('{"a":1}', "duplicate_key")]


def test_rows_of_tables_that_inherit_are_read_once_or_refused(shop: Shop) -> None:
    shop.sql("create table sales.base (id int primary key, v int)")
    shop.sql("create table sales.heir () inherits (sales.base)")
    shop.sql("insert into sales.base values (1, 1); insert into sales.heir values (1, 2), (2, 2)")
    shop.described["base"] = Table("base", "sales", "base", ("id",), FULL)
    record = shop.one("base")
    assert (record.rows_new, record.rows_quarantined) == (2, 1)
    assert record.findings == "rows of 1 tables that inherit from it are among its rows"
    assert shop.quarantine("base") == [('{"id":1}', "duplicate_key")]
    shop.described["base"] = Table("base", "sales", "base", ("id",), UPSERT)
    with pytest.raises(InvalidDescriptionError, match=r"1 tables inherit from sales\.base"):
        shop.one("base")


def test_a_table_that_loses_most_of_its_rows_stays_as_it_is_unless_that_is_allowed(shop: Shop) -> None:
    shop.sql("insert into crm.customer_links select n, 9 from generate_series(1, 4) n")
    shop.one("crm_customer_links")
    before = shop.files("crm_customer_links")
    shop.sql("delete from crm.customer_links where duplicate_id > 1")
    said = r"3 of the 4 rows of crm_customer_links would be removed, over 50% \(max_removed in"
    with pytest.raises(TooManyRemovedError, match=said):
        shop.one("crm_customer_links")
    assert shop.files("crm_customer_links") == before
    assert shop.one("crm_customer_links", allow_removal="true").rows_deleted == 3
