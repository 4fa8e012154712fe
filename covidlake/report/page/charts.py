"""Charts as SVG: Vega-Lite written by Altair, drawn by vl-convert when the report is made."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from covidlake.base.text import count
from covidlake.report.page import palette
from covidlake.report.page.cut import cut

BAR_HEIGHT = 22  # of one value where they stand below each other
MOST_ROWS = 5_000  # of an answer that is drawn; more make the file large and the picture no clearer
MOST_SERIES = len(palette.SERIES)
MOST_BARS = 30
LABEL_LENGTH = 30
SHORT_NAME = 16  # characters of a series; longer ones have half as many columns in the legend
LABEL_GAP = 12  # pixels between two labels of an axis, and to its title
POINTED = 31  # places of x up to which a line shows its points
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")


@dataclass(frozen=True)
class Frame:
    """The size of a plot without its axes, and what it leaves to the names of bars and of series.

    Labels are measured in one font and shown in the reader's own, which may be wider: hence the `padding`.
    """

    width: int
    height: int
    bars_width: int  # where names stand beside the bars
    name_pixels: int  # of a name
    legend: tuple[int, int, int]  # columns of short names, the room between them, pixels of a name
    ticks: int
    padding: tuple[int, int]  # left and right


WIDE = Frame(510, 260, 390, 180, (4, 20, 180), 5, (36, 40))  # fits a window of 768 pixels
NARROW = Frame(182, 190, 152, 85, (1, 14, 200), 2, (16, 36))  # fits one of 375


class UndrawableError(Exception):
    """An answer that makes no picture; the message says why, and what to do."""


@dataclass(frozen=True)
class Drawing:
    """What to draw: the columns of an answer and its rows, as text, null as None."""

    title: str
    mark: str
    x: str
    y: tuple[str, ...]
    series: str
    unit: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]


def points(drawing: Drawing) -> list[dict[str, Any]]:
    """A point for each value: `x`, `y` and `series`. Raises `UndrawableError`."""
    if len(drawing.rows) > MOST_ROWS:
        raise UndrawableError(
            f"its answer has {count(len(drawing.rows), 'row')}, at most {MOST_ROWS:,} are drawn: "
            "aggregate them"
        )
    at = {name: place for place, name in enumerate(drawing.columns)}
    if lost := [one for one in (drawing.x, *drawing.y, drawing.series) if one and one not in at]:
        raise UndrawableError(f"its answer has no column {lost[0]!r}: correct the description")
    found = []
    for row in drawing.rows:
        for name in drawing.y:
            label = row[at[drawing.series]] if drawing.series else name.replace("_", " ")
            value, x = row[at[name]], row[at[drawing.x]]
            if value is not None and x is not None:
                found.append({"x": _label(x), "y": _number(name, value), "series": _label(label or "-")})
    if not found:
        raise UndrawableError("its answer has no rows")
    if (several := len({one["series"] for one in found})) > MOST_SERIES:
        raise UndrawableError(f"its answer has {several} series, at most {MOST_SERIES} can be told apart")
    return found


def _label(text: str) -> str:
    return cut(text, LABEL_LENGTH)


def _number(column: str, text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise UndrawableError(f"column {column!r} holds {cut(text, LABEL_LENGTH)!r}, which is no number")
    return float(text)


def spec(drawing: Drawing, frame: Frame = WIDE) -> dict[str, Any]:
    """The Vega-Lite specification. Raises `UndrawableError`."""
    import altair as alt

    found = points(drawing)
    kind = _kind(found)
    chart = getattr(alt.Chart(alt.InlineData(values=[])), f"mark_{drawing.mark}")(
        **_mark(drawing.mark, found)
    )
    places, size = _places(drawing, kind, found, frame)
    sized = chart.encode(**places).properties(**size)
    made: dict[str, Any] = _configured(sized, frame).to_dict(validate=False)
    values = [one | {"x": _instant(one["x"])} for one in found] if kind == "temporal" else found
    return made | {"data": {"values": values}}  # put in here: Altair would check each value by its schema


def _kind(found: Sequence[dict[str, Any]]) -> str:
    """What the values of `x` are: temporal, quantitative or nominal."""
    values = [one["x"] for one in found]
    if all(map(_is_day, values)):
        return "temporal"
    return "quantitative" if all(map(_NUMBER.fullmatch, values)) else "nominal"


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text[:10])
    except ValueError:
        return False
    return _DAY.match(text) is not None


def _instant(text: str) -> str:
    """A day or a moment in UTC, as Vega reads it: what has no zone would be taken for the machine's."""
    return text if len(text) == len("2022-12-07") else f"{text[:19].replace(' ', 'T')}Z"


