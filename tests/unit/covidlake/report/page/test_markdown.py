"""The report as Markdown: its sections, and that no text from outside becomes anything but text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from covidlake.report.page import markdown
from covidlake.report.page.collected import Gap
from covidlake.report.page.facts import Facts, facts
from tests import recorded_executions

Told = Callable[[str], Facts]


@pytest.mark.parametrize("name", recorded_executions.names())
def test_every_execution_has_its_sections(name: str, told: Told) -> None:
    made = markdown.markdown(told(name))
    assert made.startswith(f"### Ingestion in <code>{told(name).collected.environment}</code>")
    sections = re.findall(r"^#### (.*)$", made, re.MULTILINE)
    assert {"Time", "Quarantine", "Crawl", "Cost", "Charts"} <= set(sections)
    assert "What this report lacks" not in sections
    assert made.count("```") % 2 == 0


def test_the_trend_and_the_data_are_charts_of_mermaid(told: Told) -> None:
    made = markdown.markdown(told("replayed"))
    assert made.count("xychart-beta") == 4  # the seconds; hospital, states, vaccinations
    assert "\n    bar [" in made
    assert "In this order: England, Northern Ireland, Scotland, Wales. " in made


def test_rows_that_add_up_are_said_to_and_others_are_counted(told: Told) -> None:
    found = told("succeeded")
    assert "Every row that was read of 4 data sets is accounted for." in markdown.more(found)
    wrong = replace(found, data_sets=(replace(found.data_sets[0], unaccounted=3),))
    assert "3 of 3,787 rows are not accounted for" in markdown.more(wrong)


def test_a_gap_is_said_first(told: Told) -> None:
    lacking = facts(replace(told("succeeded").collected, gaps=[Gap("crawl", "denied")]))
    assert markdown.more(lacking).startswith(
        "#### What this report lacks\n\n- ⚠️ crawl could not be read: denied"
    )


def test_what_a_summary_has_already_is_not_said_again(told: Told) -> None:
    found = told("succeeded")
    assert found.summary.markdown.rstrip() + "\n\n" + markdown.more(found) == markdown.markdown(found)


def test_hostile_text_is_text_and_a_megabyte_is_cut(poison: tuple[str, Facts]) -> None:
    _, found = poison
    made = markdown.markdown(found)
    assert len(made.encode()) < 200_000
    outside = re.sub(r"```mermaid\n.*?\n```", "", made, flags=re.DOTALL)
    assert "```" not in outside
    assert not re.search(r"<(?!/?code>)", outside)
    assert not re.search(r"@octocat|\]\(javascript|\x1b|\u202e", made)
