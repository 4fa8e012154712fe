"""The described tables: found by their files, and chosen among those that an environment extracts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from covidlake.base.errors import DataSetError
from covidlake.dataset import tables
from covidlake.environment import environment_file

DEV = environment_file.load("segmentation/dev")
TWO = replace(DEV, parameters={**DEV.parameters, "Tables": "sales_orders, crm_customers"})


def test_each_file_is_a_table() -> None:
    assert [one.name for one in tables.described()] == tables.names()
    assert {(one.schema, one.table) for one in tables.described()} >= {
        ("sales", "orders"),
        ("crm", "customers"),
    }


def test_an_environment_extracts_all_or_some() -> None:
    assert tables.extracted(DEV) == tables.names()
    assert tables.extracted(TWO) == ["sales_orders", "crm_customers"]


def test_only_those_can_be_chosen() -> None:
    assert tables.chosen(["sales_orders", "sales_orders"], TWO) == ["sales_orders"]
    assert tables.chosen([], TWO) == ["sales_orders", "crm_customers"]
    with pytest.raises(DataSetError, match=r"parameter Tables in .*dev\.yaml leaves it out: add it"):
        tables.chosen(["sales_refunds"], TWO)
    with pytest.raises(DataSetError, match="no table 'orders': did you mean sales_orders"):
        tables.chosen(["orders"], TWO)
