"""A plan to read: as a table for the terminal, and what all its renderings share."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from covidlake.base import console
from covidlake.base.text import count as how_many
from covidlake.base.text import printable, shorten, shorten_pair
from covidlake.ship.plan import plan_risks

if TYPE_CHECKING:
    from rich.console import RenderableType

    from covidlake.ship.plan.live_drift import LiveValue
    from covidlake.ship.plan.model import Plan, ValueChange
    from covidlake.ship.plan.plan_risks import Risk
    from covidlake.ship.plan.resource_changes import PropertyChange, ResourceChange

MARKS = {
    "add": "+",
    "import": "+",
    "modify": "~",
    "may modify": "?",
    "replace": "±",
    "may replace": "±?",
    "remove": "-",
}
PHRASES = {
    "add": "to add",
    "import": "to import",
    "modify": "to modify",
    "may modify": "perhaps to modify",
    "replace": "to replace",
    "may replace": "perhaps to replace",
    "remove": "to remove",
}
RISK_TITLES = {"destructive": "Destructive", "public": "Access", "iam": "IAM"}
KNOWN_LATER = "{{changeSet:KNOWN_AFTER_APPLY}}"


def summary(plan: Plan) -> str:
    """`1 to add, 2 to modify; 1 destructive`, or that nothing changes."""
    if plan.is_empty:
        return "no change" + _drift_summary(plan) + _absent_summary(plan)
    counts = [f"{count} {PHRASES.get(verb, verb)}" for verb, count in plan.counts().items() if count]
    values = [(len(plan.parameters), "parameter"), (len(plan.tags), "stack tag")]
    counts += [f"{count} {noun}{'s' if count > 1 else ''} changed" for count, noun in values if count]
    kinds = [risk.kind for risk in plan_risks.risks(plan)]
    risks = [
        f"{kinds.count(kind)} {words}"
        for kind, words in (("destructive", "destructive"), ("public", "access"), ("iam", "IAM"))
        if kind in kinds
    ]
    return (
        ", ".join(counts)
        + (f"; call-outs: {', '.join(risks)}" if risks else "")
        + _drift_summary(plan)
        + _absent_summary(plan)
    )


def _drift_summary(plan: Plan) -> str:
    values = sum(one.matters for one in plan.drift or ())
    return f"; {values} live value{'s' if values > 1 else ''} changed by hand and not kept" if values else ""


def _absent_summary(plan: Plan) -> str:
    return f"; {how_many(len(plan.absent), 'artifact')} missing in the bucket" if plan.absent else ""


def absent_text(plan: Plan) -> str:
    """Which artifacts the bucket lacks, and what becomes of that; empty where none is missing."""
    names = ", ".join(name.rpartition("/")[2] for name in plan.absent)
    return f"Missing in the artifact bucket, a deploy sends it again: {names}" if names else ""


def title(plan: Plan) -> str:
    new = " (new stack)" if plan.kind == "CREATE" else ""
    mode = " (reverts drift)" if plan.mode == "REVERT_DRIFT" else ""
    return f"{plan.stack_name}{new}{mode}: {summary(plan)}"


def notes(plan: Plan) -> list[str]:
    """A line for each live value that is lost, each validation that did not pass, and what is not known."""
    drift = [f"changed by hand: {drift_text(one)}" for one in plan.drift or () if one.matters]
    checks = [f"validation {one.outcome}: {readable(str(one))}" for one in plan.validations]
    return [*drift, *checks, *(f"not known: {readable(line)}" for line in plan.unknown)]


def drift_text(one: LiveValue) -> str:
    """A live value on one line: what was deployed, what is there now, what becomes of it."""
    if not one.path:
        return f"{one.logical_id} ({one.type}): deleted, {one.effect}"
    deployed, live, after = drift_sides(one)
    then = f" with {after}" if one.effect == "overwritten" else ""
    return f"{one.logical_id}.{printable(one.path)}: deployed {deployed}, now {live}, {one.effect}{then}"


def drift_sides(one: LiveValue) -> tuple[str, str, str]:
    """What was deployed, is live, and comes, each as text to show."""
    deployed, live = shorten_pair(_text(one.deployed), _text(one.live))
    return deployed, live, shorten(_text(one.after))


def _text(value: Any) -> str:
    if value is None:
        return "-"
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)
    return readable(text)


def table(plan: Plan) -> RenderableType:
    """The plan for a terminal: call-outs, resources, properties that change, parameters and tags."""
    from rich.console import Group
    from rich.text import Text

    parts: list[RenderableType] = [Text(title(plan), style="bold")]
    for risk in plan_risks.risks(plan):
        style = "bold red" if risk.kind == "destructive" or "PUBLIC" in risk.text else "yellow"
        parts.append(Text(readable(risk_text(risk)), style=style))
    for one in plan.validations:
        style = "bold red" if one.refuses else "yellow"
        parts.append(Text(f"Validation {one.outcome}: {readable(str(one))}", style=style))
    parts += [Text(f"Not known: {readable(line)}", style="yellow") for line in plan.unknown]
    if plan.absent:
        parts.append(Text(absent_text(plan), style="bold red"))
    if plan.drift:
        columns = ["changed by hand", "deployed", "now", "template", "a deploy", "let pass"]
        parts.append(console.table(columns, [drift_row(one) for one in plan.drift]))
    if plan.resources:
        columns = ["", "action", "resource", "type", "physical id", "policy", "scope"]
        parts.append(console.table(columns, [_row(change) for change in plan.resources]))
    if rows := [_property_row(change, one) for change in _modified(plan) for one in change.properties]:
        parts.append(console.table(["resource", "property", "before", "after", "recreation"], rows))
    for noun, values in (("parameter", plan.parameters), ("stack tag", plan.tags)):
        if values:
            parts.append(console.table([noun, "before", "after"], [_value_row(one) for one in values]))
    return Group(*parts)


def risk_text(risk: Risk) -> str:
    return f"{RISK_TITLES[risk.kind]}: {risk.logical_id} ({risk.type}): {risk.text}"


def drift_row(one: LiveValue) -> list[str | None]:
    """One live value in a table."""
    place = f"{one.logical_id}.{one.path}" if one.path else one.logical_id
    sides = drift_sides(one) if one.path else ("there", "deleted", "there")
    return [printable(place), *sides, one.effect, printable(one.ignored) or None]


def _row(change: ResourceChange) -> list[str | None]:
    return [
        MARKS.get(change.verb, "*"),
        change.verb,
        change.logical_id,
        change.type,
        printable(change.physical_id) or None,
        change.policy_action or None,
        ", ".join(change.scope) or None,
    ]


def _modified(plan: Plan) -> list[ResourceChange]:
    """Those whose properties are worth a line each: what is added or removed is so as a whole."""
    return [change for change in plan.resources if change.action not in {"Add", "Remove"}]


def _property_row(change: ResourceChange, one: PropertyChange) -> list[str | None]:
    before, after = shorten_pair(value_text(one, one.before), value_text(one, one.after))
    return [change.logical_id, printable(one.path), before, after, one.recreation or None]


def _value_row(one: ValueChange) -> list[str | None]:
    return [
        printable(one.name),
        *(None if side is None else shorten(printable(side)) for side in (one.before, one.after)),
    ]


def value_text(one: PropertyChange, value: Any) -> str:
    """A property's value on one line; a dash where it has none, words where it is not known."""
    if not one.known:
        return f"(depends on {printable(one.cause)})" if one.cause else "(not known)"
    return _text(value)


def readable(text: str) -> str:
    """AWS's word for what it does not know yet, in ours; nothing that a terminal would act upon."""
    return printable(text.replace(KNOWN_LATER, "(known after the update)"))
