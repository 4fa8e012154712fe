"""Elements of SVG: whatever they are given, they stay elements."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

from covidlake.report.page import svg
from tests.unit.covidlake.report.page.conftest import HOSTILE


def test_attributes_are_spelled_as_svg_does_and_numbers_are_short() -> None:
    assert svg.element("rect", x=1.0, y=2.26, class_="box", font_size=3) == (
        '<rect x="1" y="2.3" class="box" font-size="3"/>'
    )


def test_texts_and_attributes_from_outside_are_escaped() -> None:
    made = svg.picture([svg.text(HOSTILE, x=1), svg.title(HOSTILE)], 10, 10, HOSTILE, "states")
    tree = ElementTree.fromstring(made)  # noqa: S314 - our own text
    assert len(list(tree)) == 2
    assert tree.attrib["aria-label"] == tree[0].text == tree[1].text
    assert "\u202e" not in made
