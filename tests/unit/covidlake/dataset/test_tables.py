"""The described tables: what templates are told of them, and which ones an environment extracts."""

from __future__ import annotations

import sys
import types
from dataclasses import replace

import pytest

import tables
from covidlake.base.errors import DataSetError
from covidlake.dataset.tables import chosen, described, extracted, names
from covidlake.environment import environment_file
from segmentation.errors import InvalidDescriptionError

DEV = environment_file.load("segmentation/dev")
TWO = replace(DEV, parameters={**DEV.parameters, "Tables": "sales_orders, crm_customers"})


def test_each_described_table_has_its_place_in_the_database() -> None:
    found = {one.name: f"{one.schema}.{one.table}" for one in described()}
    assert sorted(found) == tables.names() == names()
    assert found["crm_customers"] == "crm.customers"


def test_a_wrong_description_is_named_by_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = types.ModuleType("tables.crm_customers")
    monkeypatch.setitem(sys.modules, "tables.crm_customers", broken)
    with pytest.raises(
        DataSetError, match=r"jobs/tables/crm_customers\.py: InvalidDescriptionError: "
    ) as raised:
        described()
    assert isinstance(raised.value.__cause__, InvalidDescriptionError)


def test_an_environment_extracts_all_or_some() -> None:
    assert extracted(DEV) == names()
    assert extracted(TWO) == ["sales_orders", "crm_customers"]


def test_only_those_can_be_chosen() -> None:
    assert chosen(["sales_orders", "sales_orders"], TWO) == ["sales_orders"]
    assert chosen([], TWO) == ["sales_orders", "crm_customers"]
    with pytest.raises(DataSetError, match=r"parameter Tables in .*dev\.yaml leaves it out: add it"):
        chosen(["sales_refunds"], TWO)
    with pytest.raises(DataSetError, match="no table 'orders': did you mean sales_orders"):
        chosen(["orders"], TWO)
