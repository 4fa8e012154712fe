"""The commands `plan` and `environments`."""

from __future__ import annotations

import io
import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covidlake.base import console, project
from covidlake.base.markdown import code, table
from covidlake.github import actions

if TYPE_CHECKING:
    from rich.console import RenderableType

    from covidlake.environment.difference import Difference
    from covidlake.ship.plan.plan import Plan

Environment = Annotated[str, typer.Argument(help="A file name in environments/, without .yaml.")]


class Format(StrEnum):
    """How a result is shown."""

    TABLE = "table"
    MARKDOWN = "markdown"
    JSON = "json"


Shown = Annotated[Format, typer.Option("--format", help="How to show it.")]
environments_app = typer.Typer(help="The parameter files of the environments.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.command()(plan)
    app.command()(compare)
    app.add_typer(environments_app, name="environments")


def plan(
    environment: Environment,
    bundle: Annotated[Path, typer.Option(help="The bundle to plan with.")] = project.BUNDLE,
    shown: Shown = Format.TABLE,
    output: Annotated[Path | None, typer.Option(help="A file to write it to instead.")] = None,
    untrusted: Annotated[
        bool,
        typer.Option(
            "--untrusted",
            help="For the bundle of a pull request: refuse a template that planning alone would execute, and "
            "show no live values.",
        ),
    ] = False,
    wait_minutes: Annotated[
        float, typer.Option(min=0.0, help="How long to wait while something else works on the stack.")
    ] = 10.0,
    revert_drift: Annotated[
        bool,
        typer.Option(
            "--revert-drift",
            help="Plan to bring back what was changed by hand too; a deploy of this plan does it.",
        ),
    ] = False,
) -> None:
    """Show what a deploy would change in the real stack; nothing is deployed."""
    from covidlake.bundle.manifest import open_bundle
    from covidlake.ship.plan import plan as verb
    from covidlake.ship.plan import plan_table

    opened = open_bundle(bundle)
    if untrusted:
        from covidlake.ship.plan import untrusted as checks

        checks.check(opened.of(environment))
    found = verb.plan(
        environment,
        opened,
        console.detail,
        wait_minutes=wait_minutes,
        mode="REVERT_DRIFT" if revert_drift else "STANDARD",
    )
    if untrusted:
        found = found.without_live_values()
    text = _plan_text(found, shown)
    if shown is Format.MARKDOWN:
        actions.summary(text)
    if output is None:
        console.results.out(text, end="", highlight=False)
    else:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, encoding="utf-8")
        console.results.out(f"{plan_table.title(found)}; written to {output}", highlight=False)


def compare(
    base: Annotated[Path, typer.Option(help="The template or the bundle to compare with.")],
    bundle: Annotated[Path, typer.Option(help="The bundle.")] = project.BUNDLE,
    shown: Shown = Format.TABLE,
    output: Annotated[Path | None, typer.Option(help="A file to write it to instead.")] = None,
) -> None:
    """Compare a bundle with another template, without any account; a plan is the real thing."""
    from covidlake.bundle.manifest import open_bundle
    from covidlake.ship.plan import compare as verb

    text = _plan_text(verb.compare(base, open_bundle(bundle)), shown)
    if shown is Format.MARKDOWN:
        text = verb.NOTE + text
        actions.summary(text)
    if output is None:
        console.results.out(text, end="", highlight=False)
    else:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, encoding="utf-8")
        console.results.out(f"written to {output}", highlight=False)


def _plan_text(found: Plan, shown: Format) -> str:
    from covidlake.ship.plan import plan_markdown, plan_table

    if shown is Format.JSON:
        return found.to_json()
    return plan_markdown.markdown(found) if shown is Format.MARKDOWN else _rendered(plan_table.table(found))


@environments_app.command()
def diff(
    first: Environment,
    second: Environment,
    shown: Shown = Format.TABLE,
) -> None:
    """Show the parameters and tags that differ between two environments."""
    from covidlake.environment import difference

    found = difference.diff(first, second)
    if shown is Format.JSON:
        text = json.dumps([one.to_json() for one in found], indent=1) + "\n"
    elif not found:
        text = "no difference\n"
    else:
        text = _difference_text(found, first, second, shown)
    console.results.out(text, end="", highlight=False)


def _difference_text(found: list[Difference], first: str, second: str, shown: Format) -> str:
    columns = ["kind", "name", first, second]
    rows: list[list[str | None]] = [
        [one.kind, one.name, *(None if side is None else str(side) for side in (one.first, one.second))]
        for one in found
    ]
    if shown is Format.TABLE:
        return _rendered(console.table(columns, rows))
    shown_rows = ([row[0], *(code(cell) if cell else None for cell in row[1:])] for row in rows)
    return table(["kind", "name", code(first), code(second)], shown_rows) + "\n"


def _rendered(shown: RenderableType) -> str:
    """As the terminal would show it; without colours where there is no terminal."""
    from rich.console import Console

    results = console.results
    text = io.StringIO()
    terminal = Console(file=text, width=results.width, force_terminal=results.is_terminal, emoji=False)
    terminal.print(shown)
    return text.getvalue()
