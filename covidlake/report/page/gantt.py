"""The states over time as SVG: a row for each state, and for each iteration of a Map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from covidlake.base.text import shorten
from covidlake.report.page import svg
from covidlake.report.page.state_picture import WORDS
from covidlake.report.page.timeline import Visit
from covidlake.run.execution_history import SUCCEEDED
from covidlake.run.ingest import WORTH_SHOWING_SECONDS

MOST_ROWS = 60
TOP = 30.0
BAR = 16.0  # the height of a bar
LEAST = 2.0  # the width of the shortest bar
CHARACTER = 7.4  # the width of a character, on the safe side
STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200)
TICKS = 6


@dataclass(frozen=True)
class Frame:
    """How wide things are: what is left of the bars, the bars, the times behind them; how high a row is."""

    left: float
    bars: float
    times: float
    row: float
    ticks: int

    @property
    def is_narrow(self) -> bool:
        """Whether labels stand above their bars, because there is no room beside them."""
        return self.row > 2 * BAR

    @property
    def label_length(self) -> int:
        """How many characters of a label have room."""
        room = self.bars + self.times if self.is_narrow else self.left
        return int((room - 8) / CHARACTER)


WIDE = Frame(left=265.0, bars=310.0, times=85.0, row=22.0, ticks=TICKS)
NARROW = Frame(left=4.0, bars=215.0, times=85.0, row=38.0, ticks=3)


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


def picture(visits: Sequence[Visit], frame: Frame = WIDE) -> str:
    """A bar for each visit, beside its state or, in a narrow frame, below it."""
    shown = _shown(visits)
    total = max((visit.end or 0.0 for visit in visits), default=0.0) or 1.0
    height = TOP + frame.row * len(shown) + 8
    parts = [*_axis(total, height, frame)]
    for number, (label, some) in enumerate(shown):
        parts += _row(label, some, TOP + number * frame.row, total, frame)
    name = "The states over time; the table below has the same"
    return svg.picture(parts, frame.left + frame.bars + frame.times, height, name, "gantt")


def _axis(total: float, height: float, frame: Frame) -> list[str]:
    step = next((one for one in STEPS if total / one <= frame.ticks), STEPS[-1])
    parts, at = [], 0.0
    while at <= total:
        x = frame.left + at / total * frame.bars
        anchor = "start" if frame.is_narrow and not at else "middle"
        parts.append(svg.element("line", x1=x, x2=x, y1=TOP - 8, y2=height, class_="grid"))
        parts.append(svg.text(duration(at), x=x, y=TOP - 14, text_anchor=anchor))
        at += step
    return parts


def _label(label: str, top: float, frame: Frame) -> str:
    short = shorten(label, frame.label_length)
    if frame.is_narrow:
        return svg.text(short, x=frame.left + 4, y=top + 14)
    return svg.text(short, x=frame.left - 8, y=top + frame.row / 2 + 4, text_anchor="end")


def _row(label: str, some: Sequence[Visit], top: float, total: float, frame: Frame) -> list[str]:
    parts = [_label(label, top, frame)]
    top += frame.row - BAR - 3
    for visit in some:
        width = max(visit.seconds / total * frame.bars, LEAST)
        start = min(frame.left + visit.start / total * frame.bars, frame.left + frame.bars - LEAST)
        said = svg.title(f"{label}: {duration(visit.seconds)}, {WORDS[visit.outcome]}")
        parts.append(
            svg.element(
                "rect",
                said,
                x=start,
                y=top,
                width=width,
                height=BAR,
                rx=2,
                class_=f"bar {visit.outcome}",
            )
        )
    end = frame.left + max(visit.end or 0.0 for visit in some) / total * frame.bars
    parts.append(svg.text(duration(sum(one.seconds for one in some)), x=end + 6, y=top + BAR / 2 + 4))
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
