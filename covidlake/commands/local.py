"""The commands of the laptop: run, and the group local."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from covidlake.base import console
from covidlake.dataset.descriptions import MAIN

SOURCE_HELP = (
    "sample (made by us), public (copied from the public bucket), or a folder laid out like the bucket."
)

local_app = typer.Typer(help="The cloud on the laptop: start it, stop it, use it.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(run)
    for command in (up, down, reset, env):
        local_app.command()(command)
    app.add_typer(local_app, name="local")


def run(
    environment: Annotated[str, typer.Argument(help="A file name in environments/, without .yaml.")] = "dev",
    source: Annotated[str | None, typer.Option(help=SOURCE_HELP)] = None,
    timings: Annotated[Path | None, typer.Option(help="A file for the seconds of each stage.")] = None,
    datasets: Annotated[
        str, typer.Option(help="Data sets to ingest, comma separated; * for all of the environment.")
    ] = MAIN,
) -> None:
    """All of it on the laptop: build, lint, package, deploy, ingest, query."""
    from covidlake.laptop.loop import run

    run(environment, source or None, timings, datasets)


def up(source: Annotated[str | None, typer.Option(help=SOURCE_HELP)] = None) -> None:
    """Start the local cloud, with what was in it when it was stopped; give it its source objects."""
    from covidlake.laptop import local

    with local.attached(local.start()) as cloud:
        try:
            _say(local.fill_source(source or None, console.detail))
        except KeyboardInterrupt:
            console.detail("the cloud is up, its source not whole: make up fills it, make down stops it")
            raise
        _say(f"{cloud.endpoint_url} is up; use it with: " + 'eval "$(.venv/bin/covidlake local env)"')


def down() -> None:
    """Stop the local cloud; what is in it is kept."""
    from covidlake.laptop import local

    _say(local.control("down"))


def reset() -> None:
    """Throw away everything that is in the local cloud, running or not."""
    from covidlake.laptop import local

    _say(local.control("reset"))


def env() -> None:
    """Print the settings that point any AWS SDK or CLI at the local cloud, for eval "$(...)"."""
    from covidlake.laptop import local

    local.require_running()
    print(local.control("env"))  # noqa: T201


def _say(text: str) -> None:
    console.results.print(text, markup=False, highlight=False)
