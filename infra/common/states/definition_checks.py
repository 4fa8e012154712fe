"""What is checked of the definition before CloudFormation sees it."""

from __future__ import annotations

import copy
import json
import re
from typing import Any, cast

# What AWS takes and statelint 3.1 does not know: newer fields, variables and context paths where it wants
# a reference path, JSONata in fields of numbers and times, fractions and whole numbers alike.
_FALSE_ALARM = re.compile(
    r'^Field "(Label|Assign|Credentials|ProcessorConfig|ItemBatcher|InputType|CSVHeaderLocation|CSVHeaders|'
    r'CSVDelimiter|ItemsPointer|ManifestType|WriterConfig)" not allowed in '
    r'|is "\{%.*%\}" but should be '
    r'|is "\$(\$?[A-Za-z_\$][^"]*|\.[^"]*-[^"]*)" but should be a (JSONPath|Reference Path)'
    r'|is "\$\$\.[^"]*" but should be a '
    r"|is (true|false) but should be a String$"
    r"|is [\d.]+ but should be an? (Float|Integer)$"
    r"|is 0 but allowed floor is 0$"
    r"|is not a JSONPath or intrinsic function"
)
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
            if state["Type"] == "Wait" and "Seconds" in state:
                state["Seconds"] = 1
            if "ItemProcessor" in state:
                machines.append(state["ItemProcessor"])
    return constant


def lint(machine: dict[str, Any]) -> list[str]:
    """What statelint finds wrong with a definition that AWS would refuse too, one sentence each.

    An empty list is a clean definition.
    """
    from statelint.linter import Linter  # only linting needs it, not building

    found = cast("list[str]", Linter.validate(_with_constant_waits(machine)))
    return [finding for finding in found if not _FALSE_ALARM.search(finding)]
