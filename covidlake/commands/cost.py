"""The command on what is paid: cost."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from covidlake.commands import options
from covidlake.commands.options import Environment, Output
from covidlake.github import actions

if TYPE_CHECKING:
    from covidlake.cost.lines import Cost
    from covidlake.cost.month_cost import MonthCost

Execution = Annotated[
    str | None,
    typer.Argument(help="One execution, as covidlake status shows it. Default: the month and its forecast."),
]


class CostFormat(StrEnum):
    """How a cost is shown."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"


Shown = Annotated[CostFormat, typer.Option("--format", case_sensitive=False, help="How to show it.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    options.add(app, {"cost": cost})


def cost(
    environment: Environment,
    execution: Execution = None,
    shown: Shown = CostFormat.TEXT,
    output: Output = None,
) -> None:
    """Show what an execution costs, or the month so far and what it will have cost at the schedule.

    An estimate by AWS's published prices: each line shows usage, unit price and arithmetic.
    """
    from covidlake.cost import month_cost, run_cost

    if execution is not None:
        content = _run_content(run_cost.of_execution(environment, execution), shown)
    else:
        content = _month_content(month_cost.of_month(environment), shown)
    if shown is CostFormat.MARKDOWN:
        actions.summary(content)
    options.write_or_show(content, output, "")


def _run_content(found: Cost, shown: CostFormat) -> str:
    from covidlake.cost import show

    if shown is CostFormat.JSON:
        return show.run_json(found)
    return show.run_markdown(found) if shown is CostFormat.MARKDOWN else show.run_text(found)


def _month_content(found: MonthCost, shown: CostFormat) -> str:
    from covidlake.cost import show

    if shown is CostFormat.JSON:
        return show.month_json(found)
    return show.month_markdown(found) if shown is CostFormat.MARKDOWN else show.month_text(found)
