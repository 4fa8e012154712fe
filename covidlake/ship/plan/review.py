"""Whether a change set does only what was reviewed, and destroys only what was allowed by name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from covidlake.base.errors import DeployError
from covidlake.ship.plan import plan_risks
from covidlake.ship.plan.model import Plan

MOST_SHOWN = 5


def check(actual: Plan, reviewed: Plan | None, allowed: Collection[str]) -> None:
    """Raise `DeployError` unless a plan does what was reviewed, where something was, and what is allowed."""
    if reviewed is not None:
        check_reviewed(reviewed, actual)
    check_destructive(actual, allowed)


def check_reviewed(reviewed: Plan, actual: Plan) -> None:
    """Raise `DeployError`, saying what differs, unless both plans do the same to the same stack."""
    check_stack(reviewed, actual.stack_name, actual.environment)
    same = reviewed.fingerprint() == actual.fingerprint()
    if found := [*([] if same else differences(reviewed, actual)), *unreviewed_drift(reviewed, actual)]:
        more = f" (and {len(found) - MOST_SHOWN} more)" if len(found) > MOST_SHOWN else ""
        raise DeployError(
            f"stack {actual.stack_name}: not what was reviewed: {'; '.join(found[:MOST_SHOWN])}{more}: "
            f"review it again with: covidlake plan {actual.environment}"
        )


def check_stack(reviewed: Plan, stack_name: str, environment: str) -> None:
    """Raise `DeployError` for a plan that is of another stack."""
    if reviewed.stack_name != stack_name:
        raise DeployError(
            f"stack {stack_name}: the reviewed plan is for stack {reviewed.stack_name}: "
            f"review one with: covidlake plan {environment}"
        )


def check_destructive(plan: Plan, allowed: Collection[str]) -> None:
    """Raise `DeployError`, naming each, when a stateful resource goes that is not allowed to."""
    risks = plan_risks.destructive(plan)
    refused = {risk.logical_id: risk for risk in risks if risk.logical_id not in allowed}
    if not refused:
        return
    losses = "; ".join(f"{risk.logical_id} ({risk.type}): {risk.text}" for risk in refused.values())
    options = " ".join(f"--allow-destructive {name}" for name in refused)
    raise DeployError(f"stack {plan.stack_name}: destructive: {losses}: to allow it: {options}")


def unreviewed_drift(reviewed: Plan, actual: Plan) -> list[str]:
    """A line for each live value that would be overwritten and that the review did not show so.

    Empty where the review could not see live values: then a deploy only says them.
    """
    if reviewed.drift is None or actual.drift is None:
        return []
    seen = {(one.logical_id, one.path, str(one.live)) for one in reviewed.drift}
    return [
        f"{'.'.join(filter(None, (one.logical_id, one.path)))} was changed by hand since: {one.effect}"
        for one in actual.drift
        if one.matters and (one.logical_id, one.path, str(one.live)) not in seen
    ]


def differences(reviewed: Plan, actual: Plan) -> list[str]:
    """A line for each resource, parameter or tag that the two plans change differently."""
    found = [
        f"reviewed {before}, now {after}"
        for before, after in ((reviewed.kind, actual.kind), (reviewed.mode, actual.mode))
        if before != after
    ]
    for what, before, after in (
        ("resource", _by_name(reviewed.resources, "logical_id"), _by_name(actual.resources, "logical_id")),
        ("parameter", _by_name(reviewed.parameters, "name"), _by_name(actual.parameters, "name")),
        ("tag", _by_name(reviewed.tags, "name"), _by_name(actual.tags, "name")),
    ):
        found += [_difference(what, name, before, after) for name in _differing(before, after)]
    return found or ["the changes of its resources"]


def _by_name(items: Collection[Any], key: str) -> dict[str, Any]:
    return {getattr(item, key): item for item in items}


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    return [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]


def _difference(what: str, name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    if name not in before:
        return f"{what} {name} changes and was not in the plan"
    if name not in after:
        return f"{what} {name} was to change and no longer does"
    return f"{what} {name} changes in another way"
