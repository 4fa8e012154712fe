"""`covidlake quarantine list` and `quarantine replay`."""

from __future__ import annotations

import typer

from covidlake.base import console
from covidlake.commands import options
from covidlake.commands.options import DataSet, Environment, RowsFormat, ShownRows

EMPTY = "the quarantine is empty"


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    commands = {"list": list_rows, "replay": replay}
    options.group(app, "quarantine", "Rows that a run rejected.", commands)


def list_rows(environment: Environment, dataset: DataSet = "", shown: ShownRows = RowsFormat.TABLE) -> None:
    """Show the rows in quarantine: reason, source object, line and an example."""
    from covidlake.run.quarantine import abridged, rejected_rows

    found = rejected_rows(environment, dataset)
    if shown is not RowsFormat.TABLE:
        console.write(options.rows_text(found.columns, found.rows, shown))
    elif found.rows:
        found = abridged(found)
        console.show(found.columns, found.rows)
    else:
        console.say(EMPTY)


def replay(environment: Environment, dataset: DataSet = "") -> None:
    """Read the objects with rows in quarantine again, after a fix of the description or of the source."""
    from covidlake.run import execution_name, going_on, ingest, quarantine
    from covidlake.run.pipelines.ingestion import Request
    from covidlake.run.quarantine import rejected_rows

    quarantine.check_replay(environment)
    names = tuple(dict.fromkeys(str(row[0]) for row in rejected_rows(environment, dataset).rows))
    if not names:
        console.say(EMPTY)
        return
    name = execution_name.timed("ingest")
    with going_on.said(environment, name, console.detail):
        ended = ingest.ingest(environment, console.detail, Request(names, "replay"), name)
    for outcome in ingest.outcomes(ended):
        loaded = outcome["rows_new"] + outcome["rows_restated"]
        console.say(
            f"{outcome['dataset']}: {loaded:,} rows loaded, {outcome['quarantine_rows']:,} left in quarantine"
        )
