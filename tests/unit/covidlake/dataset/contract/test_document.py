"""Contracts are valid by the standard's own schema, and name what the tables have."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from covidlake.dataset import descriptions
from covidlake.dataset.contract import document
from tests.unit.covidlake.dataset.contract.test_grades import BASE

# Of https://github.com/bitol-io/open-data-contract-standard, Apache License 2.0.
SCHEMA = Path(__file__).parents[4] / "facts" / "schemas" / "odcs-v3.1.0.json"


@pytest.fixture(scope="module")
def standard() -> Any:
    return jsonschema.Draft201909Validator(json.loads(SCHEMA.read_text()))


def test_every_contract_is_valid(standard: Any) -> None:
    described = [BASE, *map(descriptions.load, descriptions.names())]
    for one in described:
        standard.validate(document.of(one))


def test_the_schema_refuses_what_is_no_contract(standard: Any) -> None:
    """Else the test above could not fail."""
    made = document.of(BASE)
    made["schema"][0]["properties"][0]["logicalType"] = "text"
    with pytest.raises(jsonschema.ValidationError):
        standard.validate(made)


def test_tables_and_columns_are_those_of_the_catalog() -> None:
    made = document.of(BASE)
    tables = {table["name"]: [column["name"] for column in table["properties"]] for table in made["schema"]}
    assert list(tables) == ["feed", "feed_by_age", "feed_history"]
    assert tables["feed"] == [*BASE.table_columns, "month"]
    assert tables["feed_by_age"] == ["place", "day", "band", "age", "value", "month"]
    assert tables["feed_history"][-4:] == ["change", "superseded_at", "superseded_by", "month"]


def test_key_partition_and_nested_fields() -> None:
    columns = {column["name"]: column for column in document.of(BASE)["schema"][0]["properties"]}
    assert [name for name, one in columns.items() if one.get("primaryKey")] == ["place", "day"]
    assert columns["month"]["transformLogic"] == "day as yyyy-MM"
    inner = columns["bands"]["items"]["properties"]
    assert [(one["name"], one["logicalType"]) for one in inner] == [("age", "string"), ("value", "integer")]


def test_the_version_changes_with_the_contract_alone() -> None:
    from dataclasses import replace

    assert document.of(BASE)["version"] == document.of(replace(BASE))["version"]
    assert document.of(BASE)["version"] != document.of(replace(BASE, max_rejected=0.3))["version"]
