"""Amazon DataZone: where the jobs send their events on lineage, if a domain is given."""

from __future__ import annotations

from typing import Any

from troposphere import Equals, If, Not, NoValue, Parameter, Ref

from infra.common.actions import TELL_LINEAGE
from infra.common.parameters import Group, text
from infra.common.policies import allow

PARAMETER = "DataZoneDomain"
CONDITION = "TellDataZone"
ARGUMENT = "--lineage_domain"  # of every job, where a domain is given


def parameters() -> Group:
    return "Where lineage is sent", [_domain()]


def _domain() -> Parameter:
    return text(
        PARAMETER,
        "Id of a domain of Amazon DataZone in this account and region, which gets the events on lineage; "
        "empty for none.",
        "",
        AllowedPattern="^$|^dzd[-_][a-zA-Z0-9_-]{1,36}$",
        ConstraintDescription="must be the id of a domain, such as dzd_4abc5defghijkl, or empty",
    )


def condition() -> Any:
    return Not(Equals(Ref(PARAMETER), ""))


def arguments() -> dict[str, Any]:
    """Of a job. Glue does not promise to pass an empty one on, so without a domain there is none."""
    return {ARGUMENT: If(CONDITION, Ref(PARAMETER), NoValue)}


def statement() -> If:
    """The statement that lets a job send events: AWS has no resource for the action."""
    return If(CONDITION, allow("TellDataZone", TELL_LINEAGE, "*"), NoValue)
