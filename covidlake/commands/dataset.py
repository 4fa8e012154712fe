"""`covidlake dataset new`, `check` and `sample`: descriptions of data sets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from covidlake.base import console

Name = Annotated[str, typer.Argument(help="The data set's name: jobs/datasets/NAME.py.")]
Objects = Annotated[list[Path], typer.Argument(help="Sample objects, the oldest first.")]

dataset_app = typer.Typer(help="Descriptions of data sets: draft, check, try.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    for command in (new, check, sample):
        dataset_app.command()(command)
    app.add_typer(dataset_app, name="dataset")


def new(
    name: Name,
    objects: Objects,
    prefix: Annotated[str, typer.Option(help="Where the objects lie in the bucket; default: NAME/.")] = "",
    force: Annotated[bool, typer.Option(help="Replace a description that is there.")] = False,
) -> None:
    """Draft a description from sample objects, and say what was guessed.

    Where a name, a prefix or an object cannot be used, nothing is written, and the exit code is 3.
    """
    from covidlake.base.errors import DataSetError
    from covidlake.dataset import descriptions
    from covidlake.dataset.draft.draft import check_name, draft
    from covidlake.dataset.draft.source_code import source_code

    check_name(name)
    path = descriptions.FOLDER / f"{name}.py"
    if path.exists() and not force:
        raise DataSetError(f"{descriptions.path(name)} is there: replace it with --force")
    before = path.read_bytes() if path.exists() else None
    found = draft(name, objects, prefix)
    code = source_code(found).encode()
    try:
        path.write_bytes(code)
        descriptions.check_statements(descriptions.load(name))
    except BaseException:  # an interrupt too must leave no half of it
        path.unlink(missing_ok=True) if before is None else path.write_bytes(before)
        raise
    for note in found.notes:
        _say(f"- {note}")
    _say(f"{descriptions.path(name)} written; check it, then: covidlake dataset sample {name} {objects[-1]}")


def check(names: Annotated[list[str] | None, typer.Argument(help="Default: all.")] = None) -> None:
    """Check descriptions: fields against each other, conditions and questions as SQL."""
    from covidlake.dataset import descriptions

    for name in names or descriptions.names():
        found = descriptions.load(name)
        descriptions.check_statements(found)
        rules = len(found.expectations) + len(found.rules)
        _say(
            f"{name}: {len(found.columns)} columns, key {', '.join(found.key)}, {rules} rules, "
            f"tables {', '.join(found.tables)}"
        )


def sample(name: Name, objects: Objects) -> None:
    """Show what objects would become: rows of each table, rejected rows, broken rules."""
    from covidlake.laptop.dataset_sample import sample as verb
    from covidlake.run import ingest

    outcome = verb(name, objects, console.detail)
    for table, answer in outcome.tables.items():
        console.results.print(console.table(answer.columns, answer.rows, title=table))
    if outcome.rejected.rows:
        console.results.print(
            console.table(outcome.rejected.columns, outcome.rejected.rows, title="rejected")
        )
    if outcome.error:
        raise outcome.error
    _say(ingest.outcome_text(outcome.counts))


def _say(text: str) -> None:
    console.results.print(text, markup=False, highlight=False)
