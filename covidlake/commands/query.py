"""The commands that look into a deployed environment: status, query, notifications."""

from __future__ import annotations

from typing import Annotated

import typer

from covidlake.base import console
from covidlake.base.text import count
from covidlake.commands import options
from covidlake.commands.options import Environment, ListFormat, RowsFormat, ShownList, ShownRows

Limit = Annotated[int, typer.Option(min=1, help="The rows of a table; CSV and JSON are always whole.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    options.add(app, {"status": status, "query": query, "notifications": notifications})


def status(environment: Environment, shown: ShownList = ListFormat.TABLE) -> None:
    """Show the stack, its last executions, the crawler and the tables."""
    from covidlake.run.status import status, to_json

    found = status(environment)
    if shown is ListFormat.JSON:
        console.write(to_json(found))
        return
    console.say(f"stack {found.stack.name}: {found.stack.status}")
    if found.crawler:
        console.say(f"crawler {found.crawler}")
    console.show(["execution", "status", "started", "seconds"], found.executions)
    console.show(["table", "columns", "partitions", "rows", "location"], found.tables)
    for name, value in sorted(found.stack.outputs.items()):
        console.say(f"{name:<26} {value}")


def query(
    environment: Environment,
    sql: Annotated[
        str | None, typer.Argument(help="A statement; default: the data set's first named query.")
    ] = None,
    dataset: Annotated[
        str, typer.Option(help="Whose named query to run when no statement is given.")
    ] = "uk_covid",
    shown: ShownRows = RowsFormat.TABLE,
    limit: Limit = 100,
) -> None:
    """Run a query in Athena and show the answer; a table shows the first rows of a long one."""
    from covidlake.run.query import query

    answer = query(environment, sql or _named(environment, dataset))
    if shown is RowsFormat.TABLE:
        console.show(answer.columns, answer.rows[:limit])
        if (more := len(answer.rows) - limit) > 0:
            console.warning(f"{count(more, 'more row')}: shown by --limit or --format csv")
    else:
        console.write(options.rows_text(answer.columns, answer.rows, shown))


def _named(environment: str, dataset: str) -> str:
    """The query of the environment's pipeline, or the first one of a data set."""
    from covidlake.dataset import descriptions
    from covidlake.run import pipelines

    return pipelines.of(environment).query or descriptions.load(dataset).queries[0].sql


def notifications(environment: Environment) -> None:
    """Show each new message of the environment's topic once; `run` or the first call begins to listen."""
    from covidlake.run.notifications import receive, subscribe

    subscribe(environment)
    messages = receive(environment, wait_seconds=1)
    for message in messages:
        console.say(f"{message.subject}\n{message.message}\n")
    if not messages:
        console.say("no new messages")
