"""A plan is harmless and bounded as a comment."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from covidlake.base.markdown import LIMIT, code
from covidlake.ship.plan.model import Plan
from covidlake.ship.plan.plan_markdown import markdown
from tests.unit.covidlake.ship.plan.test_plan_table import evil_plan, topic
from tests.unit.covidlake.ship.plan_samples import change, plan_of


def test_values_cannot_break_out_of_the_comment(tmp_path: Path) -> None:
    text = markdown(evil_plan(tmp_path))
    for element in ("<script", "\u202e", "\x1b"):
        assert element not in text
    for element in ("details", "pre"):
        assert len(re.findall(f"<{element}\\b", text)) == text.count(f"</{element}>") == 1
    outside = re.sub(r"<pre .*?</pre>", "", text, flags=re.DOTALL)  # Markdown is not read inside of it
    for active in ("](", "**b**", "~~", "`", "\n# h", "http://", "www."):
        assert active not in outside
    assert "@" not in re.sub(r"<code>.*?</code>", "", outside)


def test_every_row_of_a_table_has_its_columns(tmp_path: Path) -> None:
    rows = [line for line in markdown(evil_plan(tmp_path)).splitlines() if line.startswith("|")]
    assert {row.count("|") for row in rows} == {8, 4}


@pytest.mark.parametrize("char", list("&<>\"'\\`*_[]{}()|~@#$!^"))
def test_what_markdown_acts_upon_is_escaped(char: str) -> None:
    assert code(f"a{char}b") == f"<code>a&#{ord(char)};b</code>"


def many(folder: Path, count: int) -> Plan:
    changes = [topic(f"Topic{number:03}", "a" * 300, "b" * 300 + str(number)) for number in range(count)]
    return plan_of(folder, change("Lake", "AWS::S3::Bucket", "Remove"), *changes)


@pytest.mark.parametrize("limit", [LIMIT, 20_000, 3_000, 700])
def test_a_comment_is_cut_between_two_parts_and_says_so(tmp_path: Path, limit: int) -> None:
    text = markdown(many(tmp_path, 400), limit)
    assert len(text.encode("utf-16-le")) // 2 <= limit
    assert text.count("<details>") == text.count("</details>")
    assert re.search(r"_Cut here: \d+ more parts are in the JSON form of the plan\._\n$", text)
    assert "**Destructive**" in text
    assert all(line.endswith("|") for line in text.splitlines() if line.startswith("|"))


def test_what_fits_is_not_cut(tmp_path: Path) -> None:
    plan = many(tmp_path, 3)
    text = markdown(plan)
    assert "Cut here" not in text
    assert markdown(plan, len(text.encode("utf-16-le")) // 2) == text


def test_the_comment_can_be_found_again(tmp_path: Path) -> None:
    assert markdown(plan_of(tmp_path)).startswith("<!-- covidlake-plan:dev -->\n")
