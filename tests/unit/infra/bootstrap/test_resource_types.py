"""The types that CloudFormation may make are those of the main template."""

from __future__ import annotations

from typing import Any

from infra.bootstrap.resource_types import CONDITIONAL_TYPES, types


def test_cloudformation_knows_exactly_the_types_of_the_main_template(
    bootstrap: dict[str, Any], template: dict[str, Any]
) -> None:
    known = {kind for access in types() for kind in access.types} | set(CONDITIONAL_TYPES)
    assert known == {resource["Type"] for resource in template["Resources"].values()}
