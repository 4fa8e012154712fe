"""The command `drift`."""

from __future__ import annotations

import typer

from covidlake.base import console
from covidlake.base.errors import DRIFT_FOUND, CloudError
from covidlake.commands import options
from covidlake.commands.options import Environment, Format, Output, Report, Shown
from covidlake.github import actions


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    options.add(app, {"drift": drift})


def drift(
    environment: Environment, shown: Shown = Format.TABLE, output: Output = None, report: Report = None
) -> None:
    """Compare the stack's resources with its template; exit 2 when they have drifted apart.

    Intended drift is listed in environments/<environment>.yaml, in lines such as
    `# drift-ignore: LogicalId:/Property/Path -- reason`.
    """
    from covidlake.report import drift_report
    from covidlake.ship.drift.drift import drift

    found = drift(environment, console.detail)
    if report is not None:
        drift_report.report(found).write(report)
    actions.summary(drift_report.markdown(found))
    if shown is Format.TABLE and output is None:
        console.results.print(drift_report.for_terminal(found))
    else:
        text = {
            Format.TABLE: drift_report.plain,
            Format.MARKDOWN: drift_report.markdown,
            Format.JSON: drift_report.to_json,
        }[shown](found)
        options.write_or_show(text, output, f"{drift_report.summary(found)}; ")
    if found.found:
        raise typer.Exit(DRIFT_FOUND)
    if found.failure:
        raise CloudError(f"stack {found.stack_name}: drift could not be detected everywhere: {found.failure}")
