"""Functions in conditions of templates are carried out before ministack compares."""

from __future__ import annotations

from typing import Any

import pytest

from localcloud.cloudformation.conditions import resolved

PARAMETERS = {"Schemas": "crm,sales", "Name": "shop"}


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"Fn::Sub": "${Schemas},,"}, "crm,sales,,"),
        ({"Fn::Split": [",", {"Fn::Sub": "${Schemas},"}]}, ["crm", "sales", ""]),
        ({"Fn::Join": ["-", ["a", {"Fn::Sub": "${Name}"}]]}, "a-shop"),
        ({"Fn::Sub": "${AWS::Region}"}, {"Fn::Sub": "${AWS::Region}"}),
        ({"Ref": "Name"}, {"Ref": "Name"}),
        ([{"Fn::Not": [{"Condition": "Other"}]}], [{"Fn::Not": [{"Condition": "Other"}]}]),
    ],
)
def test_what_parameters_give_is_known(given: Any, found: Any) -> None:
    assert resolved(given, PARAMETERS) == found


def test_the_second_of_several_is_selected_from_them() -> None:
    schemas = {"Fn::Split": [",", {"Fn::Sub": "${Schemas},,,"}]}
    assert resolved({"Fn::Select": [1, schemas]}, PARAMETERS) == {
        "Fn::Select": [1, ["crm", "sales", "", "", ""]]
    }
