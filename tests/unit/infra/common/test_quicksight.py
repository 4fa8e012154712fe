from __future__ import annotations

import json
from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from infra.common import quicksight, runs
from infra.common.code_locations import CodeLocations
from infra.common.pipeline import DescribedDataSet
from infra.ingestion.template import build_template
from tests.unit.infra.intrinsics import resolve

COLUMNS = (
    ("areacode", "string"),
    ("date", "date"),
    ("cases", "bigint"),
    ("rate", "decimal(9,2)"),
    ("ages", "array<struct<age:string,value:bigint>>"),
)
DESCRIBED = [DescribedDataSet("uk_covid", (), COLUMNS), DescribedDataSet("without_columns")]
REFS = {"Database": "covid_lake_dev", "WorkGroup": "covid-lake-dev", quicksight.PARAMETER: "arn:user"}


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(
        json.dumps(build_template(CodeLocations.local(), DESCRIBED).to_dict())
    )
    return parsed


@pytest.fixture(scope="module")
def resources(made: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        title: one for title, one in made["Resources"].items() if one["Type"].startswith("AWS::QuickSight::")
    }


def test_nothing_is_made_unless_somebody_is_named(
    made: dict[str, Any], resources: dict[str, dict[str, Any]]
) -> None:
    assert made["Parameters"][quicksight.PARAMETER]["Default"] == ""
    assert made["Conditions"][quicksight.CONDITION] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": quicksight.PARAMETER}, ""]}]
    }
    assert {one["Condition"] for one in resources.values()} == {quicksight.CONDITION}


def test_the_tables_with_columns_and_the_executions_have_data_sets(
    resources: dict[str, dict[str, Any]],
) -> None:
    assert set(resources) == {
        quicksight.SOURCE,
        quicksight.BOARD,
        "QuickSightRunsDataSet",
        "QuickSightUkCovidDataSet",
    }


def test_a_data_set_has_the_columns_that_quicksight_reads(resources: dict[str, dict[str, Any]]) -> None:
    tables = resources["QuickSightUkCovidDataSet"]["Properties"]["PhysicalTableMap"]
    (table,) = (one["RelationalTable"] for one in tables.values())
    assert (table["Name"], table["Schema"]) == ("uk_covid", {"Ref": "Database"})
    assert {one["Name"]: one["Type"] for one in table["InputColumns"]} == {
        "areacode": "STRING",
        "date": "DATETIME",
        "cases": "INTEGER",
        "rate": "DECIMAL",
    }


def test_nobody_else_sees_it_and_who_sees_it_changes_nothing(resources: dict[str, dict[str, Any]]) -> None:
    for one in resources.values():
        (permission,) = one["Properties"]["Permissions"]
        assert permission["Principal"] == {"Ref": quicksight.PARAMETER}
        verbs = {action.removeprefix("quicksight:") for action in permission["Actions"]}
        assert all(verb.startswith(("Describe", "List", "Pass", "Query")) for verb in verbs)


def test_a_data_set_asks_athena_and_copies_nothing(resources: dict[str, dict[str, Any]]) -> None:
    source = resources[quicksight.SOURCE]["Properties"]
    assert source["DataSourceParameters"] == {"AthenaParameters": {"WorkGroup": {"Ref": "WorkGroup"}}}
    modes = [one["Properties"].get("ImportMode") for one in resources.values()]
    assert {mode for mode in modes if mode} == {"DIRECT_QUERY"}


def columns_in(value: Any) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        own = [(value["DataSetIdentifier"], value["ColumnName"])] if "ColumnName" in value else []
        return [*own, *(pair for one in value.values() for pair in columns_in(one))]
    return [pair for one in value for pair in columns_in(one)] if isinstance(value, list) else []


def test_the_dashboard_draws_columns_of_its_data_sets(resources: dict[str, dict[str, Any]]) -> None:
    definition = resources[quicksight.BOARD]["Properties"]["Definition"]
    declared = {one["Identifier"] for one in definition["DataSetIdentifierDeclarations"]}
    assert declared == {"runs", "uk_covid"}
    known = {"runs": set(runs.COLUMNS), "uk_covid": {name for name, _ in COLUMNS}}
    drawn = columns_in(definition["Sheets"])
    assert len(drawn) > 5
    assert all(column in known[table] for table, column in drawn)
    visuals = [visual for sheet in definition["Sheets"] for visual in sheet["Visuals"]]
    titles = [one["Title"]["FormatText"]["PlainText"] for visual in visuals for one in visual.values()]
    assert titles[-1] == "Rows of uk_covid"


def test_each_resource_is_what_its_provider_schema_says(resources: dict[str, dict[str, Any]]) -> None:
    for title, one in resources.items():
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", one["Type"]).schema
        arns = {f"{name}.Arn": "arn" for name in resources}
        stack = {"AWS::StackName": "covid-lake-dev"}
        properties = resolve(one["Properties"], {**REFS, **arns, **stack}, {})
        assert list(problems(properties, schema, schema, title)) == []


def problems(value: Any, part: dict[str, Any], schema: dict[str, Any], path: str) -> Any:
    """What does not hold of the types, the required and the known properties, and the listed values."""
    while "$ref" in part:
        part = schema["definitions"][part["$ref"].rpartition("/")[2]]
    kinds = {"object": dict, "array": list, "string": str, "boolean": bool, "number": int | float}
    kind = part.get("type", "object")
    if isinstance(kind, str) and not isinstance(value, kinds.get(kind, object)):  # type: ignore[arg-type]
        yield f"{path}: not {kind}"
    if "enum" in part and value not in part["enum"]:
        yield f"{path}: {value} is not one of {part['enum']}"
    if isinstance(value, list):
        for index, one in enumerate(value):
            yield from problems(one, part.get("items", {}), schema, f"{path}/{index}")
    if isinstance(value, dict):
        yield from (f"{path}: without {name}" for name in part.get("required", []) if name not in value)
        known = part.get("properties", {})
        for name, one in value.items():
            patterns = list(part.get("patternProperties", {}).values())
            if name in known or patterns:
                yield from problems(one, known.get(name) or patterns[0], schema, f"{path}/{name}")
            elif part.get("additionalProperties") is False:
                yield f"{path}: {name} is not known"


@pytest.mark.parametrize(
    "broken",
    [
        {"Name": 7, "Type": "ATHENA"},
        {"Name": "a"},
        {"Name": "a", "Type": "ODD"},
        {"Name": "a", "Type": "ATHENA", "X": 1},
    ],
)
def test_the_check_by_the_schema_finds_what_is_wrong(broken: dict[str, Any]) -> None:
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", "AWS::QuickSight::DataSource").schema
    assert list(problems(broken, schema, schema, "source")) != []
