"""The commands of the laptop: run, and the group local."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from covidlake.base import console
from covidlake.commands import options
from covidlake.commands.options import AsJson, Environment

Source = Annotated[
    str | None,
    typer.Option(
        help="sample (made by us), public (copied from the public bucket), or a folder laid out like the "
        "bucket; for a database sample, or cdnow (real purchases, from a package that you install)."
    ),
]

Warm = Annotated[
    bool, typer.Option("--warm/--no-warm", help="Have a JVM start and warm up before the job asks for it.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    options.add(app, {"run": run})
    commands = {"up": up, "down": down, "reset": reset, "env": env}
    options.group(app, "local", "The cloud on the laptop: start it, stop it, use it.", commands)


def run(
    environment: Environment = "dev",
    source: Source = None,
    timings: Annotated[
        Path | None, typer.Option(dir_okay=False, help="A file for the seconds of each stage.")
    ] = None,
    datasets: Annotated[
        str | None,
        typer.Option(
            help="Data sets to ingest, comma separated; * for all of the environment. Default: uk_covid."
        ),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            envvar="COVIDLAKE_DATABASE",
            show_envvar=True,
            help="For the second pipeline: a PostgreSQL of your own, which is read, and gets one schema.",
        ),
    ] = None,
    warm: Warm = True,
    as_json: AsJson = False,
) -> None:
    """All of it on the laptop: build, lint, package, deploy, ingest, query.

    A cloud that local up keeps has or has no JVM that waits as local up was told.
    """
    from covidlake.laptop.loop import run
    from covidlake.laptop.pipelines.own_part import Wanted

    run(Wanted(environment, source, datasets, database or None), timings, warm, as_json)


def up(source: Source = None, warm: Warm = True) -> None:
    """Start the local cloud with everything that was in it; fill its source bucket."""
    from covidlake.laptop import local

    with local.attached(local.start(warm)) as cloud, local.reserved(console.detail):
        try:
            console.say(local.fill_source(source, console.detail))
        except KeyboardInterrupt:
            console.detail(
                "the cloud is up, but its source bucket is incomplete: make up fills it, make down stops it"
            )
            raise
        console.say(f'{cloud.endpoint_url} is up; use it with: eval "$(.venv/bin/covidlake local env)"')


def down() -> None:
    """Stop the local cloud and keep everything that is in it."""
    from covidlake.laptop import local

    console.say(local.control("down"))


def reset() -> None:
    """Throw away everything that is in the local cloud, running or not."""
    from covidlake.laptop import local

    console.say(local.control("reset"))


def env() -> None:
    """Print the settings that point AWS SDKs and the AWS CLI at the local cloud, for eval "$(...)"."""
    from covidlake.laptop import local

    local.require_running()
    console.write(local.control("env"))
