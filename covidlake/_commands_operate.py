"""The commands that use a deployed environment: ingest, status, query, notifications."""

from __future__ import annotations

import csv
import io
import json
from typing import Annotated

import typer

from covidlake import _console

Environment = Annotated[str, typer.Argument(help="A file name in environments/, without .yaml.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    for command in (ingest, status, query, notifications):
        app.command()(command)


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
    try:
        ended = verb.ingest(environment, _console.detail, dataset or (), mode, name)
    except KeyboardInterrupt:
        _console.detail(f"the execution goes on; see it with: covidlake status {environment}")
        raise
    for outcome in verb.outcomes(ended):
        _say(verb.outcome_text(outcome))


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


def notifications(environment: Environment) -> None:
    """Show, once, what the environment's topic has told since the last look (from now on, at the first)."""
    from covidlake.notifications import receive, subscribe

    subscribe(environment)
    messages = receive(environment, wait_seconds=1)
    for message in messages:
        _say(f"{message.subject}\n{message.message}\n")
    if not messages:
        _say("nothing new was told")


def _say(text: str) -> None:
    _console.results.print(text, markup=False, highlight=False)


def _show(columns: list[str], rows: list[list[str | None]]) -> None:
    _console.results.print(_console.table(columns, rows))
