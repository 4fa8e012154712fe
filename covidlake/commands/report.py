"""`covidlake report`: one report of an execution, for people and for programs."""

from __future__ import annotations

import re
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from covidlake.base import console, project, workflow
from covidlake.base.text import count, printable, shorten
from covidlake.commands import options
from covidlake.commands.options import Environment
from covidlake.github import actions
from covidlake.report.form import Form

Name = Annotated[
    str | None, typer.Argument(metavar="EXECUTION", help="The execution's name; default: the last one.")
]
Out = Annotated[
    Path | None,
    typer.Option(
        dir_okay=False, help="The file to write. Default: build/report.html; other forms are shown."
    ),
]
Open = Annotated[bool, typer.Option("--open", help="Show the file in a browser.")]
AsForm = Annotated[Form, typer.Option("--format", case_sensitive=False, help="The form of the report.")]


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    options.add(app, {"report": report, "report-link": report_link, "site": site})


def report(
    environment: Environment,
    execution: Name = None,
    out: Out = None,
    form: AsForm = Form.HTML,
    opened: Open = False,
) -> None:
    """Write a report of an execution: states, time, rows, quality, quarantine, cost, trend, charts."""
    from covidlake.report.page import report

    if opened and form is not Form.HTML:
        raise typer.BadParameter("a browser shows HTML: leave --format out", param_hint="--open")
    facts = report.found(environment, execution)
    for gap in facts.gaps:
        console.warning(f"{gap.part} could not be read: {gap.why}")
    if form is not Form.HTML and out is None:
        console.write(report.text(facts, form))
        return
    path = report.write(facts, form, out or report.FILE)
    console.say(f"{facts.status}: {facts.collected.name}: report written to {project.relative(path)}")
    if workflow.active():
        from covidlake.report.page import markdown

        actions.summary(markdown.more(facts))
    if opened and not webbrowser.open(path.resolve().as_uri()):
        console.warning(f"no browser could be opened: open {path} yourself")


def report_link(
    url: Annotated[str, typer.Argument(help="Where a job has uploaded the report.")],
    below: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="A file of Markdown to add: the report in that form."),
    ] = None,
) -> None:
    """Link an uploaded report in the summary of the job."""
    if not re.fullmatch(r"https://[\w./:-]+", url, re.ASCII):
        raise typer.BadParameter(f"{shorten(printable(url))!r} is no https address", param_hint="URL")
    actions.summary(f"[Open the report of this execution]({url})")
    if below is not None:
        actions.summary(f"\n{below.read_text(encoding='utf-8', errors='replace')}")


def site(
    environment: Environment,
    out: Annotated[
        Path | None, typer.Option(file_okay=False, help="The folder. Default: build/site.")
    ] = None,
    reports: Annotated[
        int, typer.Option(min=1, max=20, help="How many executions get a report, the newest first.")
    ] = 10,
) -> None:
    """Write the status of an environment as a small site: last executions, freshness, cost, reports."""
    from covidlake.report.site import site, status

    found = status.status(environment, reports)
    for gap in found.gaps:
        console.warning(f"{gap.part} could not be read: {gap.why}")
    index = site.write(found, out or site.FOLDER)
    console.say(
        f"{found.last.status}: {found.last.collected.name}: {count(len(found.reports), 'report')} and the "
        f"status written to {project.relative(index)}"
    )
