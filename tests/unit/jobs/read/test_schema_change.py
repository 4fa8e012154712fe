"""Signs of a changed source in the names of its fields; without a Spark session."""

from __future__ import annotations

from dataclasses import replace

import pytest

import datasets
from ingestion.description import Column
from ingestion.errors import SchemaChangedError
from ingestion.read import schema_change

UK = datasets.load("uk_covid")


@pytest.mark.parametrize("name", ["AREA_NAME", "areaNames", "area name"])
def test_a_new_field_that_looks_like_a_missing_one_is_taken_for_a_rename(name: str) -> None:
    with pytest.raises(SchemaChangedError, match=f"field `areaName` is missing and `{name}` is new"):
        schema_change.check_renamed("a.json", [name], [Column("areaName", "string")], UK)


def test_a_new_field_that_looks_like_none_is_no_rename() -> None:
    schema_change.check_renamed("a.json", ["vaccinations"], [Column("areaName", "string")], UK)


def test_undescribed_fields_become_columns_in_one_order() -> None:
    assert schema_change.added_columns(["zeta", "Alpha beta"], UK) == ("Alpha beta", "zeta")


@pytest.mark.parametrize("name", ["AREANAME", "Month", "superseded at"])
def test_a_new_field_whose_column_exists_is_refused(name: str) -> None:
    described = replace(UK, history=True)
    with pytest.raises(SchemaChangedError, match=f"the new field `{name}` would be column"):
        schema_change.added_columns([name], described)
