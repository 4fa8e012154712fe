"""The described tables of the shop, as the pipeline finds them."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

import tables
from segmentation.errors import InvalidDescriptionError, UnknownTableError
from segmentation.join.job import INPUTS


def test_each_file_describes_the_table_of_its_name() -> None:
    found = {name: tables.load(name) for name in tables.names()}
    assert {name: one.mode for name, one in found.items()} == {
        "crm_customer_links": "full",
        "crm_customers": "upsert",
        "sales_exchange_rates": "full",
        "sales_monthly_revenue": "full",
        "sales_orders": "upsert",
        "sales_refunds": "append",
    }
    assert all(one.name == f"{one.schema}_{one.table}" and one.description for one in found.values())
    assert INPUTS.keys() <= found.keys()


def test_a_name_without_a_file_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(
        UnknownTableError, match="no table `orders`: the described ones are crm_customer_links,"
    ):
        tables.load("orders")


def test_a_file_that_assigns_no_table_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tables.sales_orders", SimpleNamespace(TABLE=7))  # type: ignore[misc]
    with pytest.raises(
        InvalidDescriptionError, match="must assign a Table of the name `sales_orders` to TABLE, not 7"
    ):
        tables.load("sales_orders")
