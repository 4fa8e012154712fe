"""The commands that look into a deployed environment: status, query, notifications."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Annotated

import typer

from covidlake.base import console
from covidlake.commands import options
from covidlake.commands.options import Environment, RowsFormat, ShownRows

if TYPE_CHECKING:
    from covidlake.run.query import Answer


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    options.add(app, {"status": status, "query": query, "notifications": notifications})


def status(environment: Environment) -> None:
    """Show the stack, its last executions, the crawler and the tables."""
    from covidlake.run.status import status

    found = status(environment)
    console.say(f"stack {found.stack.name}: {found.stack.status}")
    if found.crawler:
        console.say(f"crawler {found.crawler}")
    console.show(["execution", "status", "started", "seconds"], found.executions)
    console.show(["table", "columns", "partitions", "location"], found.tables)
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
) -> None:
    """Run a query in Athena and show the answer."""
    from covidlake.dataset import descriptions
    from covidlake.run.query import query

    answer = query(environment, sql or descriptions.load(dataset).queries[0].sql)
    if shown is RowsFormat.TABLE:
        console.show(answer.columns, answer.rows)
    else:
        console.write(_text(answer, shown))


def _text(answer: Answer, shown: RowsFormat) -> str:
    if shown is RowsFormat.JSON:
        return json.dumps([dict(zip(answer.columns, row, strict=True)) for row in answer.rows], indent=1)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([answer.columns, *answer.rows])
    return text.getvalue()


def notifications(environment: Environment) -> None:
    """Show each new message of the environment's topic once; the first call only begins to listen."""
    from covidlake.run.notifications import receive, subscribe

    subscribe(environment)
    messages = receive(environment, wait_seconds=1)
    for message in messages:
        console.say(f"{message.subject}\n{message.message}\n")
    if not messages:
        console.say("no new messages")
