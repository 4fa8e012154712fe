"""The commands on executions that were started: logs, stop."""

from __future__ import annotations

from typing import Annotated

import typer

from covidlake.base import console
from covidlake.commands import options
from covidlake.commands.options import Environment, Yes

Name = Annotated[str | None, typer.Argument(help="The execution's name, as covidlake status shows it.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    options.add(app, {"logs": logs, "stop": stop})


def logs(
    environment: Environment,
    name: Name = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="The last lines of each stream.")] = 200,
) -> None:
    """Show the logs of an execution, by default the last: job runs, the failed first, and functions."""
    from covidlake.run.logs import logs

    for log in logs(environment, name, limit):
        console.say(f"{log.title}")
        for line in log.lines:
            console.say(f"  {line}")


def stop(environment: Environment, name: Name = None, yes: Yes = False) -> None:
    """Stop a running execution, or all that run. What is published stays; the next run finishes the rest."""
    from covidlake import aws
    from covidlake.run.stop import running, stop

    found = running(environment, name)
    shown = ", ".join(arn.rpartition(":")[2] for arn in found)
    options.confirm(f"Stop {shown}?", yes)
    for arn in found:
        stop(arn, aws.caller())
    console.say(
        f"{shown}: stopped; a crawl that runs goes on; covidlake ingest {environment} finishes the work"
    )
