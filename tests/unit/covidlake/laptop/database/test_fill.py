"""A database is filled once, as a whole or not at all, and never where somebody else's schemas are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from covidlake.base.errors import SourceError
from covidlake.laptop.database import fill
from covidlake.laptop.database.access import Access
from covidlake.laptop.database.made import Shop

FACTOR = 0.005


def counted(access: Access, table: str) -> int:
    with access.connect() as connection:
        return len(connection.execute(f"TABLE {table}".encode()).fetchall())


def test_it_is_filled_once(empty: Access) -> None:
    assert fill.fill(empty, None, FACTOR).startswith("sample, factor 0.005: 100 customers, ")
    assert fill.fill(empty, None, FACTOR) == "as it was: sample, factor 0.005"
    assert fill.fill(empty, None, 0.01) == "as it was: sample, factor 0.005"
    assert counted(empty, "crm.customers") == 100
    assert counted(empty, "sales.monthly_revenue") > 1


def test_another_source_or_size_replaces_it(empty: Access) -> None:
    fill.fill(empty, None, FACTOR)
    fill.fill(empty, fill.SAMPLE, 0.01)
    assert counted(empty, "crm.customers") == 200


def test_a_new_row_gets_a_number_that_is_free(empty: Access) -> None:
    fill.fill(empty, None, FACTOR)
    before = counted(empty, "sales.orders")
    with empty.connect() as connection:
        new: Any = connection.execute(
            "INSERT INTO sales.orders (customer_id, ordered_at, status, items, amount, currency, updated_at) "
            "VALUES (1, now(), 'placed', 1, 1, 'USD', now()) RETURNING order_id"
        ).fetchone()
    assert new[0] == before + 1


def test_a_fill_that_is_interrupted_leaves_nothing(empty: Access, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_shop: Shop, table: str) -> Iterator[str]:
        if table == "sales.orders":
            raise KeyboardInterrupt
        return whole(_shop, table)

    whole = Shop.lines
    monkeypatch.setattr(Shop, "lines", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fill.fill(empty, None, FACTOR)
    monkeypatch.undo()
    assert fill.fill(empty, None, FACTOR).startswith("sample")


def test_somebody_elses_schema_is_left_alone(empty: Access) -> None:
    with empty.connect() as connection:
        connection.execute("CREATE SCHEMA crm")
    with pytest.raises(SourceError, match="schema crm is there and was not made by covidlake"):
        fill.fill(empty, None, FACTOR)


def test_a_wrong_source_is_refused() -> None:
    with pytest.raises(SourceError, match="SOURCE=cdnwo: no such source of the database: did you mean cdnow"):
        fill.check("cdnwo")
    fill.check(None)
    fill.check(fill.SAMPLE)
