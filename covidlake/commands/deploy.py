"""The commands that change a stack: deploy, rollback, history, destroy."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covidlake.base import console, project, workflow
from covidlake.base.clock import Clock
from covidlake.base.text import count
from covidlake.commands import options
from covidlake.commands.options import (
    AsJson,
    Bundle,
    Digest,
    Environment,
    ListFormat,
    Promoted,
    ShownList,
    Yes,
)

if TYPE_CHECKING:
    from covidlake.ship.deploy.deployment_record import Deployment
    from covidlake.ship.deploy.history import Record
    from covidlake.ship.plan.model import Plan

ReviewedPlan = Annotated[
    Path | None, typer.Option(metavar="FILE", help="The reviewed plan; anything else is refused.")
]
AllowDestructive = Annotated[
    list[str] | None,
    typer.Option(
        metavar="LOGICAL_ID",
        envvar="COVIDLAKE_ALLOW_DESTRUCTIVE",
        help="A stateful resource that may be deleted or replaced; repeat for more.",
    ),
]
AllowOlder = Annotated[
    bool,
    typer.Option(
        "--allow-older",
        envvar="COVIDLAKE_ALLOW_OLDER",
        help="Deploy a bundle of a commit that is older than the deployed one.",
    ),
]
Wait = Annotated[bool, typer.Option("--wait", help="Wait for an operation that already runs on the stack.")]
Skip = Annotated[
    list[str] | None,
    typer.Option(
        metavar="LOGICAL_ID", help="What a stuck rollback leaves as it is; only after a failed update."
    ),
]
TimeLimit = Annotated[
    float, typer.Option(min=0.1, metavar="MINUTES", help="For all waits together; after that, fail.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    options.add(app, {"deploy": deploy, "rollback": rollback, "history": history, "destroy": destroy})


def deploy(
    environment: Environment,
    bundle: Bundle = project.BUNDLE,
    plan: ReviewedPlan = None,
    allow_destructive: AllowDestructive = None,
    digest: Digest = None,
    wait: Wait = False,
    skip: Skip = None,
    allow_older: AllowOlder = False,
    time_limit: TimeLimit = 60.0,
    promoted: Promoted = False,
    as_json: AsJson = False,
) -> None:
    """Deploy a bundle to an environment with one change set, from whatever state its stack is in."""
    from covidlake.bundle import template_limits
    from covidlake.bundle.manifest import verify
    from covidlake.github import deploy_step
    from covidlake.live import watch
    from covidlake.ship.deploy.deploy import deploy
    from covidlake.ship.deploy.options import DeployOptions
    from covidlake.ship.stack.stack_inputs import StackInputs

    reviewed = _reviewed(plan, promoted)
    opened, clock = verify(bundle, digest or None), Clock(time_limit)
    options.warn_of_stale(bundle, opened)
    names = options.chosen(environment, promoted, opened.environments)
    for name in names:  # all of them before the first is deployed
        template_limits.check(StackInputs.checked(name, opened).bundle)
    for name in names:
        with deploy_step.recorded(name) as recorder:
            asked = DeployOptions(
                reviewed=reviewed,
                allow_destructive=allow_destructive or (),
                allow_older=allow_older,
                require_history=workflow.active(),
                wait_for_other=wait,
                skip=skip or (),
                time_limit=clock.left(),
                on_plan=recorder.planned,
            )
            with watch.followed(recorder.report, as_json, record=recorder.lines.append) as told:
                recorder.deployment = deploy(name, opened, told, asked)
        _say(recorder.deployment, as_json)
        if recorder.deployment.status == "NO_CHANGE" and (skip or allow_destructive):
            console.detail("nothing changed, so there was nothing to skip or to allow")


def _reviewed(file: Path | None, promoted: bool) -> Plan | None:
    from covidlake.ship.plan.plan_file import read_file

    if file is not None and promoted:
        raise typer.BadParameter("a plan is for one stack: leave --promoted out", param_hint="--plan")
    return None if file is None else read_file(file)


def rollback(
    environment: Environment,
    to: Annotated[
        str | None,
        typer.Option(metavar="DIGEST", help="A bundle of the history; default: the last one."),
    ] = None,
    allow_destructive: AllowDestructive = None,
    wait: Wait = False,
    skip: Skip = None,
    time_limit: TimeLimit = 60.0,
    as_json: AsJson = False,
) -> None:
    """Redeploy the last other bundle that was good there, as the artifact bucket keeps it."""
    from covidlake.github import deploy_step
    from covidlake.live import watch
    from covidlake.ship.deploy.options import DeployOptions
    from covidlake.ship.deploy.rollback import rollback

    with deploy_step.recorded(environment) as recorder:
        asked = DeployOptions(
            allow_destructive=allow_destructive or (),
            wait_for_other=wait,
            skip=skip or (),
            time_limit=time_limit,
            on_plan=recorder.planned,
        )
        with watch.followed(recorder.report, as_json, record=recorder.lines.append) as told:
            recorder.deployment = rollback(environment, told, to, asked)
    _say(recorder.deployment, as_json)


def history(
    environment: Environment,
    shown: ShownList = ListFormat.TABLE,
    limit: Annotated[int, typer.Option(min=1, help="How many, the newest first.")] = 20,
) -> None:
    """List what was deployed when, from which commit, by whom, and how it ended."""
    from covidlake.environment import environment_file
    from covidlake.ship.deploy.history import history

    records = history(environment, limit)
    if not records and project.bootstrap_of(environment) != project.PREVIEW:
        environment_file.load(environment)  # an unknown name is what is wrong then
    if shown is ListFormat.JSON:
        console.write(json.dumps([asdict(record) for record in records], indent=1))
    else:
        columns = ["ended (UTC)", "outcome", "bundle", "commit", "by", "cause"]
        console.show(columns, [_row(record) for record in records])


def _row(record: Record) -> list[str | None]:
    return [
        record.ended_at[:19],
        record.outcome,
        record.digest[:12],
        record.commit[:12] + ("-dirty" if record.commit.endswith("-dirty") else ""),
        record.by.split(":", 5)[-1],
        record.cause or None,
    ]


def destroy(environment: Environment, time_limit: TimeLimit = 60.0, yes: Yes = False) -> None:
    """Delete a throw-away stack with everything in its buckets; any other stack is refused.

    Asks first, or takes --yes where nobody can answer.
    """
    from covidlake.ship.deploy.destroy import destroy

    options.confirm(f"Delete {project.stack_name(environment)} with everything in its buckets?", yes)
    gone = destroy(environment, console.detail, time_limit)
    if gone.status == "ABSENT":
        console.say(f"{gone.stack_name}: there is no such stack")
    else:
        deleted = f"{count(len(gone.buckets), 'bucket')}, {count(gone.objects, 'object')} deleted"
        console.say(f"{gone.stack_name}: {gone.status}, {deleted}")


def _say(done: Deployment, as_json: bool = False) -> None:
    if as_json:
        from covidlake.live import watch

        found = {"stack": done.stack_name, "status": done.status, "digest": done.digest}
        watch.outcome({**found, "uploaded": done.uploaded})
        return
    ended = "no change" if done.status == "NO_CHANGE" else done.status
    sent = count(done.uploaded, "artifact")
    console.say(f"{done.stack_name}: {ended}, {sent} sent, bundle {done.digest[:12]}")
