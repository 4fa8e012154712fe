"""The commands of deployments: deploy, rollback, history, destroy."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covidlake.base import console, project, workflow

if TYPE_CHECKING:
    from covidlake.ship.deploy.deployment_record import Deployment

Environment = Annotated[str, typer.Argument(help="A file name in environments/, without .yaml.")]
AllowDestructive = Annotated[
    list[str] | None,
    typer.Option(
        metavar="LOGICAL_ID",
        envvar="COVIDLAKE_ALLOW_DESTRUCTIVE",
        help="A stateful resource that may be deleted or replaced; repeat for more.",
    ),
]
Wait = Annotated[bool, typer.Option("--wait", help="Wait for an operation that runs on the stack already.")]
Skip = Annotated[
    list[str] | None,
    typer.Option(
        metavar="LOGICAL_ID", help="What a stuck rollback leaves as it is; only after a failed update."
    ),
]
TimeLimit = Annotated[
    float, typer.Option(min=0.1, metavar="MINUTES", help="For all waits together; then it is a failure.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    for command in (deploy, rollback, history, destroy):
        app.command()(command)


def deploy(
    environment: Environment,
    bundle: Annotated[Path, typer.Option(help="The bundle to deploy.")] = project.BUNDLE,
    plan: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The reviewed plan; anything else is refused.")
    ] = None,
    allow_destructive: AllowDestructive = None,
    digest: Annotated[
        str | None, typer.Option(envvar="COVIDLAKE_DIGEST", help="The digest that it must have.")
    ] = None,
    wait: Wait = False,
    skip: Skip = None,
    allow_older: Annotated[
        bool,
        typer.Option(
            "--allow-older",
            envvar="COVIDLAKE_ALLOW_OLDER",
            help="Deploy a bundle of a commit that is older than the deployed one.",
        ),
    ] = False,
    time_limit: TimeLimit = 60.0,
) -> None:
    """Deploy a bundle to an environment with one change set, from whatever state its stack is in."""
    from covidlake.bundle import manifest as bundles
    from covidlake.github import deploy_step
    from covidlake.ship.deploy.deploy import deploy as verb
    from covidlake.ship.deploy.options import DeployOptions

    reviewed = None
    if plan is not None:
        from covidlake.ship.plan.plan_file import read_file

        reviewed = read_file(plan)
    with deploy_step.recorded(environment) as recorder:
        recorder.deployment = verb(
            environment,
            bundles.verify(bundle, digest or None),
            recorder.report,
            DeployOptions(
                reviewed=reviewed,
                allow_destructive=allow_destructive or (),
                allow_older=allow_older,
                require_history=workflow.active(),
                wait_for_other=wait,
                skip=skip or (),
                time_limit=time_limit,
                on_plan=recorder.planned,
            ),
        )
    _say_deployment(recorder.deployment)


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
) -> None:
    """Redeploy the last other bundle that was good there, as the artifact bucket keeps it."""
    from covidlake.github import deploy_step
    from covidlake.ship.deploy.options import DeployOptions
    from covidlake.ship.deploy.rollback import rollback as verb

    with deploy_step.recorded(environment) as recorder:
        recorder.deployment = verb(
            environment,
            recorder.report,
            to,
            DeployOptions(
                allow_destructive=allow_destructive or (),
                wait_for_other=wait,
                skip=skip or (),
                time_limit=time_limit,
                on_plan=recorder.planned,
            ),
        )
    _say_deployment(recorder.deployment)


def history(
    environment: Environment,
    output: Annotated[str, typer.Option("--format", help="table or json.")] = "table",
    limit: Annotated[int, typer.Option(min=1, help="How many, the newest first.")] = 20,
) -> None:
    """List what was deployed when, from which commit, by whom, and how it ended."""
    from covidlake.ship.deploy.history import history as verb

    if output not in {"table", "json"}:
        raise typer.BadParameter(f"{output!r} is none of table, json", param_hint="--format")
    records = verb(environment, limit)
    if output == "json":
        print(json.dumps([asdict(record) for record in records], indent=1))  # noqa: T201
        return
    columns = ["ended (UTC)", "outcome", "bundle", "commit", "by", "cause"]
    rows: list[list[str | None]] = [
        [
            record.ended_at[:19],
            record.outcome,
            record.digest[:12],
            _short(record.commit),
            record.by.split(":", 5)[-1],
            record.cause or None,
        ]
        for record in records
    ]
    console.results.print(console.table(columns, rows))


def destroy(
    environment: Environment,
    time_limit: TimeLimit = 60.0,
) -> None:
    """Delete a throw-away stack with all that its buckets hold; any other stack is refused."""
    from covidlake.ship.deploy.destroy import destroy as verb

    gone = verb(environment, console.detail, time_limit)
    if gone.status == "ABSENT":
        _say(f"{gone.stack_name}: there is no such stack")
    else:
        _say(f"{gone.stack_name}: {gone.status}, {len(gone.buckets)} buckets, {gone.objects} objects deleted")


def _short(commit: str) -> str:
    head, dirty = commit[:12], commit.endswith("-dirty")
    return f"{head}-dirty" if dirty else head


def _say_deployment(deployed: Deployment) -> None:
    ended = "no change" if deployed.status == "NO_CHANGE" else deployed.status
    _say(f"{deployed.stack_name}: {ended}, {deployed.uploaded} artifacts sent, bundle {deployed.digest[:12]}")


def _say(text: str) -> None:
    console.results.print(text, markup=False, highlight=False)
