"""A day's changes of the sample database: what a second run has to find."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg

# Share of the rows, at least one: a busy day of a small company.
NEW_CUSTOMERS, CHANGED_CUSTOMERS, GONE_CUSTOMERS = 0.002, 0.004, 0.001
NEW_ORDERS, CHANGED_ORDERS, GONE_ORDERS, REFUNDS = 0.003, 0.002, 0.0005, 0.0005


@dataclass(frozen=True)
class Changes:
    """The ids of the rows that a day has changed."""

    new_customers: tuple[int, ...]
    changed_customers: tuple[int, ...]
    gone_customers: tuple[int, ...]
    new_orders: tuple[int, ...]
    changed_orders: tuple[int, ...]
    gone_orders: tuple[int, ...]
    refunded_orders: tuple[int, ...]


def a_day(connection: psycopg.Connection, seed: int = 1) -> Changes:
    """Change the database in one transaction; the same seed picks the same rows of the same database."""
    own = Random(f"day {seed}")  # noqa: S311 - made data
    customers = _ids(connection, "SELECT customer_id FROM crm.customers ORDER BY 1")
    orders = _ids(connection, "SELECT order_id FROM sales.orders ORDER BY 1")
    with connection.transaction():
        changed, gone = _picked(own, customers, CHANGED_CUSTOMERS, GONE_CUSTOMERS)
        updated, deleted, refunded = _picked(own, orders, CHANGED_ORDERS, GONE_ORDERS, REFUNDS)
        arrived = _arrive(connection, own, customers)
        connection.execute(
            "UPDATE crm.customers SET name = name || ' jr.', updated_at = now() WHERE customer_id = ANY(%s)",
            [changed],
        )
        connection.execute("DELETE FROM crm.customers WHERE customer_id = ANY(%s)", [gone])
        ordered = _order(connection, own, [*arrived, *customers], round(len(orders) * NEW_ORDERS))
        connection.execute(
            "UPDATE sales.orders SET status = 'shipped', amount = amount + 1, updated_at = now() "
            "WHERE order_id = ANY(%s)",
            [updated],
        )
        connection.execute("DELETE FROM sales.orders WHERE order_id = ANY(%s)", [deleted])
        connection.execute(
            "INSERT INTO sales.refunds (order_id, refunded_at, amount) "
            "SELECT order_id, now(), abs(amount) FROM sales.orders WHERE order_id = ANY(%s) ORDER BY 1",
            [refunded],
        )
    return Changes(*map(tuple, (arrived, changed, gone, ordered, updated, deleted, refunded)))


def _picked(own: Random, ids: list[int], *shares: float) -> list[list[int]]:
    """Some ids for each share, none of them twice."""
    counts = [max(1, round(len(ids) * share)) for share in shares]
    drawn = own.sample(ids, sum(counts))
    return [sorted(drawn[sum(counts[:at]) : sum(counts[: at + 1])]) for at in range(len(counts))]


def _arrive(connection: psycopg.Connection, own: Random, customers: list[int]) -> list[int]:
    first, count = customers[-1] + 1, max(1, round(len(customers) * NEW_CUSTOMERS))
    new = list(range(first, first + count))
    rows = [(one, f"New {one}", f"c{one}@example.com", own.choice(("US", "DE"))) for one in new]
    connection.cursor().executemany(
        "INSERT INTO crm.customers (customer_id, name, email, country, created_at, updated_at) "
        "VALUES (%s, %s, %s, %s, now(), now())",
        rows,
    )
    return new


def _order(connection: psycopg.Connection, own: Random, customers: list[int], count: int) -> list[int]:
    rows = [
        (own.choice(customers), own.randint(1, 5), own.randrange(500, 20_000)) for _ in range(max(1, count))
    ]
    columns: list[Any] = [list(column) for column in zip(*rows, strict=True)]
    return _ids(
        connection,
        "INSERT INTO sales.orders (customer_id, ordered_at, status, items, amount, currency, updated_at) "
        "SELECT who, now(), 'placed', items, cents / 100.0, 'USD', now() "
        "FROM unnest(%s::bigint[], %s::int[], %s::int[]) AS given (who, items, cents) RETURNING order_id",
        *columns,
    )


def _ids(connection: psycopg.Connection, statement: Any, *values: Any) -> list[int]:
    return [row[0] for row in connection.execute(statement, values or None).fetchall()]
