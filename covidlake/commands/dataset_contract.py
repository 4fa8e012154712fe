"""`covidlake dataset contract`: a description as a data contract, and what its changes mean."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from covidlake.commands import options


class ContractFormat(StrEnum):
    """How a contract is written."""

    YAML = "yaml"
    JSON = "json"


def contract(
    name: Annotated[str, typer.Argument(help="The data set's name: jobs/datasets/NAME.py.")],
    shown: Annotated[
        ContractFormat, typer.Option("--format", case_sensitive=False, help="How to write it.")
    ] = ContractFormat.YAML,
    against: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="An earlier contract: show what changed since."),
    ] = None,
    output: options.Output = None,
) -> None:
    """Write a description as a document of the Open Data Contract Standard, version 3.

    With --against, each change is graded instead: compatible, needs care, or breaking.
    """
    from covidlake.dataset import descriptions
    from covidlake.dataset.contract import document, files, grades

    made = document.of(descriptions.load(name))
    if against is None:
        options.write_or_show(files.text(made, shown is ContractFormat.JSON), output, f"contract of {name} ")
        return
    found = files.changes(against, made)
    lines = [change.line for change in found] or ["no change"]
    options.write_or_show("\n".join([*lines, f"{name}: {grades.worst(found)}"]), output, f"{name} ")


COMMANDS: options.Commands = {"contract": contract}
