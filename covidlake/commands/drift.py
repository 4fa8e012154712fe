"""The command `drift`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from covidlake.base import console
from covidlake.base.errors import DRIFT_FOUND, CloudError
from covidlake.github import actions


class Format(StrEnum):
    """How a drift is shown."""

    TABLE = "table"
    MARKDOWN = "markdown"
    JSON = "json"


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(drift)


def drift(
    environment: Annotated[str, typer.Argument(help="A file name in environments/, without .yaml.")],
    output_format: Annotated[
        Format, typer.Option("--format", help="How to show it.", case_sensitive=False)
    ] = Format.TABLE,
    output: Annotated[
        Path | None, typer.Option(help="A file to write it to instead of standard output.", dir_okay=False)
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="A file for `covidlake issue`, written whatever is found.")
    ] = None,
) -> None:
    """Compare the stack's resources with its template; exit 2 when they have drifted apart.

    Drift that is meant is listed in environments/<environment>.yaml by lines such as
    `# drift-ignore: LogicalId:/Property/Path -- reason`.
    """
    from covidlake.report import drift_report
    from covidlake.ship.drift import drift as verb

    found = verb.drift(environment, console.detail)
    if report is not None:
        drift_report.report(found).write(report)
    actions.summary(drift_report.markdown(found))
    texts = {
        Format.TABLE: drift_report.plain,
        Format.MARKDOWN: drift_report.markdown,
        Format.JSON: drift_report.to_json,
    }
    if output:
        output.write_text(texts[output_format](found).rstrip("\n") + "\n", encoding="utf-8")
        console.results.print(f"{drift_report.summary(found)}; see {output}", markup=False, highlight=False)
    elif output_format is Format.TABLE:
        console.results.print(drift_report.for_terminal(found))
    else:
        print(texts[output_format](found).rstrip("\n"))  # noqa: T201
    if found.found:
        raise typer.Exit(DRIFT_FOUND)
    if found.failure:
        raise CloudError(f"stack {found.stack_name}: drift could not be detected everywhere: {found.failure}")
