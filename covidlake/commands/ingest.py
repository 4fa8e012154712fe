"""The commands that start an ingestion: ingest, smoke."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covidlake.base import console, workflow
from covidlake.base.text import shorten
from covidlake.commands import options
from covidlake.commands.options import AsJson, Environment, Report
from covidlake.github import actions
from covidlake.run.pipelines.pipeline import Asked

if TYPE_CHECKING:
    from covidlake.run.execution import Execution
    from covidlake.run.pipelines.pipeline import Request

DataSets = Annotated[list[str] | None, typer.Option(help="A data set; repeat for more. Default: all.")]
ListedDataSets = Annotated[str, typer.Option(envvar="COVIDLAKE_DATASETS", help="The same, by commas.")]
Tables = Annotated[
    list[str] | None,
    typer.Option("--table", help="A table of the database; repeat for more. Default: all."),
]
ListedTables = Annotated[
    str, typer.Option("--tables", envvar="COVIDLAKE_TABLES", help="The same, by commas.")
]
CompareKeys = Annotated[
    bool,
    typer.Option(
        "--compare-keys",
        envvar="COVIDLAKE_COMPARE_KEYS",
        help="Compare all keys with the database's, which finds deleted rows.",
    ),
]
First = Annotated[
    str, typer.Option("--from", envvar="COVIDLAKE_FROM", help="The first day, YYYY-MM-DD, or latest.")
]
Last = Annotated[str, typer.Option("--to", envvar="COVIDLAKE_TO", help="The last day, YYYY-MM-DD.")]
Full = Annotated[
    bool,
    typer.Option("--full", envvar="COVIDLAKE_FULL", help="Read everything (in the range) again, and crawl."),
]
Name = Annotated[
    str | None, typer.Option(help="The execution's name; a second start with it finds the first.")
]
Daily = Annotated[
    bool, typer.Option("--daily", help="A name made of the date: a second start today finds the first.")
]
Follow = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Start nothing: follow this execution to its end."),
]
AllowRemoval = Annotated[
    bool,
    typer.Option("--allow-removal", help="Remove more rows at once than a description's max_removed."),
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
    context: typer.Context,
    dataset: DataSets = None,
    datasets: ListedDataSets = "",
    table: Tables = None,
    tables: ListedTables = "",
    first: First = "",
    last: Last = "",
    full: Full = False,
    name: Name = None,
    daily: Daily = False,
    follow: Follow = None,
    allow_removal: AllowRemoval = False,
    compare_keys: CompareKeys = False,
    time_limit: TimeLimit = 240.0,
    leave_running: LeaveRunning = False,
    report: Report = None,
    as_json: AsJson = False,
) -> None:
    """Start the ingestion and follow it to its end."""
    from covidlake.live import watch
    from covidlake.run import execution_name, going_on, ingest

    _refuse_contradictions(context, name, daily, follow, first, last)
    asked = Asked(
        (*(dataset or ()), *_listed(datasets, "data set", "--datasets")),
        (*(table or ()), *_listed(tables, "table", "--tables")),
        _day(first, "--from", "latest"),
        _day(last, "--to"),
        full,
        compare_keys,
        allow_removal,
    )
    request = _request(environment, asked)
    with _reported(environment, report) as followed:
        if follow is not None:
            with going_on.said(environment, follow, console.detail), watch.followed(as_json=as_json) as told:
                ended = ingest.follow(environment, told, follow, time_limit * 60)
        else:
            wanted = ingest.daily_name(environment, request) if daily else name
            wanted = wanted or execution_name.timed("ingest")
            with going_on.said(environment, wanted, console.detail), watch.followed(as_json=as_json) as told:
                ended = ingest.run(environment, told, request, wanted, time_limit * 60)
        followed.keep(ended)
        if leave_running and ingest.still_runs(ended):
            _say_it_goes_on(ended, as_json)
            actions.warning(ingest.still_running_text(ended))
            return
        _say(environment, ended, as_json)


def _say_it_goes_on(ended: Execution, as_json: bool) -> None:
    from covidlake.live import watch
    from covidlake.run import ingest

    if as_json:
        watch.outcome({"execution": ended.arn, "status": ended.status})
    else:
        console.say(ingest.still_running_text(ended))


def _refuse_contradictions(
    context: typer.Context, name: str | None, daily: bool, follow: str | None, first: str, last: str
) -> None:
    """What no execution is started for."""
    from covidlake.run import execution

    if daily and name:
        raise typer.BadParameter("--daily makes the name itself: leave --name out", param_hint="--daily")
    if name is not None and not re.fullmatch(execution.NAME_PATTERN, name):
        rule = "use 1 to 80 letters, digits, hyphens and underscores"
        raise typer.BadParameter(f"{shorten(name)!r} is no name of an execution: {rule}", param_hint="--name")
    if first == "latest" and last:
        raise typer.BadParameter("--from latest is one day: leave --to out", param_hint="--to")
    if first and last and first > last:
        raise typer.BadParameter(f"{first} is after {last}: exchange them", param_hint="--from")
    of_a_start = (
        *("dataset", "datasets", "table", "tables", "first", "last", "full", "name", "daily"),
        *("allow_removal", "compare_keys"),
    )
    if follow is not None and (given := [one for one in of_a_start if _is_typed(context, one)]):
        raise typer.BadParameter(
            f"it starts nothing: leave out {given[0].replace('_', '-')}", param_hint="--follow"
        )


def _is_typed(context: typer.Context, parameter: str) -> bool:
    """Whether somebody typed it: workflows pass empty variables for what nobody chose."""
    source = context.get_parameter_source(parameter)
    return source is not None and source.name == "COMMANDLINE"


def _request(environment: str, asked: Asked) -> Request:
    """Raises `BadParameter` for an option that the environment's pipeline does not take, or a wrong name."""
    from covidlake.base.errors import DataSetError
    from covidlake.run import pipelines

    of = pipelines.of(environment)
    for name, option in of.refused.items():
        if getattr(asked, name):
            raise typer.BadParameter(f"{environment} ingests {of.item}s: leave it out", param_hint=option)
    try:
        return of.request(asked, environment)
    except DataSetError as error:
        raise typer.BadParameter(str(error), param_hint=f"--{of.item.replace(' ', '')}") from error


