"""The commands that show what would change: plan, compare, environments diff."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covidlake.base import console, project
from covidlake.base.errors import DeployError
from covidlake.base.markdown import code, table
from covidlake.commands import options
from covidlake.commands.options import Bundle, Environment, Format, Output, Promoted, Shown
from covidlake.github import actions

if TYPE_CHECKING:
    from rich.console import RenderableType

    from covidlake.bundle.manifest import Bundle as OpenedBundle
    from covidlake.cost.plan_cost import PlanCost
    from covidlake.environment.difference import Difference
    from covidlake.ship.plan.model import Plan
    from covidlake.ship.stack.change_set import Mode

Untrusted = Annotated[
    bool,
    typer.Option(
        "--untrusted",
        help="For the bundle of a pull request: refuse a template that planning alone would execute, and "
        "show no live values.",
    ),
]
WaitMinutes = Annotated[
    float, typer.Option(min=0.0, help="How long to wait while something else works on the stack.")
]
RevertDrift = Annotated[
    bool,
    typer.Option(
        "--revert-drift",
        help="Also plan to revert what was changed by hand; a deploy of this plan does it.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    options.add(app, {"plan": plan, "compare": compare})
    options.group(app, "environments", "The parameter files of the environments.", {"diff": diff})


def plan(
    environment: Environment,
    bundle: Bundle = project.BUNDLE,
    shown: Shown = Format.TABLE,
    output: Output = None,
    untrusted: Untrusted = False,
    wait_minutes: WaitMinutes = 10.0,
    revert_drift: RevertDrift = False,
    promoted: Promoted = False,
) -> None:
    """Show what a deploy would change in the real stack; nothing is deployed."""
    from covidlake.bundle.manifest import open_bundle
    from covidlake.cost import plan_cost
    from covidlake.ship.plan import plan_table
    from covidlake.ship.plan.plan import plan
    from covidlake.ship.plan.untrusted import check

    opened, documents = open_bundle(bundle), []
    if not untrusted:
        options.warn_of_stale(bundle, opened)
    names = options.chosen(environment, promoted, opened.environments)
    for name in names:
        if untrusted:
            check(opened.of(name))
        mode: Mode = "REVERT_DRIFT" if revert_drift else "STANDARD"
        found = plan(name, opened, console.detail, wait_minutes=wait_minutes, mode=mode)
        if untrusted:
            found = found.without_live_values()
        else:
            _warn_of_older(name, opened)
        content = _plan_content(found, shown, plan_cost.of_plan(found))
        if isinstance(content, str) and shown is Format.MARKDOWN:
            actions.summary(content)
        if isinstance(content, str) and shown is Format.JSON and output is None and len(names) > 1:
            documents.append(content.strip())
            continue
        written = options.file_of(output, environment, name)
        options.write_or_show(content, written, f"{plan_table.title(found)}; ")
    if documents:
        console.write(f"[{','.join(documents)}]")


def _warn_of_older(environment: str, opened: OpenedBundle) -> None:
    """Say so when a deploy would refuse the bundle, because a newer commit is deployed."""
    from covidlake.ship.deploy import ancestry
    from covidlake.ship.stack import stack, stack_inputs

    deployed = stack_inputs.deployed_commit(stack.describe(project.stack_name(environment)))
    if not deployed:
        return
    try:
        ancestry.refuse_older(opened.commit, deployed, console.detail)
    except DeployError as error:
        console.warning(str(error))


def compare(
    base: Annotated[Path, typer.Option(help="The template or the bundle to compare with.")],
    bundle: Bundle = project.BUNDLE,
    shown: Shown = Format.TABLE,
    output: Output = None,
) -> None:
    """Compare a bundle with another template, without any account; only a plan shows the real changes."""
    from covidlake.bundle.manifest import open_bundle
    from covidlake.ship.plan.compare import NOTE, compare

    content = _plan_content(compare(base, open_bundle(bundle)), shown)
    if isinstance(content, str) and shown is Format.MARKDOWN:
        content = NOTE + content
        actions.summary(content)
    options.write_or_show(content, output, "")


def _plan_content(found: Plan, shown: Format, cost: PlanCost | None = None) -> str | RenderableType:
    """The plan, and what it costs where that changes; a plan's file holds the plan alone."""
    from rich.console import Group

    from covidlake.cost import plan_words
    from covidlake.ship.plan import plan_file, plan_markdown, plan_table

    if shown is Format.JSON:
        return plan_file.to_json(found)
    if shown is Format.MARKDOWN:
        return plan_markdown.markdown(found, more=plan_words.markdown(cost) if cost else ())
    return Group(plan_table.table(found), *(plan_words.table(cost) if cost else ()))


def diff(first: Environment, second: Environment, shown: Shown = Format.TABLE) -> None:
    """Show the parameters and tags that differ between two environments."""
    from covidlake.environment import difference

    found = difference.diff(first, second)
    if shown is Format.JSON:
        console.write(json.dumps([one.to_json() for one in found], indent=1))
    elif not found:
        console.write("no difference")
    else:
        options.write_or_show(_difference_content(found, first, second, shown), None, "")


def _difference_content(
    found: list[Difference], first: str, second: str, shown: Format
) -> str | RenderableType:
    rows: list[list[str | None]] = [
        [one.kind, one.name, *(None if side is None else str(side) for side in (one.first, one.second))]
        for one in found
    ]
    if shown is Format.TABLE:
        return console.table(["kind", "name", first, second], rows)
    in_code = ([row[0], *(code(cell) if cell else None for cell in row[1:])] for row in rows)
    return table(["kind", "name", code(first), code(second)], in_code)
