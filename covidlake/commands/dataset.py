"""`covidlake dataset new`, `check` and `sample`: descriptions of data sets; `contract`, `diff` elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from covidlake.base import console
from covidlake.base.errors import DataSetError
from covidlake.commands import dataset_contract, dataset_diff, options

Name = Annotated[str, typer.Argument(help="The data set's name: jobs/datasets/NAME.py.")]
Objects = Annotated[list[Path], typer.Argument(help="Sample objects, the oldest first.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    purpose = "Descriptions of data sets: draft, check, try, promise, compare."
    commands: options.Commands = {"new": new, "check": check, "sample": sample}
    commands = {**commands, **dataset_contract.COMMANDS, **dataset_diff.COMMANDS}
    options.group(app, "dataset", purpose, commands)


def new(
    name: Name,
    objects: Objects,
    prefix: Annotated[str, typer.Option(help="Where the objects lie in the bucket; default: NAME/.")] = "",
    force: Annotated[bool, typer.Option(help="Replace an existing description.")] = False,
) -> None:
    """Draft a description from sample objects, and say what was guessed.

    Nothing is written if a name, a prefix or an object cannot be used; the exit code is then 3.
    """
    from covidlake.dataset import descriptions
    from covidlake.dataset.draft.write import write

    with console.progress.status("reading all rows ..."):
        notes = write(name, objects, prefix, force)
    for note in notes:
        console.say(f"- {note}")
    console.say(
        f"{descriptions.path(name)} written; check it, then: covidlake dataset sample {name} {objects[-1]}"
    )


def check(names: Annotated[list[str] | None, typer.Argument(help="Default: all.")] = None) -> None:
    """Check descriptions: fields against each other, conditions and queries as SQL."""
    from covidlake.dataset import descriptions

    wrong: list[DataSetError] = []
    for name in names or descriptions.names():
        try:
            found = descriptions.load(name)
            descriptions.check_statements(found)
        except DataSetError as error:
            wrong.append(error)
            continue
        rules = len(found.expectations) + len(found.rules)
        console.say(
            f"{name}: {len(found.columns)} columns, key {', '.join(found.key)}, {rules} rules, "
            f"tables {', '.join(found.tables)}"
        )
        if twins := descriptions.of_the_same_objects(found):
            console.say(f"{name}: is made of the same objects as {', '.join(twins)}")
    for other in wrong[:-1]:
        console.error(str(other))
    if wrong:
        raise wrong[-1]


def sample(name: Name, objects: Objects) -> None:
    """Show what objects would become: rows of each table, rejected rows, broken rules."""
    from covidlake.laptop.dataset_sample import ROWS, sample
    from covidlake.run.pipelines import ingestion

    outcome = sample(name, objects, console.detail)
    for table, answer in outcome.tables.items():
        some = f": {ROWS} rows of it" if len(answer.rows) == ROWS else ""
        console.show(answer.columns, answer.rows, f"{table}{some}")
    if outcome.rejected.rows:
        console.show(outcome.rejected.columns, outcome.rejected.rows, "rejected")
    if outcome.error:
        raise outcome.error
    console.say(ingestion.outcome_text(outcome.counts))
