"""Make the pictures of the report that the documents show, of a recorded execution: `make docs-pictures`.

Beside the pictures lies a digest of what the page says, with which a test finds out that they are old.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from covidlake.report.page import charts, facts, page
from covidlake.report.page.facts import Facts
from tests import recorded_executions
from tests.browser import browsers

FOLDER = Path(__file__).parents[2] / "docs/pictures"
DIGEST = FOLDER / "made-of.sha256"
SHOWN = "replayed"  # it has a trend, and every section something to say
LARGEST = 150_000  # bytes of a picture


@dataclass(frozen=True)
class Picture:
    """A part of the page: `section` names it, or it is the window from the top."""

    name: str
    width: int
    height: int
    scheme: str = "light"
    section: str = ""

    @property
    def path(self) -> Path:
        return FOLDER / f"{self.name}.png"


PICTURES = (
    Picture("report", 1280, 1150),
    Picture("report-chart", 800, 900, "dark", "chart-3"),
    Picture("report-phone", 375, 760),
)


def found() -> Facts:
    return facts.facts(recorded_executions.read(SHOWN))


def digest() -> str:
    """Of what the page shows: its text, and what its charts draw; pictures of these depend on the machine."""
    shown = found()
    content = page.html(replace(shown, charts=(), trend=()))
    specifications = [charts.spec(one) for one in (*(one.drawing for one in shown.charts), *shown.trend)]
    whole = content + json.dumps([*specifications, [repr(one) for one in PICTURES]], sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()


def main() -> None:
    """Make every picture anew. Raises `SystemExit` where there is no browser."""
    if reason := browsers.missing():
        raise SystemExit(f"error: {reason}")
    from playwright.sync_api import sync_playwright

    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as started:
        file = Path(folder) / "report.html"
        file.write_text(page.html(found()), encoding="utf-8")
        running = started.chromium.launch(executable_path=browsers.executable(), args=list(browsers.FLAGS))
        for picture in PICTURES:
            size = {"width": picture.width, "height": picture.height}
            shown = running.new_page(viewport=size, color_scheme=picture.scheme)
            shown.goto(file.as_uri())
            target = shown.locator(f"#{picture.section}") if picture.section else shown
            target.screenshot(path=picture.path)
        running.close()
    DIGEST.write_text(f"{digest()}\n")


if __name__ == "__main__":
    main()
