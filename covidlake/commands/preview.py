"""The commands `preview-stack deploy|delete|sweep`."""

from __future__ import annotations

import os
import re
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from covidlake.base import console, project
from covidlake.base.errors import DeployError
from covidlake.base.text import printable, shorten
from covidlake.commands import options
from covidlake.commands.options import Bundle, Digest
from covidlake.github import actions

if TYPE_CHECKING:
    from covidlake.github.api import GitHub


def _number(given: str) -> int:
    """The number of a pull request; raises `typer.BadParameter` for anything else."""
    if re.fullmatch(r"[1-9][0-9]{0,7}", given) is None:
        shown = shorten(printable(given))
        raise typer.BadParameter(f"{shown!r} is no number of a pull request, such as 42")
    return int(given)


Number = Annotated[int, typer.Argument(parser=_number, help="The pull request's number.")]
Hours = Annotated[
    float, typer.Option(min=0.0, max=720.0, help="How long the stack lives after its last change.")
]
Head = Annotated[
    str | None,
    typer.Option(
        envvar="COVIDLAKE_HEAD",
        help="The commit of the bundle: with GITHUB_TOKEN, deploy only while it is the head of the open, "
        "labelled pull request.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    purpose = "A throw-away stack for a pull request."
    options.group(app, "preview-stack", purpose, {"deploy": deploy, "delete": delete, "sweep": sweep})


def deploy(
    number: Number,
    bundle: Bundle = project.BUNDLE,
    digest: Digest = None,
    hours: Hours = 72.0,
    head: Head = None,
) -> None:
    """Deploy a bundle to the pull request's own stack, with dev's parameters."""
    from covidlake.bundle.manifest import verify
    from covidlake.github import deploy_step, superseded
    from covidlake.ship.deploy import preview_stack
    from covidlake.ship.deploy.options import DeployOptions

    if head and (why := superseded.why(number, head, _github(), _warn)):
        _notice(f"nothing is deployed: {why}")
        return
    with deploy_step.recorded(project.preview_environment(number)) as recorder:
        asked = DeployOptions(
            wait_for_other=True,
            time_limit=preview_stack.TIME_LIMIT_MINUTES,
            on_plan=recorder.planned,
        )
        opened = verify(bundle, digest or None)
        done = preview_stack.deploy(number, opened, hours, recorder.report, asked)
        recorder.deployment = done
    console.say(f"{done.stack_name}: {done.status}, lives {hours:g} hours")


def delete(number: Number) -> None:
    """Delete the pull request's stack with everything in it."""
    from covidlake.ship.deploy.preview_stack import delete

    gone = delete(number, console.detail)
    console.say(f"{gone.stack_name}: {gone.status}")


def sweep() -> None:
    """Delete the stacks that have expired and, with GITHUB_TOKEN, those of closed pull requests."""
    from covidlake.github.superseded import is_closed
    from covidlake.ship.deploy.preview_stack import sweep

    github = _github()
    if github is None:
        console.detail("GITHUB_TOKEN is not set: only the time to live counts")
    failed = []
    for one in sweep(console.detail, None if github is None else partial(is_closed, github)):
        console.say(f"{one.stack_name}: {one.why}: {one.error or 'deleted'}")
        actions.summary(f"- `{one.stack_name}`: {'not deleted, see the log' if one.error else 'deleted'}")
        failed += [one.stack_name] if one.error else []
    if failed:
        raise DeployError(f"{', '.join(failed)} could not be deleted: see above, then sweep again")


def _github() -> GitHub | None:
    from covidlake.github.api import GitHub

    return GitHub.from_environment() if os.environ.get("GITHUB_TOKEN") else None


def _warn(text: str) -> None:
    actions.warning(text)
    console.detail(text)


def _notice(text: str) -> None:
    console.say(text)
    actions.notice(text)
    actions.summary(text)
