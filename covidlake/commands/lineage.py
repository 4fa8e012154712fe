"""`covidlake lineage`: where the values of a table come from."""

from __future__ import annotations

from typing import Annotated

import typer

from covidlake.base import console
from covidlake.commands import options


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    options.add(app, {"lineage": lineage})


def lineage(
    name: Annotated[str, typer.Argument(metavar="TABLE[.COLUMN]", help="A table of the lake, or a column.")],
) -> None:
    """Show of which fields of the source each column is made, how, and what in the project uses it.

    By the descriptions alone: no cloud is asked. Customers and their segments are followed to the database.
    """
    from covidlake.dataset import lineage

    rows = lineage.of(name)
    console.show(lineage.COLUMNS, rows, f"lineage of {name}")
