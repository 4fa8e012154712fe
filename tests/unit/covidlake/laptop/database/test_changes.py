"""A day changes just the rows that it says, and the same day of the same database the same ones."""

from __future__ import annotations

from typing import Any

from covidlake.laptop.database import changes, fill
from covidlake.laptop.database.access import Access


def rows(connection: Any, table: str) -> dict[int, Any]:
    found = connection.execute(f"TABLE {table}".encode()).fetchall()
    return {row[0]: row for row in found}


def differing(before: dict[int, Any], after: dict[int, Any]) -> set[int]:
    return {key for key in before.keys() & after.keys() if before[key] != after[key]}


def test_it_changes_what_it_says(empty: Access) -> None:
    fill.fill(empty, None, 0.01)
    with empty.connect() as connection:
        customers, orders = rows(connection, "crm.customers"), rows(connection, "sales.orders")
        refunds = rows(connection, "sales.refunds")
        day = changes.a_day(connection)
        customers_now, orders_now = rows(connection, "crm.customers"), rows(connection, "sales.orders")
        assert set(customers) - set(customers_now) == set(day.gone_customers)
        assert set(customers_now) - set(customers) == set(day.new_customers)
        assert differing(customers, customers_now) == set(day.changed_customers)
        assert set(orders) - set(orders_now) == set(day.gone_orders)
        assert set(orders_now) - set(orders) == set(day.new_orders)
        assert differing(orders, orders_now) == set(day.changed_orders)
        new = {key: row for key, row in rows(connection, "sales.refunds").items() if key not in refunds}
        assert {row[1] for row in new.values()} == set(day.refunded_orders)
    assert all(day.__dict__.values())


def test_the_same_seed_picks_the_same_rows(empty: Access) -> None:
    fill.fill(empty, None, 0.005)
    days = []
    for seed in (1, 1, 2):
        with empty.connect() as connection:
            days.append(changes.a_day(connection, seed))
            connection.rollback()
    assert days[0].changed_orders == days[1].changed_orders
    assert days[0].gone_customers == days[1].gone_customers
    assert days[0] != days[2]
