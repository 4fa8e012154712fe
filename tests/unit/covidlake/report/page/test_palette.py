"""The colours of series can be told from white and from each other, and each has one for the dark."""

from __future__ import annotations

import re
from pathlib import Path

from covidlake.report.page import page, palette

CSS = (Path(page.__file__).parent / "page.css").read_text()
BACK = {"light": "#ffffff", "dark": "#0d1117"}


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.03928 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_each_colour_is_seen_on_white() -> None:
    assert len(set(palette.SERIES)) == len(palette.SERIES)
    assert all(contrast(one, BACK["light"]) >= 4.5 for one in palette.SERIES)


def test_each_colour_has_one_for_the_dark_that_is_seen_there() -> None:
    dark = dict(re.findall(r'\[stroke="(#\w{6})"\] \{ stroke: (#\w{6})', CSS))
    assert list(dark) == list(palette.SERIES)
    assert all(contrast(one, BACK["dark"]) >= 4.5 for one in dark.values())
    assert dict(re.findall(r'\[fill="(#\w{6})"\] \{ fill: (#\w{6})', CSS)) == dark
