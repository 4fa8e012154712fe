"""`covidlake quarantine list` and `quarantine replay`."""

from __future__ import annotations

from typing import Annotated

import typer

from covidlake.base import console

Environment = Annotated[str, typer.Argument(help="A file name in environments/, without .yaml.")]
DataSet = Annotated[str, typer.Option("--dataset", help="One data set; default: all of the environment.")]

NOTHING = "nothing stands in quarantine"

quarantine_app = typer.Typer(help="Rows that a run rejected.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    quarantine_app.command("list")(list_rows)
    quarantine_app.command("replay")(replay)
    app.add_typer(quarantine_app, name="quarantine")


def list_rows(environment: Environment, dataset: DataSet = "") -> None:
    """Show what stands in quarantine: reason, source object, line and an example."""
    from covidlake.run.quarantine import standing

    found = standing(environment, dataset)
    if found.rows:
        console.results.print(console.table(found.columns, found.rows))
    else:
        console.results.print(NOTHING)


def replay(environment: Environment, dataset: DataSet = "") -> None:
    """Read again what has rows in quarantine, after a fix of the description or of the source."""
    from covidlake.run import ingest
    from covidlake.run.quarantine import standing

    names = tuple(dict.fromkeys(str(row[0]) for row in standing(environment, dataset).rows))
    if not names:
        console.results.print(NOTHING)
        return
    request = ingest.Request(names, "replay")
    for outcome in ingest.outcomes(ingest.ingest(environment, console.detail, request)):
        loaded = outcome["rows_new"] + outcome["rows_restated"]
        left = f"{outcome['quarantine_rows']:,} stand in quarantine"
        told = f"{outcome['dataset']}: {loaded:,} rows loaded, {left}"
        console.results.print(told, markup=False, highlight=False)
