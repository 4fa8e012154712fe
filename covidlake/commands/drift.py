"""The command `drift`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from covidlake.base import console
from covidlake.base.errors import DRIFT_FOUND, CloudError
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

    drifts = []
    for name in options.chosen(environment, promoted):
        found = drift(name, console.detail)
        drifts.append(found)
        if (file := options.file_of(report, environment, name)) is not None:
            drift_report.report(found).write(file)
        actions.summary(drift_report.markdown(found))
        _show(found, shown, options.file_of(output, environment, name))
    if any(found.found for found in drifts):
        raise typer.Exit(DRIFT_FOUND)
    for found in drifts:
        if found.failure:
            raise CloudError(
                f"stack {found.stack_name}: drift could not be detected everywhere: {found.failure}"
            )


def _show(found: Drift, shown: Format, output: Path | None) -> None:
    from covidlake.report import drift_report

    content = {
        Format.TABLE: drift_report.for_terminal,
        Format.MARKDOWN: drift_report.markdown,
        Format.JSON: drift_report.to_json,
    }[shown](found)
    options.write_or_show(content, output, f"{drift_report.summary(found)}; ")
