"""The commands `preview-stack deploy|delete|sweep`."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covidlake.base import console, project
from covidlake.base.errors import DeployError
from covidlake.github import actions

if TYPE_CHECKING:
    from covidlake.github.api import GitHub

Number = Annotated[int, typer.Argument(min=1, max=99_999_999, help="The pull request's number.")]
app = typer.Typer(help="A throw-away stack for a pull request.", no_args_is_help=True)


def register(parent: typer.Typer) -> None:
    """Add the commands to the command line."""
    parent.add_typer(app, name="preview-stack")


@app.command()
def deploy(
    number: Number,
    bundle: Annotated[Path, typer.Option(help="The bundle to deploy.")] = project.BUNDLE,
    digest: Annotated[
        str | None, typer.Option(envvar="COVIDLAKE_DIGEST", help="The digest that it must have.")
    ] = None,
    hours: Annotated[
        float, typer.Option(min=0.0, help="How long the stack lives after its last change.")
    ] = 72.0,
    head: Annotated[
        str | None,
        typer.Option(
            envvar="COVIDLAKE_HEAD",
            help="The commit that the bundle is of: with GITHUB_TOKEN, deploy only while it is the head of "
            "the open, labelled pull request.",
        ),
    ] = None,
) -> None:
    """Deploy a bundle to the pull request's own stack, made after dev's parameters."""
    from covidlake.bundle import manifest as bundles
    from covidlake.github import deploy_step, superseded
    from covidlake.ship.deploy import preview_stack
    from covidlake.ship.deploy.options import DeployOptions

    if head and (why := superseded.why(number, head, _github(), _unasked)):
        _noted(f"nothing is deployed: {why}")
        return
    with deploy_step.recorded(project.preview_environment(number)) as recorder:
        opened = bundles.verify(bundle, digest or None)
        done = preview_stack.deploy(
            number,
            opened,
            hours,
            recorder.report,
            DeployOptions(
                wait_for_other=True,
                time_limit=preview_stack.TIME_LIMIT_MINUTES,
                on_plan=recorder.planned,
            ),
        )
        recorder.deployment = done
    _say(f"{done.stack_name}: {done.status}, to live {hours:g} hours")


@app.command()
def delete(number: Number) -> None:
    """Delete the pull request's stack with all that it holds."""
    from covidlake.ship.deploy import preview_stack

    gone = preview_stack.delete(number, console.detail)
    _say(f"{gone.stack_name}: {gone.status}")


@app.command()
def sweep() -> None:
    """Delete stacks whose time is over, and with GITHUB_TOKEN those of closed pull requests."""
    from covidlake.github import superseded
    from covidlake.ship.deploy import preview_stack

    github = _github()
    if github is None:
        console.detail("GITHUB_TOKEN is not set: only the time to live counts")
    failed = []
    is_closed = None if github is None else partial(superseded.is_closed, github)
    for one in preview_stack.sweep(console.detail, is_closed):
        text = f"{one.stack_name}: {one.why}: {one.error or 'deleted'}"
        _say(text)
        actions.summary(f"- `{one.stack_name}`: {'not deleted, see the log' if one.error else 'deleted'}")
        failed += [one.stack_name] if one.error else []
    if failed:
        raise DeployError(f"{', '.join(failed)} could not be deleted: see above, then sweep again")


def _github() -> GitHub | None:
    from covidlake.github.api import GitHub

    return GitHub.from_environment() if os.environ.get("GITHUB_TOKEN") else None


def _unasked(text: str) -> None:
    actions.warning(text)
    console.detail(text)


def _noted(text: str) -> None:
    _say(text)
    actions.notice(text)
    actions.summary(text)


def _say(text: str) -> None:
    console.results.print(text, markup=False, highlight=False)
