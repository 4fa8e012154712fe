"""The commands that use a deployed environment: ingest, status, query, notifications."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covidlake.base import console, workflow
from covidlake.github import actions

if TYPE_CHECKING:
    from covidlake.run.execution import Execution

Environment = Annotated[str, typer.Argument(help="A file name in environments/, without .yaml.")]

TimeLimit = Annotated[
    float,
    typer.Option(
        min=0.1, metavar="MINUTES", help="How long it is followed; one that goes on ends with code 11."
    ),
]
ReportFile = Annotated[
    Path | None,
    typer.Option("--report", help="A file for `covidlake issue`, written whatever becomes of the execution."),
]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    for command in (ingest, smoke, status, query, notifications):
        app.command()(command)


def ingest(
    environment: Environment,
    dataset: Annotated[
        list[str] | None, typer.Option(help="A data set; repeat for more. Default: all.")
    ] = None,
    datasets: Annotated[str, typer.Option(envvar="COVIDLAKE_DATASETS", help="The same, by commas.")] = "",
    first: Annotated[
        str,
        typer.Option("--from", envvar="COVIDLAKE_FROM", help="The first day, YYYY-MM-DD, or latest."),
    ] = "",
    last: Annotated[str, typer.Option("--to", envvar="COVIDLAKE_TO", help="The last day, YYYY-MM-DD.")] = "",
    full: Annotated[
        bool,
        typer.Option("--full", envvar="COVIDLAKE_FULL", help="Read everything (in the range) again."),
    ] = False,
    name: Annotated[
        str | None, typer.Option(help="The execution's name; a second start finds the first.")
    ] = None,
    daily: Annotated[
        bool, typer.Option("--daily", help="A name made of the date: a second start today finds the first.")
    ] = False,
    time_limit: TimeLimit = 240.0,
    leave_running: Annotated[
        bool, typer.Option("--leave-running", help="An execution that goes on after that is no failure.")
    ] = False,
    report: ReportFile = None,
) -> None:
    """Start the ingestion and follow it to its end."""
    from covidlake.run import ingest as verb

    if daily and name:
        raise typer.BadParameter("--daily makes the name itself: leave --name out", param_hint="--daily")
    chosen = [*(dataset or ()), *(one.strip() for one in datasets.split(",") if one.strip())]
    request = verb.Request(
        tuple(chosen), "full" if full else "incremental", _day(first, "--from", "latest"), _day(last, "--to")
    )
    with _reported(environment, report) as told:
        wanted = verb.daily_name(environment, request) if daily else name
        told.append(verb.run(environment, console.detail, request, wanted, time_limit * 60))
        if leave_running and verb.still_runs(told[0]):
            _leave(verb.still_running_text(told[0]))
            return
        for outcome in verb.outcomes(verb.succeeded(told[0])):
            _say(verb.outcome_text(outcome))


def smoke(environment: Environment, time_limit: TimeLimit = 60.0, report: ReportFile = None) -> None:
    """Ingest the newest day of one data set again, through every state, and wait for it."""
    from covidlake.dataset import descriptions as datasets
    from covidlake.environment import environment_file
    from covidlake.run import execution_name
    from covidlake.run import ingest as verb

    ingested = datasets.ingested(environment_file.load(environment))
    first = datasets.MAIN if datasets.MAIN in ingested else ingested[0]
    request = verb.Request((first,), "full", "latest")
    with _reported(environment, report) as told:
        name = execution_name.timed("smoke")
        told.append(verb.run(environment, console.detail, request, name, time_limit * 60))
        for outcome in verb.outcomes(verb.succeeded(told[0])):
            _say(verb.outcome_text(outcome))


def _leave(text: str) -> None:
    _say(text)
    actions.warning(text)


@contextmanager
def _reported(environment: str, path: Path | None) -> Iterator[list[Execution]]:
    """Report on the execution that the block adds, or on why there is none, when the block ends."""
    told: list[Execution] = []
    try:
        yield told
    except KeyboardInterrupt:
        console.detail(f"the execution goes on; see it with: covidlake status {environment}")
        raise
    except Exception as error:
        _report(environment, told, path, str(error))
        raise
    _report(environment, told, path, "")


def _report(environment: str, told: list[Execution], path: Path | None, why: str) -> None:
    if path is None and not workflow.active():
        return
    from covidlake.report import ingestion_report
    from covidlake.ship.stack import stack

    if told:
        job = stack.find(environment).outputs["JobName"]
        made = ingestion_report.report(environment, told[0], job)
    else:
        made = ingestion_report.not_started(environment, why)
    if path is not None:
        made.write(path)
    actions.summary(made.markdown)
    actions.output("status", made.status)


def _day(value: str, option: str, *words: str) -> str:
    """A day as it was given; an empty text is none."""
    try:
        if value and value not in words:
            if len(value) != len("2022-12-07"):
                raise ValueError(value)
            date.fromisoformat(value)
    except ValueError as error:
        raise typer.BadParameter(f"{value!r} is no day: give YYYY-MM-DD", param_hint=option) from error
    return value


def status(environment: Environment) -> None:
    """Show the stack, its last executions, the crawler and the tables."""
    from covidlake.run.status import status

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
    from covidlake.dataset import descriptions as datasets
    from covidlake.run.query import query

    if output not in {"table", "csv", "json"}:
        raise typer.BadParameter(f"{output!r} is none of table, csv, json", param_hint="--format")
    answer = query(environment, sql or datasets.load(dataset).queries[0].sql)
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
    from covidlake.run.notifications import receive, subscribe

    subscribe(environment)
    messages = receive(environment, wait_seconds=1)
    for message in messages:
        _say(f"{message.subject}\n{message.message}\n")
    if not messages:
        _say("nothing new was told")


def _say(text: str) -> None:
    console.results.print(text, markup=False, highlight=False)


def _show(columns: list[str], rows: list[list[str | None]]) -> None:
    console.results.print(console.table(columns, rows))