def _mark(mark: str, found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """An area is seen through; a short line has points, for one alone would not be seen."""
    if mark == "line":
        few = len({one["x"] for one in found}) <= POINTED
        return {"strokeWidth": 2, "point": {"size": 40} if few else False}
    drawn: dict[str, dict[str, Any]] = {"area": {"opacity": 0.7}, "point": {"filled": True}}
    return drawn.get(mark, {})


def _places(
    drawing: Drawing, kind: str, found: Sequence[dict[str, Any]], frame: Frame
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The encodings, and the size: named values stand below each other, so that their names can be read."""
    import altair as alt

    names = list(dict.fromkeys(one["series"] for one in found))
    columns = frame.legend[0] if max(map(len, names)) <= SHORT_NAME else max(1, frame.legend[0] // 2)
    legend = alt.Legend(title=None, columns=columns) if len(names) > 1 else None
    colour = alt.Color(
        "series:N", scale=alt.Scale(domain=names, range=list(palette.SERIES[: len(names)])), legend=legend
    )
    value: dict[str, Any] = {"title": drawing.unit or ", ".join(drawing.y).replace("_", " ")}
    if kind == "nominal" and drawing.mark == "bar":
        names_axis = alt.Axis(labelLimit=frame.name_pixels)
        x = alt.X(
            "y:Q",
            axis=alt.Axis(tickCount=frame.ticks, labelOverlap="parity", labelSeparation=LABEL_GAP),
            **value,
        )
        y = alt.Y("x:N", sort=None, title=None, axis=names_axis)
        rows = len({one["x"] for one in found})
        if rows > MOST_BARS:
            raise UndrawableError(f"its answer has {rows} bars, at most {MOST_BARS} are drawn: LIMIT them")
        return {"x": x, "y": y, "color": colour}, {
            "width": frame.bars_width,
            "height": BAR_HEIGHT * rows,
        }
    axis = alt.Axis(labelOverlap="parity", labelSeparation=LABEL_GAP, **_ticks(kind, found, frame))
    scale = alt.Scale(type="utc") if kind == "temporal" else alt.Undefined
    named = alt.X(f"x:{kind[0].upper()}", title=None, axis=axis, scale=scale)
    return {"x": named, "y": alt.Y("y:Q", **value), "color": colour}, {
        "width": frame.width,
        "height": frame.height,
    }


def _ticks(kind: str, found: Sequence[dict[str, Any]], frame: Frame) -> dict[str, Any]:
    """How many ticks, and how they are written: no two of them alike, however short the time is."""
    if kind != "temporal":
        return {}
    moments = [datetime.fromisoformat(one["x"]).replace(tzinfo=None) for one in found]
    span = max(moments) - min(moments)
    if any(len(one["x"]) > len("2022-12-07") for one in found):
        short = span < timedelta(minutes=frame.ticks)
        return {"tickCount": frame.ticks, "format": "%d %b %H:%M:%S" if short else "%d %b %H:%M"}
    return {"tickCount": min(frame.ticks, span.days) or 1, "format": "%d %b %Y"}


def _configured(chart: Any, frame: Frame) -> Any:
    axis: dict[str, Any] = {"labelColor": palette.TEXT, "titleColor": palette.TEXT, "tickColor": palette.TEXT}
    axis |= {"domainColor": palette.TEXT, "gridColor": palette.GRID}
    text = {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "aria": False}
    axis |= {"titlePadding": LABEL_GAP, "labelPadding": 6}
    _, gap, pixels = frame.legend
    legend: dict[str, Any] = {"labelColor": palette.TEXT, "orient": "bottom", "columnPadding": gap}
    legend |= {"symbolStrokeWidth": 3, "labelLimit": pixels}
    padding = {"left": frame.padding[0], "top": 8, "right": frame.padding[1], "bottom": 8}
    return (
        chart.configure(background="transparent", font="sans-serif", aria=False, padding=padding)
        .configure_view(stroke=None)
        .configure_axis(**axis, **text)
        .configure_legend(**legend, **text)
        .configure_mark(aria=False)
    )


def svg(specification: dict[str, Any]) -> str:
    """The picture, which holds no script, no style and no address."""
    import vl_convert

    drawn: str = vl_convert.vegalite_to_svg(specification, allowed_base_urls=[])
    return re.sub(r'\s(style|role|aria-[a-z]+|xmlns:xlink|font-family)="[^"]*"', "", drawn)


def text(drawing: Drawing) -> str:
    """The chart in a sentence, for who does not see it. Raises `UndrawableError`."""
    found = points(drawing)
    of_series: dict[str, list[dict[str, Any]]] = {}
    for one in found:
        of_series.setdefault(one["series"], []).append(one)
    first, last = (one["x"][:16].replace("T", " ") for one in (found[0], found[-1]))
    parts = [
        f"{name}: {min(one['y'] for one in some):,.6g} to {max(one['y'] for one in some):,.6g}, "
        f"the last {some[-1]['y']:,.6g}"
        for name, some in of_series.items()
    ]
    return f"{count(len(found), 'value')} from {first} to {last}. {'; '.join(parts)}."
