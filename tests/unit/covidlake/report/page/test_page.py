"""The page: what it holds, that it asks for nothing, and that no text from outside becomes markup."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser

import pytest

from covidlake.base.errors import ReportError
from covidlake.report.page import charts, page
from covidlake.report.page.collected import Gap
from covidlake.report.page.facts import Facts, facts
from tests import recorded_executions

Told = Callable[[str], Facts]
SECTIONS = ("data-sets", "states", "time", "quality", "quarantine", "crawl", "cost", "trend", "charts")
# What would be fetched, or would run.
ACTIVE = {
    "script",
    "iframe",
    "object",
    "embed",
    "img",
    "image",
    "link",
    "form",
    "base",
    "video",
    "audio",
    "use",
}


class Read(HTMLParser):
    """Every element and attribute of a page, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@cache
def without_charts(name: str) -> str:
    """The page of a recording, quickly: charts have tests of their own."""
    collected = recorded_executions.read(name)
    return page.html(replace(facts(replace(collected, charts=[])), trend=()))


def checked(made: str) -> Read:
    read = Read(made)
    assert not ACTIVE & set(read.tags)
    names = {name for name, _ in read.attributes}
    assert not {
        name for name in names if name.startswith("on") or name in {"src", "style", "srcset", "xlink:href"}
    }
    links = [value for name, value in read.attributes if name == "href"]
    assert all(re.match(r"#[\w-]+$|https://[\w.-]+console", link) for link in links)
    return read


@pytest.mark.parametrize("name", recorded_executions.names())
def test_every_execution_has_every_section(name: str) -> None:
    read = checked(without_charts(name))
    identities = [value for attribute, value in read.attributes if attribute == "id"]
    assert set(SECTIONS) <= set(identities)
    assert len(identities) == len(set(identities))
    assert ("failure" in identities) == (name in {"failed", "aborted", "timed-out"})
    assert "gaps" not in identities


def test_the_segments_and_what_was_written_back_are_tables() -> None:
    made = without_charts("segmented")
    assert "<caption>Segments</caption>" in made
    assert 'scope="row">write_back</th>' in made
    assert ">Tables</h2>" in made
    assert ">data set<" not in made


def test_charts_are_drawn_with_their_values_below(told: Told) -> None:
    found = told("succeeded")
    one = replace(found, charts=found.charts[:1])
    made = page.html(one)
    checked(made)
    assert 'class="mark-rect role-mark' in made
    assert "The values of “Cases in the ten states" in made
    assert len(made.encode()) < page.LARGEST


def test_a_page_without_room_for_the_values_of_charts_says_so(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = told("succeeded")
    one = replace(found, charts=found.charts[:1], trend=())
    whole = page.html(one)
    assert "left out here" not in whole
    monkeypatch.setattr(page, "LARGEST", len(whole.encode()) - 1)
    smaller = page.html(one)
    assert "The values of “" not in smaller
    number = len(charts.points(one.charts[0].drawing))
    assert f"{number} values of this chart left out here, to keep the page small" in smaller


def test_the_policy_admits_this_style_and_nothing_else() -> None:
    made = without_charts("succeeded")
    (style,) = re.findall(r"<style>(.*?)</style>", made, re.DOTALL)
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', made)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.replace("&#39;", "'") == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert not re.search(r"url\(|@import|https?:", style)


def test_the_failure_comes_first_with_cause_and_the_command_to_look_further() -> None:
    made = without_charts("failed")
    assert made.index('id="failure"') < made.index('id="data-sets"')
    assert "SchemaChangedError" in made
    assert "covidlake logs dev failed" in made


def test_a_gap_is_said_and_the_rest_is_there(told: Told) -> None:
    collected = replace(told("succeeded").collected, charts=[], definition={}, gaps=[Gap("crawl", "denied")])
    made = page.html(facts(collected))
    assert "<strong>crawl</strong> could not be read: denied" in made
    assert "The definition of the state machine is not known." in made
    assert 'id="quarantine"' in made


def test_rows_that_do_not_add_up_are_marked(told: Told) -> None:
    found = told("nothing-new")
    wrong = replace(
        found, charts=(), trend=(), data_sets=(replace(found.data_sets[0], rows_read=9, unaccounted=3),)
    )
    assert "no: 3 not accounted for" in page.html(wrong)


def test_hostile_text_is_text_and_a_megabyte_is_cut(poison: tuple[str, Facts]) -> None:
    text, found = poison
    made = page.html(found)
    assert len(made.encode()) < page.LARGEST / 2
    read = checked(made)
    if "script" in text:
        assert any("<script>alert(1)</script>" in one for one in read.texts)
        assert "{{ 7*7 }}" in made
    assert not re.search("[\x1b\u202e]", made)


def test_a_page_without_room_for_two_sizes_of_a_chart_has_the_wide_one(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = told("succeeded")
    one = replace(found, charts=found.charts[:1], trend=())
    whole = page.html(one)
    assert whole.count('class="mark-rect role-mark') == 2
    monkeypatch.setattr(page, "MOST_POINTS", 0)
    monkeypatch.setattr(page, "LARGEST", len(page.html(one).encode()) - 1)
    smaller = page.html(one)
    checked(smaller)
    assert smaller.count('class="mark-rect role-mark') == 1
    assert '<div class="scroll" role="img"' in smaller


def test_a_page_that_is_too_large_is_refused(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "LARGEST", 1000)
    found = replace(told("nothing-new"), charts=(), trend=())
    with pytest.raises(ReportError, match="at most 1,000 are allowed: name fewer charts"):
        page.html(found)
