"""What is checked of the definition before CloudFormation sees it."""

from __future__ import annotations

import copy
import json
import re
from typing import Any, cast

_PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")


class SubstitutionError(ValueError):
    """The placeholders of a definition and its substitutions do not match."""


def check_substitutions(machine: dict[str, Any], values: dict[str, Any]) -> None:
    """Raise SubstitutionError for a placeholder without a value, or a value without a placeholder.

    CloudFormation accepts both: the one leaves `${Name}` in the definition, the other hides a typing error.
    """
    placeholders = set(_PLACEHOLDER.findall(json.dumps(machine)))
    unbound, unused = sorted(placeholders - values.keys()), sorted(values.keys() - placeholders)
    if unbound or unused:
        raise SubstitutionError(
            f"state machine: placeholders without a substitution: {unbound}, "
            f"substitutions without a placeholder: {unused}; make the definition and its substitutions match"
        )


def _with_constant_waits(machine: dict[str, Any]) -> dict[str, Any]:
    """A copy with constant Waits: statelint 3.1 refuses a Wait's Seconds in JSONata, which AWS allows."""
    constant = copy.deepcopy(machine)
    machines = [constant]
    while machines:
        for state in machines.pop()["States"].values():
            if state["Type"] == "Wait":
                state["Seconds"] = 1
            if "ItemProcessor" in state:
                machines.append(state["ItemProcessor"])
    return constant


def lint(machine: dict[str, Any]) -> list[str]:
    """What statelint finds wrong with a definition, one sentence each; an empty list is a clean one."""
    from statelint.linter import Linter  # only linting needs it, not building

    return cast("list[str]", Linter.validate(_with_constant_waits(machine)))
