"""The status site in a real browser: on any width, without a script and without a request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from covidlake.report.page import facts
from covidlake.report.page.collected import Gap
from covidlake.report.site import site
from covidlake.report.site.status import Status
from tests import recorded_executions
from tests.browser.conftest import POISONED
from tests.browser.test_report import COVERED, CUT, LEGIBLE, SCROLLED, SIZES, WIDER, WIDTHS
from tests.unit.covidlake.report.site.test_site import MONTH

NAMES = ("replayed", "failed")
SEGMENTED = ("segmented",)
Shown = Callable[..., Any]


@pytest.fixture(scope="module", params=["dev", "hostile", "megabyte", "segmentation/dev"])
def index(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of an environment; for a hostile one all that comes from outside is that text."""
    found = []
    for name in SEGMENTED if "/" in request.param else NAMES:
        collected = recorded_executions.read(name)
        collected.charts.clear()  # the report's own tests look at them
        found.append(facts.facts(collected))
    gaps: tuple[Gap, ...] = ()
    if text := POISONED.get(request.param, ""):
        record = {"run_id": text, "ended_at": text, "status": "LOADED"}
        records = found[0].collected.records | {text[:200]: [record]}
        found[0] = facts.facts(replace(found[0].collected, records=records))
        gaps = (Gap(text, text),)
    environment = request.param if "/" in request.param else "dev"
    status = Status(environment, found[0].collected.collected_at, tuple(found), MONTH, gaps)
    return site.write(status, tmp_path_factory.mktemp("site"))


@pytest.fixture
def shown(browser: Any, index: Path) -> Shown:
    @contextmanager
    def show(width: int = 1280, scheme: str = "light") -> Iterator[tuple[Any, list[str]]]:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page, heard = context.new_page(), list[str]()
        page.on("request", lambda request: heard.append(request.url))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("console", lambda message: heard.append(message.text))
        page.goto(index.as_uri())
        yield page, heard
        context.close()

    return show


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (375, "dark"),
        (1280, "light"),
        pytest.param(375, "light", marks=pytest.mark.prove),
        pytest.param(1280, "dark", marks=pytest.mark.prove),
    ],
)
def test_axe_finds_nothing_and_nothing_is_asked_for(
    scheme: str, width: int, shown: Shown, index: Path
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    with shown(width, scheme) as (page, heard):
        assert heard == [index.as_uri()]
        for section in ("freshness", "history", "cost"):
            assert page.locator(f"#{section}").is_visible()
        found = Axe().run(page, options={"resultTypes": ["violations"]})
        assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("width", WIDTHS)
def test_it_is_legible_and_nothing_leaves_the_window(width: int, shown: Shown) -> None:
    with shown(width) as (page, _):
        sizes = page.evaluate(SIZES)
        assert {size: text for size, text in sizes.items() if float(size) < LEGIBLE} == {}
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert page.evaluate(WIDER) == []
        assert page.evaluate(SCROLLED) == []
        assert page.evaluate(CUT) == []
        assert page.evaluate(COVERED) == []


def test_a_report_opens_from_it(shown: Shown) -> None:
    with shown() as (page, _):
        page.locator("#history a").first.click()
        assert page.locator("h1").inner_text() in {*NAMES, *SEGMENTED}
        assert page.locator("#states").is_visible()
