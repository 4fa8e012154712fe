"""Placeholders of the definition and their values match, or the build stops."""

from __future__ import annotations

from typing import Any

import pytest

from infra.common.states.definition_checks import check_substitutions
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
