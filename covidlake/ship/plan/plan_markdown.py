"""A plan as a comment on a pull request: values can neither break out of their place nor call anybody."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from covidlake.base.markdown import LIMIT, code, fit, plain, table_parts
from covidlake.base.text import shorten, shorten_pair
from covidlake.ship.plan import plan_risks, plan_table
from covidlake.ship.plan.plan_table import MARKS, RISK_TITLES, readable, value_text

if TYPE_CHECKING:
    from covidlake.ship.plan.model import Plan, ValueChange
    from covidlake.ship.plan.resource_changes import PropertyChange, ResourceChange

SHORT = 80
LONG = 2_000  # of one value in the details
CUT = "\n\n_Cut here: {left} more parts are in the JSON form of the plan._\n"


def markdown(plan: Plan, limit: int = LIMIT, more: Sequence[str] = ()) -> str:
    """The plan in GitHub's Markdown, at most `limit` characters: cut between two parts, with a note.

    The call-outs come first, so a cut takes the details of properties. `more` are parts that others add below
    the call-outs, such as what the plan costs.
    """
    return fit(list(_parts(plan, more)), limit, CUT)


def _parts(plan: Plan, more: Sequence[str]) -> Iterator[str]:
    """Parts that a cut may fall between: none leaves a table or an element open."""
    new = " (new stack)" if plan.kind == "CREATE" else ""
    new += " (reverts drift)" if plan.mode == "REVERT_DRIFT" else ""
    yield f"<!-- covidlake-plan:{re.sub('[^A-Za-z0-9_-]', '-', plan.environment)} -->\n"
    yield f"### Plan for {code(plan.environment)}: {code(plan.stack_name)}{new}\n\n"
    yield f"**{html.escape(plan_table.summary(plan))}**\n"
    yield f"\nbundle {code(plan.digest[:12])}, plan {code(plan.fingerprint()[:12])}\n"
    yield from _risk_parts(plan)
    yield from _note_parts(plan)
    yield from more
    yield from _drift_parts(plan)
    columns = ["", "action", "resource", "type", "physical id", "policy", "scope"]
    yield from table_parts(columns, map(_resource_row, plan.resources))
    yield from _value_parts("parameter", plan.parameters)
    yield from _value_parts("stack tag", plan.tags)
    yield from (_details(change) for change in plan.resources if change.properties)


def _risk_parts(plan: Plan) -> Iterator[str]:
    lead = "\n"
    for risk in plan_risks.risks(plan):
        text = code(shorten(readable(risk.text), LONG))
        mark = "⚠️ " if risk.kind == "destructive" or "PUBLIC" in risk.text else ""
        resource = f"{code(risk.logical_id)} {code(risk.type)}"
        yield f"{lead}- {mark}**{RISK_TITLES[risk.kind]}**: {resource}: {text}\n"
        lead = ""


def _note_parts(plan: Plan) -> Iterator[str]:
    """Validations that did not pass, and what is not known."""
    lead = "\n"
    for one in plan.validations:
        mark = "⚠️ " if one.outcome != "skipped" else ""
        text = code(shorten(readable(str(one)), LONG))
        yield f"{lead}- {mark}**Validation {one.outcome}**: {text}\n"
        lead = ""
    if plan.absent:
        yield f"{lead}- ⚠️ {html.escape(plan_table.absent_text(plan))}\n"
        lead = ""
    for line in plan.unknown:
        yield f"{lead}- **Not known**: {code(shorten(readable(line), LONG))}\n"
        lead = ""


def _drift_parts(plan: Plan) -> Iterator[str]:
    columns = ["⚠️ changed by hand", "deployed", "now", "template", "a deploy", "let pass"]
    rows = [plan_table.drift_row(one) for one in plan.drift or ()]
    return table_parts(columns, ([code(cell) if cell else None for cell in row] for row in rows))


def _resource_row(change: ResourceChange) -> list[str]:
    verb = f"**{change.verb}**" if change.verb in {"remove", "replace", "may replace"} else change.verb
    values = [
        change.logical_id,
        change.type,
        shorten(change.physical_id, SHORT),
        change.policy_action,
        ", ".join(change.scope),
    ]
    return [code(MARKS.get(change.verb, "*")), verb, *map(code, values)]


def _value_parts(noun: str, changes: Sequence[ValueChange]) -> Iterator[str]:
    rows = ([code(one.name), _optional(one.before), _optional(one.after)] for one in changes)
    return table_parts([noun, "before", "after"], rows)


def _optional(value: str | None) -> str | None:
    return None if value is None else code(shorten(value, SHORT)) or "(empty)"


def _details(change: ResourceChange) -> str:
    lines = "\n".join(line for one in change.properties for line in _property_lines(one))
    heading = f"{code(MARKS.get(change.verb, '*'))} {code(change.logical_id)} {code(change.type)}"
    return (
        f"\n<details><summary>{heading}: {_count(change)}</summary>\n\n"
        f'<pre lang="diff">\n{lines}\n</pre>\n\n</details>\n'
    )


def _count(change: ResourceChange) -> str:
    number = len(change.properties)
    return "1 property" if number == 1 else f"{number} properties"


def _property_lines(one: PropertyChange) -> Iterator[str]:
    """As a unified diff shows a changed line: a heading, what goes, what comes."""
    notes = [f"recreation {one.recreation}"] if one.recreation not in {"", "Never"} else []
    notes += [f"because of {one.cause}"] if one.cause else []
    yield plain(f"  {one.path}{' (' + ', '.join(notes) + ')' if notes else ''}")
    if not one.known:
        yield "! may change, CloudFormation does not say how"
        return
    before, after = shorten_pair(value_text(one, one.before), value_text(one, one.after), LONG)
    if one.before is not None:
        yield plain(f"- {before}")
    if one.after is not None:
        yield plain(f"+ {after}")
