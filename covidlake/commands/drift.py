"""The command `drift`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from covidlake.base import console
from covidlake.base.errors import DRIFT_FOUND, CloudError, StackNotFoundError
from covidlake.commands import options
from covidlake.commands.options import Environment, Format, Output, Promoted, Report, Shown
from covidlake.github import actions

if TYPE_CHECKING:
    from covidlake.ship.drift.drift import Drift


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    options.add(app, {"drift": drift})


def drift(
    environment: Environment,
    shown: Shown = Format.TABLE,
    output: Output = None,
    report: Report = None,
    promoted: Promoted = False,
) -> None:
    """Compare the stack's resources with its template; exit 2 when they have drifted apart.

    Intended drift is listed in environments/<environment>.yaml, in lines such as
    `# drift-ignore: LogicalId:/Property/Path -- reason`.
    """
    from covidlake.report import drift_report
    from covidlake.ship.drift.drift import drift

    whole = promoted and shown is Format.JSON and output is None  # one document for all stacks
    names = options.chosen(environment, promoted)
    drifts, absent = _detected(names) if promoted else ([drift(environment, console.detail)], [])
    for found in drifts:
        name = found.environment
        if (file := options.file_of(report, environment, name)) is not None:
            drift_report.report(found).write(file)
        actions.summary(drift_report.markdown(found))
        if not whole:
            _show(found, shown, options.file_of(output, environment, name))
    if whole:
        console.write(f"[{','.join(map(drift_report.to_json, drifts))}]")
    for other in absent[1:]:
        console.warning(str(other))
    if absent:
        raise absent[0]
    if any(found.found for found in drifts):
        raise typer.Exit(DRIFT_FOUND)
    for found in drifts:
        if found.failure:
            raise CloudError(
                f"stack {found.stack_name}: drift could not be detected everywhere: {found.failure}"
            )


def _detected(names: list[str]) -> tuple[list[Drift], list[StackNotFoundError]]:
    """The drift of each stack that is there: one that is missing does not keep the others."""
    from covidlake.ship.drift.drift import drift

    drifts, absent = [], []
    for name in names:
        try:
            drifts.append(drift(name, console.detail))
        except StackNotFoundError as error:
            absent.append(error)
    return drifts, absent


def _show(found: Drift, shown: Format, output: Path | None) -> None:
    from covidlake.report import drift_report

    content = {
        Format.TABLE: drift_report.for_terminal,
        Format.MARKDOWN: drift_report.markdown,
        Format.JSON: drift_report.to_json,
    }[shown](found)
    options.write_or_show(content, output, f"{drift_report.summary(found)}; ")
