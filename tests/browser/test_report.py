"""The report in a real browser: read by everybody, on any width, without a script and without a request."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from covidlake.report.page import charts, gantt, page, state_picture
from tests import recorded_executions

SECTIONS = ("data-sets", "states", "time", "quality", "quarantine", "crawl", "cost", "trend", "charts")
NAMES = recorded_executions.names()
MARKS = {"line": "mark-line", "area": "mark-area", "bar": "mark-rect"}
LEGIBLE = 12  # pixels of the smallest text
# The size of each text that is shown, and the texts.
SIZES = """() => {
  const found = {}, walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const owner = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !owner.getClientRects().length) continue;
    found[parseFloat(getComputedStyle(owner).fontSize)] = walker.currentNode.data.trim();
  }
  return found;
}"""
# What is wider than the window and does not lie in something that scrolls by itself.
WIDER = """() => [...document.querySelectorAll('body *')].filter(one =>
  one.getBoundingClientRect().right > window.innerWidth + 1 && !one.closest('.scroll, pre')
).map(one => one.outerHTML.slice(0, 100))"""


@pytest.mark.parametrize("name", NAMES)
def test_every_section_is_seen_and_nothing_is_asked_for(name: str, opened: Any) -> None:
    with opened(name) as shown:
        for section in SECTIONS:
            assert shown.page.locator(f"#{section}").is_visible(), section
        assert shown.page.locator("h1").inner_text() == name
        assert shown.page.locator("#failure").count() == (name in {"failed", "aborted", "timed-out"})
        assert shown.requests == [shown.address]
        assert shown.complaints == []


@pytest.mark.parametrize("name", NAMES)
def test_the_file_is_small(name: str, files: Callable[[str], Path]) -> None:
    assert files(name).stat().st_size <= page.LARGEST


@pytest.mark.parametrize("name", ["succeeded", "replayed"])
def test_each_chart_has_a_mark_for_each_series_or_value(name: str, opened: Any) -> None:
    with opened(name) as shown:
        drawings = [one.drawing for one in shown.facts.charts]
        assert {drawing.mark for drawing in drawings} == set(MARKS)
        for number, drawing in enumerate(drawings, 1):
            points = charts.points(drawing)
            each = (
                {one["x"] for one in points} if drawing.mark == "bar" else {one["series"] for one in points}
            )
            marks = shown.page.locator(f"#chart-{number} .{MARKS[drawing.mark]}.role-mark path")
            assert marks.count() == len(each), drawing.title
            assert all(mark.bounding_box()["height"] > 0 for mark in marks.all())


def test_the_trend_has_a_point_for_each_execution(opened: Any) -> None:
    with opened("replayed") as shown:
        seconds = shown.page.locator("#trend figure").first
        assert seconds.locator(".mark-symbol.role-mark path").count() == len(shown.facts.runs) == 3


@pytest.mark.parametrize("name", NAMES)
def test_the_states_are_drawn_as_they_ended(name: str, opened: Any) -> None:
    with opened(name) as shown:
        found = state_picture.outcomes(shown.facts.timeline)
        for outcome in set(found.values()):
            drawn = shown.page.locator(f".states .state.{outcome}, .states .map.{outcome}").count()
            assert drawn == sum(one == outcome for one in found.values()), outcome
        bars = shown.page.locator(".gantt rect.bar").count()
        assert bars >= len(gantt.rows(shown.facts.timeline.visits)) - gantt.left_out(
            shown.facts.timeline.visits
        )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["failed", "succeeded", "aborted"])
def test_axe_finds_nothing(name: str, scheme: str, opened: Any) -> None:
    from axe_playwright_python.sync_playwright import Axe

    with opened(name, scheme=scheme) as shown:
        for details in shown.page.locator("details").all():
            details.evaluate("one => one.open = true")
        found = Axe().run(shown.page, options={"resultTypes": ["violations"]})
        assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("width", [375, 1280])
@pytest.mark.parametrize("name", ["failed", "succeeded"])
def test_it_is_legible_and_nothing_leaves_the_window(name: str, width: int, opened: Any) -> None:
    with opened(name, width=width) as shown:
        for details in shown.page.locator("details").all():
            details.evaluate("one => one.open = true")
        sizes = shown.page.evaluate(SIZES)
        assert sizes
        small = {size: text for size, text in sizes.items() if float(size) < LEGIBLE}
        assert small == {}
        assert shown.page.evaluate("document.documentElement.scrollWidth") == width
        assert shown.page.evaluate(WIDER) == []


@pytest.mark.parametrize("name", ["failed", "segmented"])
def test_on_a_phone_the_states_are_a_list_that_nobody_scrolls_sideways(name: str, opened: Any) -> None:
    with opened(name, width=375) as shown:
        assert not shown.page.locator("svg.states").is_visible()
        lines = shown.page.locator(".state-list > li")
        assert lines.count() == shown.page.locator(".states .state, .states .map").count()
        for line in lines.all():
            box = line.bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 375
    with opened(name) as shown:
        assert shown.page.locator("svg.states").is_visible()
        assert not shown.page.locator(".state-list").first.is_visible()


def test_it_is_read_without_scripts(opened: Any) -> None:
    with opened("failed", java_script_enabled=False) as shown:
        for section in SECTIONS:
            assert shown.page.locator(f"#{section}").is_visible()
        summary = shown.page.locator("#quality summary").first
        summary.click()
        assert shown.page.locator("#quality details table").first.is_visible()


def test_it_prints(opened: Any) -> None:
    with opened("succeeded") as shown:
        shown.page.emulate_media(media="print")
        assert not shown.page.locator("nav").is_visible()
        assert shown.page.locator("#charts svg").count() == len(shown.facts.charts)
        assert shown.page.pdf().startswith(b"%PDF")


def test_the_policy_refuses_what_gets_in(opened: Any) -> None:
    intruder = '<img src="https://example.com/x.png" onerror="window.ran = 1">'
    with opened("succeeded") as shown:
        refused = lambda request: request.failure == "csp"  # noqa: E731 - one word for the wait below
        with shown.page.expect_event("requestfailed", refused):
            shown.page.evaluate("text => document.body.insertAdjacentHTML('beforeend', text)", intruder)
        assert shown.page.evaluate("window.ran") is None
        assert any("Content Security Policy" in one for one in shown.complaints)
