"""Charts: what is drawn has a mark for each series or value, and what cannot be drawn says why."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from covidlake.report.page import charts, palette
from covidlake.report.page.charts import Drawing, UndrawableError
from tests.unit.covidlake.report.page.conftest import HOSTILE

NATIONS = ("England", "Scotland", "Wales")
ROWS = tuple((f"2022-12-{day:02}", name, str(day)) for day in range(1, 8) for name in NATIONS)
LINES = Drawing(
    "Patients", "line", "date", ("patients",), "nation", "patients", ("date", "nation", "patients"), ROWS
)
BARS = Drawing(
    "Cases",
    "bar",
    "state",
    ("cases",),
    "",
    "cases",
    ("state", "cases"),
    (("A", "3"), ("B", "2.5"), ("C", "1")),
)


def test_a_line_for_each_series_in_a_colour_of_its_own() -> None:
    svg = charts.svg(charts.spec(LINES))
    lines = re.findall(r'class="mark-line role-mark.*?</g>', svg)
    strokes = [colour for line in lines for colour in re.findall(r'stroke="(#\w+)"', line)]
    assert strokes == list(palette.SERIES[: len(NATIONS)])


def test_a_bar_for_each_value_and_its_name_beside_it() -> None:
    svg = charts.svg(charts.spec(BARS))
    (bars,) = re.findall(r'class="mark-rect role-mark.*?</g>', svg)
    assert bars.count("<path") == 3
    assert all(f">{name}</text>" in svg for name in "ABC")


def test_the_picture_needs_nothing_from_outside_and_no_style() -> None:
    hostile = replace(LINES, rows=((*ROWS[0][:1], HOSTILE, "1"), *ROWS[1:]))
    svg = charts.svg(charts.spec(hostile))
    assert not re.search(r"<script|<image|<style|style=|href|url\(|on\w+=", svg.replace("&lt;", ""))
    assert svg.count("http") == svg.count('xmlns="http://www.w3.org/2000/svg"') == 1


def test_the_specification_is_valid_vega_lite() -> None:
    import altair

    for drawing in (LINES, BARS, replace(LINES, mark="area"), replace(LINES, mark="point")):
        altair.Chart.from_dict(charts.spec(drawing), validate=True)


def test_wide_answers_have_a_series_for_each_column() -> None:
    wide = Drawing(
        "Doses",
        "line",
        "week",
        ("first_doses", "second_doses"),
        "",
        "",
        ("week", "first_doses", "second_doses"),
        (("2021-01-04", "1", None), ("2021-01-11", "2", "3")),
    )
    assert [(one["series"], one["y"]) for one in charts.points(wide)] == [
        ("first doses", 1.0),
        ("first doses", 2.0),
        ("second doses", 3.0),
    ]


def test_days_are_days_wherever_the_machine_is(monkeypatch: pytest.MonkeyPatch) -> None:
    values = charts.spec(replace(LINES, rows=(("2022-12-07 10:00:00.000", "Wales", "1"), *ROWS)))["data"][
        "values"
    ]
    assert values[0]["x"] == "2022-12-07T10:00:00Z"
    assert values[1]["x"] == "2022-12-01"


@pytest.mark.parametrize(
    ("drawing", "why"),
    [
        (replace(LINES, rows=()), "has no rows"),
        (replace(LINES, x="day"), "has no column 'day'"),
        (replace(LINES, rows=(("2022-12-01", "Wales", "many"),)), "holds 'many', which is no number"),
        (
            replace(LINES, rows=tuple(("2022-12-01", str(one), "1") for one in range(9))),
            "has 9 series, at most 8",
        ),
        (replace(LINES, rows=ROWS[:1] * 5001), "has 5,001 rows, at most 5,000"),
        (replace(BARS, rows=tuple((f"s{one}", "1") for one in range(31))), "has 31 bars, at most 30"),
    ],
)
def test_what_cannot_be_drawn_says_why(drawing: Drawing, why: str) -> None:
    with pytest.raises(UndrawableError, match=why):
        charts.spec(drawing)


def test_the_text_has_the_range_of_each_series() -> None:
    assert charts.text(LINES).startswith(
        "21 values from 2022-12-01 to 2022-12-07. England: 1 to 7, the last 7; "
    )


@pytest.mark.parametrize(
    "instants",
    [
        ("2022-12-07", "2022-12-08"),
        ("2022-12-07", "2022-12-09"),
        ("2022-12-07",),
        ("2022-12-07 10:00:00", "2022-12-07 10:00:20"),
        ("2022-12-07 10:00:00", "2022-12-07 10:04:00"),
        ("2022-12-07 10:00:00", "2022-12-07 10:06:00"),
        ("2022-12-07T10:00:00.123+00:00", "2022-12-08T10:06:00.456+00:00"),
    ],
)
@pytest.mark.parametrize("frame", [charts.WIDE, charts.NARROW])
def test_no_two_ticks_say_the_same(instants: tuple[str, ...], frame: charts.Frame) -> None:
    drawing = replace(LINES, rows=tuple((one, "Wales", "1") for one in instants))
    axis = re.findall(r">(\d\d Dec [^<]*)</text>", charts.svg(charts.spec(drawing, frame)))
    assert axis
    assert len(set(axis)) == len(axis)
