"""`covidlake dataset diff` and `judge`: what a change does to the data, and what the gate says of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from covidlake.base import console
from covidlake.base.errors import DataChangeError, ReportError
from covidlake.commands import options
from covidlake.github import actions

if TYPE_CHECKING:
    from rich.console import RenderableType

    from covidlake.laptop.preview.gate import Finding
    from covidlake.laptop.preview.model import Preview


class PreviewFormat(StrEnum):
    """How a preview is shown."""

    TABLE = "table"
    MARKDOWN = "markdown"
    JSON = "json"
    HTML = "html"


Shown = Annotated[PreviewFormat, typer.Option("--format", case_sensitive=False, help="How to show it.")]
Accept = Annotated[bool, typer.Option("--accept", help="Accept what the gate stops, but for what fails.")]
NoGate = Annotated[bool, typer.Option("--no-gate", help="Only show: exit with 0 whatever the gate says.")]


def _share(given: float) -> float:
    if not math.isfinite(given):
        raise typer.BadParameter("give a number from 0 to 1")
    return given


Growth = Annotated[
    float,
    typer.Option(
        min=0.0, max=1.0, callback=_share, help="By which share of the rows read quarantine may grow."
    ),
]

Moves = Annotated[
    float,
    typer.Option(min=0.0, max=1.0, callback=_share, help="Which share of the customers may change segment."),
]


def diff(
    base: Annotated[
        str, typer.Option(envvar="COVIDLAKE_BASE", help="A branch or commit to compare the work tree with.")
    ] = "origin/main",
    dataset: Annotated[
        list[str] | None, typer.Option(help="A data set, or segmentation; repeat for more.")
    ] = None,
    source: Annotated[str, typer.Option(help="The objects: sample, public, or a folder.")] = "sample",
    everything: Annotated[bool, typer.Option("--all", help="Also run what no change reaches.")] = False,
    against: Annotated[
        str,
        typer.Option(help="Compare with the lake of this environment instead: statistics, no rows."),
    ] = "",
    shown: Shown = PreviewFormat.TABLE,
    output: options.Output = None,
    accept: Accept = False,
    no_gate: NoGate = False,
    quarantine_growth: Growth = 0.005,
    segment_moves: Moves = 0.05,
) -> None:
    """Run what a change reaches on a local cloud, before and after it, and compare the tables.

    That is data sets, and the segmentation of customers.

    The exit code is 0 where the gate stops nothing, and 12 where somebody has to accept what it names.
    """
    from covidlake.laptop.preview import against as against_lake
    from covidlake.laptop.preview import preview

    if against:
        found = against_lake.against(options.environment_name(against), dataset or (), source, console.detail)
        _show(found, None, shown, output, False)
        if not no_gate and (failed := [one.name for one in found.data_sets if one.fails_after]):
            raise DataChangeError(f"{', '.join(failed)} cannot be made of {source}: see the cause above")
        return
    made = preview.diff(base, dataset or (), source, console.detail, everything)
    _judge(made, shown, output, accept, no_gate, (quarantine_growth, segment_moves))


def judge(
    file: Annotated[Path, typer.Argument(help="What `dataset diff --format json` wrote.")],
    shown: Shown = PreviewFormat.TABLE,
    output: options.Output = None,
    accept: Accept = False,
    no_gate: NoGate = False,
    quarantine_growth: Growth = 0.005,
    segment_moves: Moves = 0.05,
    pull_request: Annotated[
        int | None,
        typer.Option(min=1, envvar="COVIDLAKE_PULL_REQUEST", help="Accept if it has our label."),
    ] = None,
) -> None:
    """Show a preview that was made before, and judge it anew: its file may come from anybody."""
    from covidlake.laptop.preview import gate, model

    try:
        made = model.load(file)
    except ReportError as error:
        if not no_gate or shown is not PreviewFormat.MARKDOWN:
            raise
        options.write_or_show(_unreadable(error), output, "")
        return
    if pull_request and not accept:
        from covidlake.github.labels import labels

        accept = gate.LABEL in labels(pull_request)
    _judge(made, shown, output, accept, no_gate, (quarantine_growth, segment_moves))


def _judge(
    made: Preview,
    shown: PreviewFormat,
    output: Path | None,
    accept: bool,
    no_gate: bool,
    bounds: tuple[float, float],
) -> None:
    from covidlake.laptop.preview import gate, renderings
    from covidlake.laptop.preview.outline.outline import outline

    findings = gate.judge(made, *bounds)
    _show(made, findings, shown, output, accept)
    if no_gate:
        return
    actions.summary(renderings.markdown(outline(made, findings, accept), renderings.SUMMARY_LIMIT))
    gate.check(findings, accept)


def _show(
    made: Preview,
    findings: Sequence[Finding] | None,
    shown: PreviewFormat,
    output: Path | None,
    accept: bool,
) -> None:
    from covidlake.laptop.preview import renderings
    from covidlake.laptop.preview.outline.outline import outline

    drawn = outline(made, findings, accept)
    forms: Mapping[PreviewFormat, Callable[[], str | RenderableType]] = {
        PreviewFormat.TABLE: lambda: renderings.terminal(drawn),
        PreviewFormat.MARKDOWN: lambda: renderings.markdown(drawn),
        PreviewFormat.JSON: lambda: renderings.as_json(made, findings or []),
        PreviewFormat.HTML: lambda: _page(drawn),
    }
    options.write_or_show(forms[shown](), output, "preview of the data: ")


def _page(drawn: Any) -> str:
    from covidlake.laptop.preview import page

    return page.html(drawn)


def _unreadable(error: ReportError) -> str:
    from covidlake.base.markdown import escape

    return f"### What happens to the data\n\nThe preview cannot be shown: {escape(str(error))}\n"


COMMANDS: dict[str, Callable[..., None]] = {"diff": diff, "judge": judge}
