"""The whole join, from tables of the lake to customers: each rule with a number to count by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from segmentation.errors import MissingInputError
from segmentation.join import job
from segmentation.record.step_record import StepRecord
from tests.unit.jobs.segmentation.shop import Shop

TABLES = ("crm_customers", "crm_customer_links", "sales_orders", "sales_refunds", "sales_exchange_rates")
FILL = """
insert into crm.customers (customer_id, name, email, country, created_at, updated_at) values
    (1, 'Ann', 'ann@x.org', 'DE', '2020-01-01', '2023-01-01'),
    (2, 'Anna', ' ANN@x.org ', 'FR', '2021-01-01', '2024-01-01'),
    (3, 'A.', null, null, '2022-01-01', '2022-01-01'),
    (4, 'Bob', 'bob@x.org', 'GB', '2022-01-01', '2022-01-01'),
    (5, 'Cid', '', 'US', '2022-01-01', '2022-01-01'), (6, 'Dee', '', 'US', '2022-01-01', '2022-01-01');
insert into crm.customer_links values (3, 2), (77, 1);
insert into sales.exchange_rates values
    ('EUR', '2024-01-01', 1.1), ('EUR', '2024-02-01', 1.2), ('EUR', '2024-03-01', 1.3);
insert into sales.orders (order_id, customer_id, ordered_at, status, items, amount, currency) values
    (1, 1, '2024-01-31 23:59+00', 'placed', 2, 100, 'EUR'), (2, 2, '2024-02-10', 'shipped', 1, 50, 'EUR'),
    (3, 3, '2024-02-29', 'placed', 1, 10.005, 'USD'), (4, 1, '2024-02-10', 'cancelled', 1, 999, 'EUR'),
    (5, 4, '2024-03-10', 'placed', 1, 20, 'USD'), (6, null, '2024-02-10', 'placed', 1, 1, 'USD'),
    (7, 88, '2024-02-10', 'placed', 1, 1, 'USD'), (8, 4, '2024-02-10', 'placed', 1, -5, 'USD'),
    (9, 4, '2024-02-10', 'placed', 1, 5, 'XXX'), (10, 4, '2023-12-31', 'placed', 1, 5, 'EUR'),
    (11, 4, '2999-01-01', 'placed', 1, 5, 'USD'), (12, 5, '2024-03-01', 'placed', 1, 8, 'USD');
insert into sales.refunds (refund_id, order_id, amount) values
    (1, 1, 30), (2, 1, 20), (3, 4, 9), (4, 6, 1), (5, 99, 1), (6, 5, -1), (7, 12, 9);
"""


def customers(shop: Shop) -> dict[int, tuple[object, ...]]:
    names = [
        "customer_id",
        "name",
        "email",
        "countries",
        "member_ids",
        "recency_days",
        "frequency",
        "monetary",
    ]
    names += ["average_order_value", "refunded", "cast(refund_share as string)"]
    names += ["cast(first_order_on as string)"]
    return {row[0]: row[1:] for row in shop.rows("customers", *names)}


def test_customers_are_what_their_orders_say(shop: Shop) -> None:
    shop.sql(FILL)
    shop.extract(*TABLES)
    record: StepRecord = shop.run(job.run)
    found = customers(shop)
    assert found == {
        1: ("Anna", "ann@x.org", ["DE", "FR"], [1, 2, 3], 10, 3, Decimal("125.01"), Decimal("41.67"),
            Decimal("55.00"), "0.3055", "2024-01-31"),
        4: ("Bob", "bob@x.org", ["GB"], [4], 0, 1, Decimal("20.00"), Decimal("20.00"),
            Decimal("0.00"), "0.0000", "2024-03-10"),
        5: ("Cid", "", ["US"], [5], 9, 1, Decimal("0.00"), Decimal("0.00"),
            Decimal("8.00"), "1.0000", "2024-03-01"),
        6: ("Dee", "", ["US"], [6], None, 0, Decimal("0.00"), None, Decimal("0.00"), None, None),
    }  # fmt: skip
    assert shop.quarantine("customers", "source_table", "row_key", "reason") == [
        ("sales_orders", '{"order_id":10}', "no_rate_on_day"),
        ("sales_orders", '{"order_id":11}', "future_date"),
        ("sales_orders", '{"order_id":6}', "no_customer"),
        ("sales_orders", '{"order_id":7}', "unknown_customer"),
        ("sales_orders", '{"order_id":8}', "negative_amount"),
        ("sales_orders", '{"order_id":9}', "unknown_currency"),
        ("sales_refunds", '{"refund_id":5}', "unknown_order"),
        ("sales_refunds", '{"refund_id":6}', "negative_amount"),
    ]
    assert (record.status, record.rows_new, record.rows_quarantined) == ("LOADED", 4, 8)
    assert record.rows_read == 6 + 2 + 3 + 12 + 7
    assert record.detail["sales_orders.used"] == 5
    assert record.detail["sales_orders.cancelled"] == 1
    assert record.findings == (
        "1 orders were refunded more than they cost, counted as worth nothing; "
        "1 links name an id that no customer has"
    )
    again = shop.run(job.run)
    assert (again.status, again.rows_read, again.table_rows) == ("NOTHING_NEW", 0, 4)
    shop.sql("update sales.orders set amount = 25 where order_id = 5")
    shop.sql("update crm.customers set email = 'x' where customer_id in (5, 6)")
    shop.extract("sales_orders", "crm_customers")
    third = shop.run(job.run)
    assert (third.rows_new, third.rows_changed, third.rows_unchanged, third.rows_deleted) == (0, 2, 1, 1)


def test_without_an_extraction_there_is_nothing_to_join(shop: Shop) -> None:
    with pytest.raises(MissingInputError, match="table crm_customers is not in s3://lake/"):
        shop.run(job.run)
    assert shop.record("customers", "run-1")["error"] == "MissingInputError"
