"""Customers and their segments are followed back to the tables of the database."""

from __future__ import annotations

import pytest

from covidlake.base.errors import DataSetError
from covidlake.dataset import lineage, table_lineage


def test_a_column_of_segments_is_followed_to_the_database() -> None:
    rows = lineage.of("customer_segments.monetary")
    assert rows[0][:4] == ["customer_segments", "monetary", "customers.monetary", "kept as it is"]
    assert rows[1][:2] == ["customers", "monetary"]
    assert {(row[0], row[1]) for row in rows[2:]} == {
        ("sales_exchange_rates", "rate_to_usd"),
        ("sales_orders", "amount"),
        ("sales_orders", "currency"),
        ("sales_refunds", "amount"),
    }
    assert [row[2] for row in rows if row[0] == "sales_refunds"] == ["database: sales.refunds.amount"]


def test_what_uses_a_column_is_named() -> None:
    used = str(lineage.of("customers.frequency")[0][4])
    assert used == "customer_segments.segment, customer_segments.segment_name, customer_segments.frequency"
    assert lineage.of("customer_segments.segment")[0][4] == (
        "database: segmentation.customer_segments.segment"
    )


def test_a_table_has_its_own_rows_first_and_each_source_once() -> None:
    rows = lineage.of("customer_segments")
    assert [row[1] for row in rows if row[0] == "customer_segments"] == [row[1] for row in rows[:6]]
    places = [(row[0], row[1]) for row in rows]
    assert len(set(places)) == len(places)
    assert ("sales_orders", "ordered_at") in places


def test_an_extracted_table_has_what_the_database_has() -> None:
    (row,) = lineage.of("sales_orders")
    assert row[:3] == ["sales_orders", "*", "database: sales.orders.*"]
    assert lineage.of("sales_orders.status")[0][2] == "database: sales.orders.status"


@pytest.mark.parametrize(
    ("name", "unknown"),
    [("order_id", False), ("updated_at", False), ("amount", False), ("amonut", True)],
)
def test_a_column_that_no_description_names_is_not_confirmed(name: str, unknown: bool) -> None:
    ((_, _, _, how, _),) = lineage.of(f"sales_orders.{name}")
    assert ("only the database knows whether" in str(how)) is unknown


@pytest.mark.parametrize(
    ("name", "said"),
    [("customers.monetry", "monetary"), ("customer_segmentz", "customer_segments")],
)
def test_what_is_not_there_is_refused_with_the_nearest(name: str, said: str) -> None:
    with pytest.raises(DataSetError, match=said):
        lineage.of(name)


def test_every_table_can_be_asked_for() -> None:
    for name in table_lineage.names():
        assert lineage.of(name)
