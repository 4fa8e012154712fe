"""The states over time as SVG: a row for each state, and for each iteration of a Map."""

from __future__ import annotations

from collections.abc import Sequence

from covidlake.base.text import shorten
from covidlake.report.page import svg
from covidlake.report.page.state_picture import WORDS
from covidlake.report.page.timeline import Visit
from covidlake.run.execution_history import SUCCEEDED
from covidlake.run.ingest import WORTH_SHOWING_SECONDS

MOST_ROWS = 60
LABELS, BARS, TIMES = 250.0, 480.0, 70.0
ROW, TOP = 22.0, 30.0
LEAST = 2.0  # the width of the shortest bar
STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200)
TICKS = 6


def rows(visits: Sequence[Visit]) -> list[tuple[str, list[Visit]]]:
    """The visits by state and iteration, in the order of the first; those of a loop share a row."""
    found: dict[tuple[str, str], list[Visit]] = {}
    for visit in visits:
        found.setdefault((visit.state, visit.about), []).append(visit)
    return [(f"{name} · {about}" if about else name, some) for (name, about), some in found.items()]


def left_out(visits: Sequence[Visit]) -> int:
    """How many rows the picture leaves to the table: those too short to see, and the shortest of too many."""
    return len(rows(visits)) - len(_shown(visits))


def _shown(visits: Sequence[Visit]) -> list[tuple[str, list[Visit]]]:
    found = rows(visits)
    spent = {label: sum(one.seconds for one in some) for label, some in found}
    longest = sorted(spent, key=lambda label: -spent[label])[:MOST_ROWS]
    worth = {label for label, some in found if _is_worth(some, spent[label])}
    return [(label, some) for label, some in found if label in worth and label in longest]


def _is_worth(some: Sequence[Visit], seconds: float) -> bool:
    return seconds >= WORTH_SHOWING_SECONDS or any(one.outcome != SUCCEEDED for one in some)


def picture(visits: Sequence[Visit]) -> str:
    """A bar for each visit, beside its state."""
    shown = _shown(visits)
    total = max((visit.end or 0.0 for visit in visits), default=0.0) or 1.0
    height = TOP + ROW * len(shown) + 8
    parts = [*_axis(total, height)]
    for number, (label, some) in enumerate(shown):
        parts += _row(label, some, TOP + number * ROW, total)
    name = "The states over time; the table below has the same"
    return svg.picture(parts, LABELS + BARS + TIMES, height, name, "gantt")


def _axis(total: float, height: float) -> list[str]:
    step = next((one for one in STEPS if total / one <= TICKS), STEPS[-1])
    parts, at = [], 0.0
    while at <= total:
        x = LABELS + at / total * BARS
        parts.append(svg.element("line", x1=x, x2=x, y1=TOP - 8, y2=height, class_="grid"))
        parts.append(svg.text(duration(at), x=x, y=TOP - 14, text_anchor="middle"))
        at += step
    return parts


def _row(label: str, some: Sequence[Visit], top: float, total: float) -> list[str]:
    middle = top + ROW / 2 + 4
    parts = [svg.text(shorten(label, 36), x=LABELS - 8, y=middle, text_anchor="end")]
    for visit in some:
        width = max(visit.seconds / total * BARS, LEAST)
        start = min(LABELS + visit.start / total * BARS, LABELS + BARS - LEAST)
        said = svg.title(f"{label}: {duration(visit.seconds)}, {WORDS[visit.outcome]}")
        parts.append(
            svg.element(
                "rect",
                said,
                x=start,
                y=top + 3,
                width=width,
                height=ROW - 6,
                rx=2,
                class_=f"bar {visit.outcome}",
            )
        )
    end = LABELS + max(visit.end or 0.0 for visit in some) / total * BARS
    parts.append(svg.text(duration(sum(one.seconds for one in some)), x=end + 6, y=middle))
    return parts


def duration(seconds: float) -> str:
    """`0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`."""
    if seconds < 10:
        return f"{seconds:.2g} s" if seconds < 1 else f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"
