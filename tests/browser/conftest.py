"""The pages of recorded executions, in the browser of this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from covidlake.report.page import facts, page
from covidlake.report.page.facts import Facts
from tests import recorded_executions
from tests.browser import browsers
from tests.unit.covidlake.report.page.conftest import HOSTILE, full_of

OPENING = {"test_preview.py", "test_report.py", "test_site.py"}  # what opens a browser


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    if reason := browsers.wrong():
        raise pytest.UsageError(reason)
    if reason := browsers.missing():
        for item in (one for one in items if one.path.is_relative_to(here) and one.path.name in OPENING):
            item.add_marker(pytest.mark.skip(reason=reason))


@dataclass
class Opened:
    """A page in a window, with what it asked for and what it complained about."""

    page: Any
    facts: Facts
    address: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


# What somebody who means harm may write into an error, a row or a name; a megabyte of it, in one word.
POISONED = {"hostile": HOSTILE, "megabyte": "x" * 1_000_000}


@cache
def facts_of(name: str) -> Facts:
    return full_of(POISONED[name]) if name in POISONED else facts.facts(recorded_executions.read(name))


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The file of a recording's page, written once."""
    folder = tmp_path_factory.mktemp("pages")

    @cache
    def file(name: str) -> Path:
        path = folder / f"{name}.html"
        path.write_text(page.html(facts_of(name)), encoding="utf-8")
        return path

    return file


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        running = started.chromium.launch(executable_path=browsers.executable(), args=list(browsers.FLAGS))
        yield running
        running.close()


@pytest.fixture
def opened(browser: Any, files: Callable[[str], Path]) -> Any:
    """Open the page of a recording: `with opened("failed", width=375) as shown`."""

    @contextmanager
    def show(name: str, width: int = 1280, scheme: str = "light", **options: Any) -> Iterator[Opened]:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, **options
        )
        shown = context.new_page()
        found = Opened(shown, facts_of(name), files(name).as_uri())
        shown.on("request", lambda request: found.requests.append(request.url))
        shown.on("pageerror", lambda error: found.complaints.append(str(error)))
        shown.on(
            "console",
            lambda message: (
                found.complaints.append(message.text) if message.type in {"error", "warning"} else None
            ),
        )
        shown.goto(found.address)
        yield found
        context.close()

    return show
