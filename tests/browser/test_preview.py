"""The page of a preview of the data in a real browser: it has the style and the promises of the reports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from covidlake.laptop.preview import gate, model, page
from covidlake.laptop.preview.outline.outline import outline
from tests.browser.test_report import LEGIBLE, SCROLLED, SIZES, WIDER, WIDTHS
from tests.unit.covidlake.laptop.preview.test_model import EVIL, preview

RECORDED = Path(__file__).parents[1] / "unit/covidlake/laptop/preview/recorded.json"
PREVIEWS: dict[str, Callable[[], model.Preview]] = {
    "recorded": lambda: model.load(RECORDED),
    "hostile": lambda: preview(EVIL),
}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PREVIEWS)
def test_it_is_legible_and_nothing_leaves_the_window(
    name: str, width: int, browser: Any, tmp_path: Path
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    made = PREVIEWS[name]()
    file = tmp_path / "preview.html"
    file.write_text(page.html(outline(made, gate.judge(made))), encoding="utf-8")
    shown, heard = browser.new_page(viewport={"width": width, "height": 900}), list[str]()
    shown.on("request", lambda request: heard.append(request.url))
    shown.on("pageerror", lambda error: heard.append(str(error)))
    shown.on("console", lambda message: heard.append(message.text))
    shown.goto(file.as_uri())
    assert heard == [file.as_uri()]
    assert {size: text for size, text in shown.evaluate(SIZES).items() if float(size) < LEGIBLE} == {}
    assert shown.evaluate("document.documentElement.scrollWidth") == width
    assert shown.evaluate(WIDER) == []
    assert shown.evaluate(SCROLLED) == []
    found = Axe().run(shown, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()
    shown.close()
