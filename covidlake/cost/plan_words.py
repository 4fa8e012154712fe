"""The change of cost that a plan makes, below its table and in its comment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covidlake.base.markdown import code, escape, table_parts
from covidlake.base.text import printable
from covidlake.cost.lines import dollars
from covidlake.cost.plan_cost import PlanCost

if TYPE_CHECKING:
    from rich.console import RenderableType

COLUMNS = ["cost of", "before", "after"]


def summary(cost: PlanCost) -> str:
    """`cost: $1.30 more a month by being there`, with the date of the prices."""
    usd = cost.usd_a_month
    if usd:
        words = f"{dollars(abs(usd))} {'more' if usd > 0 else 'less'} a month for what stands"
    else:
        words = "nothing that stands gets dearer or cheaper" if cost.date else "not known"
    of = f"; AWS's published prices of {cost.date} in {cost.region}" if cost.date else ""
    return f"Cost: {words}{of}"


def markdown(cost: PlanCost) -> list[str]:
    """Parts that a cut may fall between; none where nothing changes."""
    if cost.is_empty:
        return []
    parts = [f"\n**{escape(summary(cost))}**\n"]
    parts += table_parts(COLUMNS, ([code(cell) for cell in _row(one)] for one in _changes(cost)))
    lead = "\n"
    for line in cost.notes:
        parts.append(f"{lead}- {code(line)}\n")
        lead = ""
    for line in cost.unknown:
        parts.append(f"{lead}- **Not known**: {code(line)}\n")
        lead = ""
    return parts


def table(cost: PlanCost) -> list[RenderableType]:
    """The same for a terminal."""
    from rich.text import Text

    from covidlake.base import console

    if cost.is_empty:
        return []
    shown: list[RenderableType] = [Text(summary(cost), style="bold")]
    if cost.changes:
        shown.append(console.table(COLUMNS, [list(_row(one)) for one in _changes(cost)]))
    shown += [Text(f"Cost: {printable(line)}") for line in cost.notes]
    shown += [Text(f"Cost not known: {printable(line)}", style="yellow") for line in cost.unknown]
    return shown


def _changes(cost: PlanCost) -> list[tuple[str, str, str]]:
    return [(one.what, one.before, one.after) for one in cost.changes]


def _row(one: tuple[str, str, str]) -> tuple[str, str, str]:
    return printable(one[0]), printable(one[1]), printable(one[2])
