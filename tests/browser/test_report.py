"""The report in a real browser: read by everybody, on any width, without a script and without a request."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from covidlake.report.page import charts, gantt, page, state_picture
from tests import recorded_executions
from tests.browser.conftest import POISONED

SECTIONS = ("data-sets", "states", "time", "quality", "quarantine", "crawl", "cost", "trend", "charts")
NAMES = recorded_executions.names()
MARKS = {"line": "mark-line", "area": "mark-area", "bar": "mark-rect"}
WIDTHS = (375, 768, 1280)
PAPER = 718  # of A4 between the margins
# Those that the others are further cases of.
MORE = {"aborted", "nothing-new", "replayed", "running", "timed-out"}
SHOWN = [
    pytest.param(name, marks=pytest.mark.prove) if name in MORE else name for name in [*NAMES, *POISONED]
]
AUDITS = [(1280, "light"), (1280, "dark"), (375, "light"), (375, "dark")]
# An audit takes its time: of each page, width and scheme some, and `make prove` all.
FIRST = {
    *(("failed", 1280, "light"), ("succeeded", 1280, "dark"), ("segmented", 375, "light")),
    *(("aborted", 375, "dark"), ("hostile", 1280, "light")),
}
AUDITED = [
    pytest.param(name, *how, marks=() if (name, *how) in FIRST else pytest.mark.prove)
    for name in [*NAMES, *POISONED]
    for how in AUDITS
]
LEGIBLE = 12  # pixels of the smallest text
OPEN = "() => document.querySelectorAll('details').forEach(one => { one.open = true; })"
# The size of each text that is shown, and the texts. What is in a picture is as large as that is drawn.
SIZES = """() => {
  const found = {}, walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const owner = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !owner.getClientRects().length) continue;
    const drawn = owner.closest('svg');
    const scale = drawn ? drawn.getBoundingClientRect().width / drawn.viewBox.baseVal.width : 1;
    const size = parseFloat(getComputedStyle(owner).fontSize) * scale;
    found[size.toFixed(2)] = walker.currentNode.data.trim();
  }
  return found;
}"""
# What is wider than the window and does not lie in something that scrolls by itself.
WIDER = """() => [...document.querySelectorAll('body *')].filter(one =>
  one.getBoundingClientRect().right > window.innerWidth + 1 && !one.closest('.scroll, pre')
).map(one => one.outerHTML.slice(0, 100))"""

# What a reader would have to scroll sideways, but for a diagram with more boxes than any window has room for.
SCROLLED = """() => [...document.querySelectorAll('.scroll, pre')].filter(one =>
  one.scrollWidth > one.clientWidth + 1 && !one.matches('.from-right')
).map(one => `${one.getAttribute('aria-label')}: ${one.scrollWidth} > ${one.clientWidth}`)"""
# Texts of pictures that lie outside of them.
CUT = """() => [...document.querySelectorAll('svg text')].filter(one => {
  const text = one.getBoundingClientRect(), whole = one.closest('svg').getBoundingClientRect();
  return text.width && (text.left < whole.left - 1 || text.right > whole.right + 1
    || text.top < whole.top - 1 || text.bottom > whole.bottom + 1);
}).map(one => one.textContent)"""
# Texts of a picture that lie on each other.
COVERED = """() => [...document.querySelectorAll('svg')].flatMap(drawn => {
  const texts = [...drawn.querySelectorAll('text')].filter(one =>
    one.textContent && one.getClientRects().length && getComputedStyle(one).opacity !== '0');
  const boxes = texts.map(one => one.getBoundingClientRect());
  return boxes.flatMap((a, at) => boxes.flatMap((b, other) =>
    other > at && Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
      && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3
      ? [`${texts[at].textContent} on ${texts[other].textContent}`] : []));
})"""


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


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["succeeded", "replayed"])
def test_each_chart_has_a_mark_for_each_series_or_value(name: str, width: int, opened: Any) -> None:
    with opened(name, width=width) as shown:
        drawings = [one.drawing for one in shown.facts.charts]
        assert {drawing.mark for drawing in drawings} == set(MARKS)
        for number, drawing in enumerate(drawings, 1):
            points = charts.points(drawing)
            each = (
                {one["x"] for one in points} if drawing.mark == "bar" else {one["series"] for one in points}
            )
            marks = shown.page.locator(f"#chart-{number} .{MARKS[drawing.mark]}.role-mark path:visible")
            assert marks.count() == len(each), drawing.title
            assert all(mark.bounding_box()["height"] > 0 for mark in marks.all())


def test_the_trend_has_a_point_for_each_execution(opened: Any) -> None:
    with opened("replayed") as shown:
        seconds = shown.page.locator("#trend figure").first
        assert seconds.locator(".mark-symbol.role-mark path:visible").count() == len(shown.facts.runs) == 3


@pytest.mark.parametrize("name", NAMES)
def test_the_states_are_drawn_as_they_ended(name: str, opened: Any) -> None:
    with opened(name) as shown:
        found = state_picture.outcomes(shown.facts.timeline)
        for outcome in set(found.values()):
            drawn = shown.page.locator(f".states .state.{outcome}, .states .map.{outcome}").count()
            assert drawn == sum(one == outcome for one in found.values()), outcome
        bars = shown.page.locator(".gantt rect.bar:visible").count()
        assert bars >= len(gantt.rows(shown.facts.timeline.visits)) - gantt.left_out(
            shown.facts.timeline.visits
        )


@pytest.mark.parametrize(("name", "width", "scheme"), AUDITED)
def test_axe_finds_nothing(name: str, width: int, scheme: str, opened: Any) -> None:
    from axe_playwright_python.sync_playwright import Axe

    with opened(name, width=width, scheme=scheme) as shown:
        shown.page.evaluate(OPEN)
        found = Axe().run(shown.page, options={"resultTypes": ["violations"]})
        assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", SHOWN)
def test_it_is_legible_and_nothing_leaves_the_window(name: str, width: int, opened: Any) -> None:
    with opened(name, width=width) as shown:
        shown.page.evaluate(OPEN)
        sizes = shown.page.evaluate(SIZES)
        assert sizes
        small = {size: text for size, text in sizes.items() if float(size) < LEGIBLE}
        assert small == {}
        assert shown.page.evaluate("document.documentElement.scrollWidth") == width
        assert shown.page.evaluate(WIDER) == []
        assert shown.page.evaluate(SCROLLED) == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", SHOWN)
def test_no_text_of_a_picture_is_cut_or_covered_by_another(name: str, width: int, opened: Any) -> None:
    with opened(name, width=width) as shown:
        assert shown.page.evaluate(CUT) == []
        assert shown.page.evaluate(COVERED) == []


@pytest.mark.parametrize("name", NAMES)
def test_on_a_phone_each_value_of_a_table_says_its_column(name: str, opened: Any) -> None:
    with opened(name, width=375) as shown:
        for table in shown.page.locator("table:visible").all():
            columns = table.locator("thead th").all_text_contents()
            cells = table.locator("tbody tr").first.locator("td").all()
            assert [cell.get_attribute("data-label") for cell in cells] == columns[1:]
            before = "one => getComputedStyle(one, '::before').content"
            for cell, column in zip(cells, columns[1:], strict=True):
                assert not cell.inner_text() or cell.evaluate(before) == f'"{column}: "'
        assert shown.page.get_by_role("table").count() == shown.page.locator("table:visible").count()


@pytest.mark.parametrize("name", POISONED)
def test_text_that_means_harm_is_shown_as_text(name: str, opened: Any) -> None:
    with opened(name) as shown:
        shown.page.evaluate(OPEN)
        assert shown.requests == [shown.address]
        assert shown.complaints == []
        assert shown.page.locator("script, img, [onerror], main a").count() == 0
        text = shown.page.locator("#failure").inner_text()
        assert len(text) < 50_000
        assert ("<script>alert(1)</script>" in text) == (name == "hostile")


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
        assert shown.page.locator("#charts svg:visible").count() == len(shown.facts.charts)
        assert shown.page.pdf().startswith(b"%PDF")


@pytest.mark.parametrize("name", SHOWN)
def test_nothing_is_cut_on_paper(name: str, opened: Any) -> None:
    with opened(name, width=PAPER) as shown:
        shown.page.emulate_media(media="print")
        shown.page.evaluate(OPEN)
        assert shown.page.evaluate("document.documentElement.scrollWidth") == PAPER
        assert shown.page.evaluate(CUT) == []
        assert shown.page.locator(".narrow:visible").count() == 0


def test_the_policy_refuses_what_gets_in(opened: Any) -> None:
    intruder = '<img src="https://example.com/x.png" onerror="window.ran = 1">'
    with opened("succeeded") as shown:
        refused = lambda request: request.failure == "csp"  # noqa: E731 - one word for the wait below
        with shown.page.expect_event("requestfailed", refused):
            shown.page.evaluate("text => document.body.insertAdjacentHTML('beforeend', text)", intruder)
        assert shown.page.evaluate("window.ran") is None
        assert any("Content Security Policy" in one for one in shown.complaints)
