"""The command line `covidlake`: one verb a command, each imported only when it is called."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from covidlake import _console, _project
from covidlake._errors import CovidLakeError, from_aws

app = typer.Typer(
    name="covidlake",
    help="Build, ship, run and report the Covid lake, on AWS or on the laptop.",
    epilog="Exit codes: 0 done, 1 other failure, 2 wrong usage, 3 a file of the repository is wrong, "
    "4 the cloud cannot be reached or refuses, 5 no source objects, 6 not deployed, "
    "7 ingestion not succeeded, 8 query failed, 130 interrupted.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
local_app = typer.Typer(help="The cloud on the laptop: start it, stop it, use it.", no_args_is_help=True)
app.add_typer(local_app, name="local")

INTERRUPTED = 130
Environment = Annotated[str, typer.Argument(help="A file name in environments/, without .yaml.")]
SOURCE_HELP = (
    "sample (made by us), public (copied from the public bucket), or a folder laid out like the bucket."
)


@app.command()
def build() -> None:
    """Write the CloudFormation template to build/template.json."""
    from covidlake.build import build

    built = build()
    _say(f"{_project.relative(built.path)}: {built.resources} resources, {built.size:,} bytes")


@app.command()
def lint() -> None:
    """Check the built template, the state machine and the parameter files."""
    from covidlake.build import build
    from covidlake.lint import lint

    build()
    _say(f"passed: {lint().summary}")


@app.command()
def package() -> None:
    """Make the bundle that every environment gets: template, artifacts, parameter files, manifest."""
    from covidlake.package import package

    bundle = package()
    _say(f"{_project.relative(bundle.folder)}: {len(bundle.manifest)} files, digest {bundle.digest}")


@app.command()
def deploy(
    environment: Environment,
    bundle: Annotated[Path, typer.Option(help="The bundle to deploy.")] = _project.BUNDLE,
) -> None:
    """Deploy a bundle to an environment with one change set."""
    from covidlake.deploy import deploy
    from covidlake.package import open_bundle

    deployed = deploy(environment, open_bundle(bundle), _console.detail)
    _say(f"{deployed.stack_name}: {deployed.status}, {deployed.uploaded} artifacts sent")


@app.command()
def ingest(
    environment: Environment,
    dataset: Annotated[
        list[str] | None, typer.Option(help="A data set; repeat for more. Default: all.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Rebuild everything from the source.")] = False,
    name: Annotated[
        str | None, typer.Option(help="The execution's name; a second start finds the first.")
    ] = None,
) -> None:
    """Start the ingestion and follow it to its end."""
    from covidlake import ingest as verb

    mode = "full" if full else "incremental"
    ended = verb.ingest(environment, _console.detail, dataset or (), mode, name)
    for outcome in verb.outcomes(ended):
        _say(verb.outcome_text(outcome))


@app.command()
def status(environment: Environment) -> None:
    """Show the stack, its last executions, the crawler and the tables."""
    from covidlake.status import status

    found = status(environment)
    _say(f"stack {found.stack.name}: {found.stack.status}")
    _say(f"crawler {found.crawler}")
    _show(["execution", "status", "started", "seconds"], found.executions)
    _show(["table", "columns", "partitions", "location"], found.tables)
    for name, value in sorted(found.stack.outputs.items()):
        _say(f"{name:<26} {value}")


@app.command()
def query(
    environment: Environment,
    sql: Annotated[str | None, typer.Argument(help="A statement; default: the data set's question.")] = None,
    dataset: Annotated[
        str, typer.Option(help="Whose question to ask when no statement is given.")
    ] = "uk_covid",
    output: Annotated[str, typer.Option("--format", help="table, csv or json.")] = "table",
) -> None:
    """Ask Athena and show the answer."""
    from covidlake import datasets
    from covidlake.query import query

    if output not in {"table", "csv", "json"}:
        raise typer.BadParameter(f"{output!r} is none of table, csv, json", param_hint="--format")
    answer = query(environment, sql or datasets.load(dataset).question)
    if output == "table":
        _show(answer.columns, answer.rows)
    elif output == "json":
        print(json.dumps([dict(zip(answer.columns, row, strict=True)) for row in answer.rows], indent=1))  # noqa: T201
    else:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([answer.columns, *answer.rows])
        print(text.getvalue(), end="")  # noqa: T201


@app.command()
def notifications(environment: Environment) -> None:
    """Show, once, what the environment's topic has told since the last look (from now on, at the first)."""
    from covidlake.notifications import receive, subscribe

    subscribe(environment)
    messages = receive(environment, wait_seconds=1)
    for message in messages:
        _say(f"{message.subject}\n{message.message}\n")
    if not messages:
        _say("nothing new was told")


@app.command()
def run(
    environment: Annotated[str, typer.Argument(help="A file name in environments/, without .yaml.")] = "dev",
    source: Annotated[str | None, typer.Option(help=SOURCE_HELP)] = None,
    timings: Annotated[Path | None, typer.Option(help="A file for the seconds of each stage.")] = None,
) -> None:
    """All of it on the laptop: build, lint, package, deploy, ingest, query."""
    from covidlake.run import run

    run(environment, source or None, timings)


@local_app.command()
def up(source: Annotated[str | None, typer.Option(help=SOURCE_HELP)] = None) -> None:
    """Start the local cloud, with what was in it when it was stopped; give it its source objects."""
    from covidlake import local

    with local.attached(local.start()) as cloud:
        _say(local.fill_source(source or None, _console.detail))
        _say(f"{cloud.endpoint_url} is up; use it with: " + 'eval "$(.venv/bin/covidlake local env)"')


@local_app.command()
def down() -> None:
    """Stop the local cloud; what is in it is kept."""
    from covidlake import local

    _say(local.control("down"))


@local_app.command()
def reset() -> None:
    """Throw away everything that is in the local cloud, running or not."""
    from covidlake import local

    _say(local.control("reset"))


@local_app.command()
def env() -> None:
    """Print the settings that point any AWS SDK or CLI at the local cloud, for eval "$(...)"."""
    from covidlake import local

    local.require_running()
    print(local.control("env"))  # noqa: T201


def _say(text: str) -> None:
    _console.results.print(text, markup=False, highlight=False)


def _show(columns: list[str], rows: list[list[str | None]]) -> None:
    _console.results.print(_console.table(columns, rows))


def main() -> None:
    """Run a command; an error that a user can cause is one line and a documented exit code."""
    try:
        app(standalone_mode=True)
    except CovidLakeError as error:
        _console.error(str(error))
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        _console.error("interrupted")
        sys.exit(INTERRUPTED)
    except SystemExit as ended:  # Typer turns an interrupt inside a command into this
        if ended.code == INTERRUPTED:
            _console.error("interrupted")
        raise
    except Exception as error:
        known = from_aws(error)
        if known is None:
            raise
        _console.error(str(known))
        sys.exit(known.exit_code)


if __name__ == "__main__":
    main()
