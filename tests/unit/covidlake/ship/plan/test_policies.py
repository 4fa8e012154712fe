"""Statements of policies are compared whole and described in one line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from covidlake.ship.plan import policies

READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}


def text(**statement: Any) -> str:
    return json.dumps(statement)


@pytest.mark.parametrize(
    "document", [{"Statement": READ}, {"Statement": [READ, READ]}, json.dumps({"Statement": [READ]})]
)
def test_a_statement_is_the_same_in_any_form_of_the_document(document: Any) -> None:
    assert policies.permissions({"PolicyDocument": document}) == {json.dumps(READ, sort_keys=True)}
    assert policies.trust({"AssumeRolePolicyDocument": document}) == policies.permissions(
        {"Policies": [{"PolicyDocument": document}]}
    )


@pytest.mark.parametrize("properties", [{}, {"Policy": "no json"}, {"Policies": ["x"]}, {"Policy": 3}])
def test_what_holds_no_statement_grants_nothing(properties: dict[str, Any]) -> None:
    assert policies.permissions(properties) == set()


@pytest.mark.parametrize(
    ("statement", "openness"),
    [
        (text(Effect="Allow", Principal="*"), ", PUBLIC"),
        (text(Effect="Allow", Principal={"AWS": ["1", "*"]}), ", PUBLIC"),
        (text(Effect="Allow", NotPrincipal={"AWS": "1"}), ", PUBLIC"),
        (
            text(Effect="Allow", Principal="*", Condition={"Bool": {}}),
            ", to everybody whom its condition admits",
        ),
        (text(Effect="Deny", Principal="*"), ""),
        (text(Effect="Allow", Principal={"AWS": "1"}), ""),
    ],
)
def test_a_statement_that_lets_everybody_in_is_public(statement: str, openness: str) -> None:
    assert policies.openness(statement) == openness


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        (json.dumps(READ), "Allow s3:GetObject on arn:aws:s3:::b/*"),
        (text(Effect="Deny", NotAction=["a", "b"], Resource="*"), "Deny everything but a, b on *"),
        (
            text(Action="sts:AssumeRole", Principal={"Service": "x", "AWS": ["1", "2"]}),
            "Allow sts:AssumeRole for AWS 1, 2, Service x",
        ),
        (
            text(Effect="Allow", Action="a", Condition={"Bool": {"b": "true"}}),
            'Allow a if {"Bool": {"b": "true"}}',
        ),
        (text(Effect="Allow", Action="a", Resource={"Fn::Sub": "x"}), "Allow a on Fn::Sub x"),
    ],
)
def test_a_statement_is_described_in_one_line(statement: str, line: str) -> None:
    assert policies.describe(statement) == line