def _listed(given: str, noun: str, option: str) -> list[str]:
    found = [one.strip() for one in given.split(",") if one.strip()]
    if given.strip() and not found:
        raise typer.BadParameter(f"{shorten(given)!r} names no {noun}", param_hint=option)
    return found


def _say(environment: str, ended: Execution, as_json: bool = False) -> None:
    """How each data set went, also those that succeeded beside one that failed; raises for a failure."""
    from covidlake.live import watch
    from covidlake.run import ingest, pipelines

    of = pipelines.of(environment)
    for outcome in [*ingest.outcomes(ended), *ingest.outcomes_of_failed(ended)]:
        if as_json:
            watch.outcome(outcome)
            continue
        if outcome["outcome"] == "FAILED":
            continue  # the error below says it
        console.say(of.outcome_text(outcome))
        for warning in ingest.warnings_of(outcome):
            console.warning(warning)
    for remark in [] if as_json else ingest.remarks(ended):
        console.say(remark)
    ingest.succeeded(ended)


def smoke(
    environment: Environment, time_limit: TimeLimit = 60.0, report: Report = None, as_json: AsJson = False
) -> None:
    """Ingest the newest day of one data set again, through every state, and wait for it.

    The day is published and crawled again even where nothing is new, and the topic gets a message that people
    do not. It fails if a state was left out.
    """
    from covidlake.dataset import descriptions
    from covidlake.environment import environment_file
    from covidlake.live import watch
    from covidlake.run import execution_name, going_on, ingest, smoke

    smoke.check_pipeline(environment)
    ingested = descriptions.ingested(environment_file.load(environment))
    first = descriptions.MAIN if descriptions.MAIN in ingested else ingested[0]
    with _reported(environment, report) as followed:
        name, limit = execution_name.timed("smoke"), time_limit * 60
        with going_on.said(environment, name, console.detail), watch.followed(as_json=as_json) as told:
            ended = ingest.run(environment, told, smoke.request(first), name, limit)
        followed.keep(ended)
        _say(environment, ended, as_json)
        smoke.check(ended)


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
    except Exception as error:
        _report(environment, followed.execution, path, str(error))
        raise
    _report(environment, followed.execution, path, "")


def _report(environment: str, execution: Execution | None, path: Path | None, why: str) -> None:
    if path is None and not workflow.active():
        return
    from covidlake.report import ingestion_report
    from covidlake.run import pipelines
    from covidlake.ship.stack import stack

    if execution:
        jobs = pipelines.of(environment).jobs(stack.find(environment).outputs)
        made = ingestion_report.report(environment, execution, jobs)
    else:
        made = ingestion_report.not_started(environment, why)
    if path is not None:
        made.write(path)
    actions.summary(made.markdown)
    actions.output("status", made.status)
    actions.output("execution", execution.arn.rpartition(":")[2] if execution else "")


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
