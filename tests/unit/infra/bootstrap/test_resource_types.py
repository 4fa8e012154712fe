"""The types that CloudFormation may make are those of the pipelines' templates."""

from __future__ import annotations

from typing import Any

from infra.bootstrap.resource_types import CONDITIONAL_TYPES, types


def test_cloudformation_knows_exactly_the_types_of_the_templates(
    template: dict[str, Any], segmentation: dict[str, Any]
) -> None:
    known = {kind for access in types() for kind in access.types} | set(CONDITIONAL_TYPES)
    made = [*template["Resources"].values(), *segmentation["Resources"].values()]
    assert known == {resource["Type"] for resource in made}
