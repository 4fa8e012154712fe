"""A secret is masked wherever it ends up, and nothing else is."""

from __future__ import annotations

from typing import Any

import pytest

from covidlake.ship.plan.secrets import MASK, Secrets

TEMPLATE = {
    "Parameters": {"Password": {"NoEcho": True}, "Pin": {"NoEcho": "true"}, "Team": {"Type": "String"}},
    "Resources": {
        "Function": {
            "Properties": {
                "Environment": {
                    "Variables": {"TOKEN": {"Fn::Sub": "x-${Password}"}, "TEAM": {"Ref": "Team"}}
                },
                "Layers": [{"Ref": "Password"}, "plain"],
                "Definition": {"Secret": {"Ref": "Password"}},
            }
        }
    },
}
SECRETS = Secrets.of(TEMPLATE, {"Password": "hunter22!", "Pin": "12", "Team": "data"})


def test_only_parameters_without_echo_are_secret() -> None:
    assert SECRETS.parameters == {"Password", "Pin"}
    assert SECRETS.values == {"hunter22!", "12"}


@pytest.mark.parametrize(
    ("path", "value", "masked"),
    [
        ("Environment.Variables.TOKEN", "older", MASK),
        ("Environment.Variables.TEAM", "data", "data"),
        (
            "Environment",
            {"Variables": {"TOKEN": "a", "TEAM": "b"}},
            {"Variables": {"TOKEN": MASK, "TEAM": "b"}},
        ),
        ("Layers", ["a", "hunter22!"], [MASK, MASK]),
        ("Layers.0", "a", MASK),
        ("Definition", '{"Secret": "older"}', MASK),
        ("Description", "it is hunter22!", f"it is {MASK}"),
        ("Description", "room 12", "room 12"),
        ("Description", "12", MASK),
        ("Timeout", 60, 60),
        ("Timeout", None, None),
        ("MasterUserPassword", "older", MASK),
        ("MasterUserPassword", "{{resolve:secretsmanager:x}}", "{{resolve:secretsmanager:x}}"),
    ],
)
def test_a_value_is_masked_by_its_place_or_by_what_it_holds(path: str, value: Any, masked: Any) -> None:
    assert SECRETS.mask_at("Function", path.split("."), value) == masked


def test_another_resource_has_no_secret_places() -> None:
    assert SECRETS.mask("Other", {"Layers": ["a"], "Password": "b"}) == {"Layers": ["a"], "Password": MASK}
