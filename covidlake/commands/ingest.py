"""The commands that start an ingestion: ingest, smoke."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covidlake.base import console, workflow
from covidlake.commands import options
from covidlake.commands.options import Environment, Report
from covidlake.github import actions

if TYPE_CHECKING:
    from covidlake.run.execution import Execution

DataSets = Annotated[list[str] | None, typer.Option(help="A data set; repeat for more. Default: all.")]
ListedDataSets = Annotated[str, typer.Option(envvar="COVIDLAKE_DATASETS", help="The same, by commas.")]
First = Annotated[
    str, typer.Option("--from", envvar="COVIDLAKE_FROM", help="The first day, YYYY-MM-DD, or latest.")
]
Last = Annotated[str, typer.Option("--to", envvar="COVIDLAKE_TO", help="The last day, YYYY-MM-DD.")]
Full = Annotated[
    bool, typer.Option("--full", envvar="COVIDLAKE_FULL", help="Read everything (in the range) again.")
]
Name = Annotated[
    str | None, typer.Option(help="The execution's name; a second start with it finds the first.")
]
Daily = Annotated[
    bool, typer.Option("--daily", help="A name made of the date: a second start today finds the first.")
]
TimeLimit = Annotated[
    float,
    typer.Option(
        min=0.1, metavar="MINUTES", help="How long to follow the execution; if it still runs then, exit 11."
    ),
]
LeaveRunning = Annotated[
    bool, typer.Option("--leave-running", help="Succeed when the execution still runs after that.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    options.add(app, {"ingest": ingest, "smoke": smoke})


def ingest(
    environment: Environment,
    dataset: DataSets = None,
    datasets: ListedDataSets = "",
    first: First = "",
    last: Last = "",
    full: Full = False,
    name: Name = None,
    daily: Daily = False,
    time_limit: TimeLimit = 240.0,
    leave_running: LeaveRunning = False,
    report: Report = None,
) -> None:
    """Start the ingestion and follow it to its end."""
    from covidlake.run import ingest

    if daily and name:
        raise typer.BadParameter("--daily makes the name itself: leave --name out", param_hint="--daily")
    chosen = [*(dataset or ()), *(one.strip() for one in datasets.split(",") if one.strip())]
    request = ingest.Request(
        tuple(chosen),
        "full" if full else "incremental",
        _day(first, "--from", "latest"),
        _day(last, "--to"),
    )
    with _reported(environment, report) as followed:
        wanted = ingest.daily_name(environment, request) if daily else name
        ended = followed.keep(ingest.run(environment, console.detail, request, wanted, time_limit * 60))
        if leave_running and ingest.still_runs(ended):
            console.say(ingest.still_running_text(ended))
            actions.warning(ingest.still_running_text(ended))
            return
        for outcome in ingest.outcomes(ingest.succeeded(ended)):
            console.say(ingest.outcome_text(outcome))


def smoke(environment: Environment, time_limit: TimeLimit = 60.0, report: Report = None) -> None:
    """Ingest the newest day of one data set again, through every state, and wait for it.

    The day is published and crawled again even where nothing is new, and the topic gets a message that people
    do not. It fails if a state was left out.
    """
    from covidlake.dataset import descriptions
    from covidlake.environment import environment_file
    from covidlake.run import execution_name, ingest, smoke

    ingested = descriptions.ingested(environment_file.load(environment))
    first = descriptions.MAIN if descriptions.MAIN in ingested else ingested[0]
    with _reported(environment, report) as followed:
        name, limit = execution_name.timed("smoke"), time_limit * 60
        ended = followed.keep(ingest.run(environment, console.detail, smoke.request(first), name, limit))
        smoke.check(ingest.succeeded(ended))
        for outcome in ingest.outcomes(ended):
            console.say(ingest.outcome_text(outcome))


@dataclass
class _Followed:
    """The execution that a command followed, once there is one."""

    execution: Execution | None = None

    def keep(self, execution: Execution) -> Execution:
        self.execution = execution
        return execution


@contextmanager
def _reported(environment: str, path: Path | None) -> Iterator[_Followed]:
    """Report when the block ends: on the execution that it kept, or why there is none."""
    followed = _Followed()
    try:
        yield followed
    except KeyboardInterrupt:
        console.detail(f"the execution goes on; see it with: covidlake status {environment}")
        raise
    except Exception as error:
        _report(environment, followed.execution, path, str(error))
        raise
    _report(environment, followed.execution, path, "")


def _report(environment: str, execution: Execution | None, path: Path | None, why: str) -> None:
    if path is None and not workflow.active():
        return
    from covidlake.report import ingestion_report
    from covidlake.ship.stack import stack

    if execution:
        job = stack.find(environment).outputs["JobName"]
        made = ingestion_report.report(environment, execution, job)
    else:
        made = ingestion_report.not_started(environment, why)
    if path is not None:
        made.write(path)
    actions.summary(made.markdown)
    actions.output("status", made.status)


def _day(value: str, option: str, *words: str) -> str:
    """A day as it was given; an empty text stands for no limit."""
    try:
        if value and value not in words:
            if len(value) != len("2022-12-07"):
                raise ValueError(value)
            date.fromisoformat(value)
    except ValueError as error:
        raise typer.BadParameter(f"{value!r} is not a day: give YYYY-MM-DD", param_hint=option) from error
    return value
