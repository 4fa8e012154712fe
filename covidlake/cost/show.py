"""A cost as text, as Markdown and as JSON: every line with its arithmetic."""

from __future__ import annotations

import json
from typing import Any

from covidlake.base.markdown import code, escape, table
from covidlake.base.text import count
from covidlake.cost.lines import DIGITS, NOT_INCLUDED, Cost, Line, dollars
from covidlake.cost.month_cost import MonthCost, RunCost

COLUMNS = ["what", "arithmetic", "USD"]
RUN_COLUMNS = ["execution", "status", "started (UTC)", "USD"]


def run_text(cost: Cost) -> str:
    """One execution for a terminal."""
    return "\n".join([f"{cost.title}: {dollars(cost.usd)}", *_text_lines(cost), *_text_notes(cost)])


def run_markdown(cost: Cost) -> str:
    """One execution in GitHub's Markdown."""
    return (
        f"### {escape(cost.title)}: {dollars(cost.usd)}\n\n{_markdown_table(cost)}\n\n{_markdown_notes(cost)}"
    )


def run_json(cost: Cost) -> str:
    return json.dumps(cost.to_json(), indent=1)


def month_text(month: MonthCost) -> str:
    """The month for a terminal: sums, then each execution."""
    parts = [
        f"{month.month} so far: {dollars(month.usd)}",
        f"  {month.so_far.title}: {dollars(month.so_far.usd)}",
    ]
    parts += _text_lines(month.so_far)
    parts += [f"  {month.standing.title}: {dollars(month.standing.usd)}", *_text_lines(month.standing)]
    parts += [f"  {one.name}  {one.status}  {dollars(one.cost.usd)}" for one in month.runs]
    parts.append(f"{month.month} in all: {forecast(month)}")
    return "\n".join(
        [*parts, *_text_notes(month.so_far), *(f"not known: {one}" for one in month.standing.unknown)]
    )


def month_markdown(month: MonthCost) -> str:
    """The month in GitHub's Markdown."""
    runs = table(RUN_COLUMNS, map(_run_row, month.runs), RUN_COLUMNS[3:])
    parts = [
        f"### {month.month} so far: {dollars(month.usd)}",
        f"Forecast of the month: {escape(forecast(month))}",
        f"**{escape(month.so_far.title)}: {dollars(month.so_far.usd)}**",
        _markdown_table(month.so_far),
        f"**{escape(month.standing.title)}: {dollars(month.standing.usd)}**",
        *([_markdown_table(month.standing)] if month.standing.lines else []),
        *([runs] if month.runs else []),
        _markdown_notes(month.so_far)
        + "".join(f"- not known: {code(one)}\n" for one in month.standing.unknown),
    ]
    return "\n\n".join(parts)


def month_json(month: MonthCost) -> str:
    content: dict[str, Any] = {
        "month": month.month,
        "usd": round(month.usd, DIGITS),
        "so_far": month.so_far.to_json(),
        "standing": month.standing.to_json(),
        "forecast": vars(month.forecast) if month.forecast else None,
        "no_forecast_because": month.why_not,
        "executions": [
            {
                "name": one.name,
                "status": one.status,
                "started": one.started.isoformat(),
                "usd": round(one.cost.usd, DIGITS),
                "by_service": one.cost.by_service(),
            }
            for one in month.runs
        ],
    }
    return json.dumps(content, indent=1)


def forecast(month: MonthCost) -> str:
    """One line: the forecast with its arithmetic, or why there is none."""
    if month.forecast is None:
        return f"not known: {month.why_not}"
    found = month.forecast
    return f"{dollars(found.usd)} ({found.schedule}, {count(found.runs, 'run')} to come): {found.arithmetic}"


def _text_lines(cost: Cost) -> list[str]:
    return [_text_line(one) for one in cost.lines]


def _text_line(one: Line) -> str:
    what, _, which = one.what.partition(": ")
    return f"    {what:<24} {dollars(one.usd):>12}  {f'{which}: ' if which else ''}{_arithmetic(one)}"


def _arithmetic(one: Line) -> str:
    return f"{one.arithmetic} {one.marks}".rstrip()


def _text_notes(cost: Cost) -> list[str]:
    return [_basis(cost), f"not in it: {NOT_INCLUDED}", *(f"not known: {one}" for one in cost.unknown)]


def _basis(cost: Cost) -> str:
    return f"an estimate by AWS's published prices of {cost.date} in {cost.region}, not the bill"


def _markdown_table(cost: Cost) -> str:
    rows = ([escape(one.what), escape(_arithmetic(one)), dollars(one.usd)] for one in cost.lines)
    return table(COLUMNS, rows, COLUMNS[2:])


def _markdown_notes(cost: Cost) -> str:
    unknown = "".join(f"- not known: {code(one)}\n" for one in cost.unknown)
    return f"*{escape(_basis(cost).capitalize())}. Not in it: {escape(NOT_INCLUDED)}.*\n{unknown}"


def _run_row(one: RunCost) -> list[str | None]:
    return [code(one.name), code(one.status), f"{one.started:%Y-%m-%d %H:%M}", dollars(one.cost.usd)]
