"""Placeholders of the definition and their values match, or the build stops."""

from __future__ import annotations

from typing import Any

import pytest

from infra.common.states.definition_checks import check_substitutions, lint
from infra.common.states.resource import substitutions as common_substitutions
from infra.ingestion.states import SubstitutionError
from infra.ingestion.states.resource import substitutions
from tests.unit.infra.conftest import DESCRIBED


def test_substitutions_and_placeholders_match(machine: dict[str, Any]) -> None:
    check_substitutions(machine, {**common_substitutions(), **substitutions(DESCRIBED)})


@pytest.mark.parametrize(("change", "named"), [({"Extra": "x"}, "Extra"), ({"Topic": None}, "Topic")])
def test_a_substitution_too_many_or_too_few_stops_the_build(
    machine: dict[str, Any], change: dict[str, Any], named: str
) -> None:
    changed = {
        name: value
        for name, value in {**common_substitutions(), **substitutions(DESCRIBED), **change}.items()
        if value is not None
    }
    with pytest.raises(SubstitutionError, match=named):
        check_substitutions(machine, changed)


def _machine(state: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"StartAt": "A", "States": {"A": {"End": True, **state}}, **fields}


INNER = {"StartAt": "B", "States": {"B": {"Type": "Pass", "End": True}}}
READER = {
    "Resource": "arn:aws:states:::s3:getObject",
    "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["a"]},
    "Parameters": {"Bucket": "b", "Key": "k"},
}


@pytest.mark.parametrize(
    "machine",
    [
        _machine({"Type": "Pass", "Assign": {"v": 1}}),
        _machine({"Type": "Wait", "SecondsPath": "$seconds"}),
        _machine({"Type": "Map", "ItemsPath": "$.sub-values", "ItemProcessor": INNER}),
        _machine({"Type": "Map", "Label": "All", "ItemReader": READER, "ItemProcessor": INNER}),
        _machine({"Type": "Map", "ToleratedFailurePercentage": 0.5, "ItemProcessor": INNER}),
        {"StartAt": "A", "States": {"A": {"Type": "Fail", "ErrorPath": "$$.State.Name"}}},
    ],
)
def test_lint_says_nothing_of_what_aws_takes(machine: dict[str, Any]) -> None:
    assert lint(machine) == []


@pytest.mark.parametrize(
    ("machine", "finding"),
    [
        (_machine({"Type": "Pass", "Next": "X"}), "X"),
        (_machine({"Type": "Choice"}), "Choices"),
        (_machine({"Type": "Pass", "Nonsense": 1}), "Nonsense"),
        (_machine({"Type": "Wait", "SecondsPath": "seconds"}), "seconds"),
        ({"StartAt": "B", "States": {"A": {"Type": "Pass", "End": True}}}, "StartAt"),
    ],
)
def test_lint_says_what_is_surely_wrong(machine: dict[str, Any], finding: str) -> None:
    assert any(finding in one for one in lint(machine))
