"""What templates are told of the described tables."""

from __future__ import annotations

import sys
import types

import pytest

import tables
from covidlake.base.errors import DataSetError
from covidlake.dataset.tables import described
from segmentation.errors import InvalidDescriptionError


def test_each_described_table_has_its_place_in_the_database() -> None:
    found = {one.name: f"{one.schema}.{one.table}" for one in described()}
    assert sorted(found) == tables.names()
    assert found["crm_customers"] == "crm.customers"


def test_a_wrong_description_is_named_by_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = types.ModuleType("tables.crm_customers")
    monkeypatch.setitem(sys.modules, "tables.crm_customers", broken)
    with pytest.raises(
        DataSetError, match=r"jobs/tables/crm_customers\.py: InvalidDescriptionError: "
    ) as raised:
        described()
    assert isinstance(raised.value.__cause__, InvalidDescriptionError)
