"""Markdown of values that come from outside: harmless, whole, and no longer than GitHub takes."""

from __future__ import annotations

import re

import pytest

from covidlake.base import markdown
from covidlake.base.markdown import code, cut, escape, fit, length, plain, table, table_parts

HOSTILE = [
    "a|b",
    "`x`",
    "```\nx\n```",
    "</code></details><script>alert(1)</script>",
    "@admin and #12",
    "[text](https://evil.example)",
    "www.evil.example",
    "**bold** _it_ ~~gone~~ $m$",
    "line one\n\n# heading",
    "\u202eright to left\x1b[31m",
]


@pytest.mark.parametrize("value", HOSTILE)
def test_nothing_in_a_value_is_acted_upon(value: str) -> None:
    assert not re.search(r"[<>\"'\\`*_\[\]{}()|~@$!^\n\x1b\u202e]|://|www\.", escape(value).replace("\\", ""))
    assert code(value) == f"<code>{escape(value)}</code>"


def test_an_empty_value_has_no_element() -> None:
    assert code("") == ""


def test_a_pre_element_cannot_be_left() -> None:
    assert plain("</pre> *a* \x1b") == "&lt;/pre&gt; *a* \\u001b"


def test_a_table_sets_numbers_to_the_right_and_shows_what_is_missing() -> None:
    assert table(["name", "rows"], [["a", "1"], [None, "2"]], right=["rows"]) == (
        "| name | rows |\n|---|---:|\n| a | 1 |\n| - | 2 |"
    )


def test_no_cell_ends_its_row_or_its_column() -> None:
    *_, row = table(["a", "b"], [["x|y", "one\n\n| two"]]).splitlines()
    assert row == "| x&#124;y | one &#124; two |"


def test_a_table_in_parts_keeps_its_head_with_the_first_row() -> None:
    first, second = table_parts(["a"], [["1"], ["2"]])
    assert first == "\n| a |\n|---|\n| 1 |\n"
    assert second == "| 2 |\n"
    assert list(table_parts(["a"], [])) == []


def test_characters_are_counted_as_github_does() -> None:
    assert length("a😀") == 3


def test_what_fits_stays_whole() -> None:
    assert fit(["ab", "cd"], 4, " more") == "abcd"


def test_parts_are_left_out_whole_and_counted() -> None:
    assert fit(["one ", "two ", "three "], 12, "+{left}") == "one two+1"


@pytest.mark.parametrize("limit", range(30))
def test_fit_never_exceeds_the_limit(limit: int) -> None:
    assert length(fit(["😀😀", "abc\n", "defgh"] * 3, limit, "({left} left)")) <= limit


def test_a_cut_falls_between_lines() -> None:
    assert cut("one\ntwo\nthree", 12, "more") == "one\nmore"
    assert cut("one\ntwo", 7, "more") == "one\ntwo"


def test_a_line_longer_than_the_limit_leaves_only_the_ending() -> None:
    assert cut("x" * 100, 20, "more") == "\nmore"


def test_a_cut_counts_bytes() -> None:
    assert len(cut("é\n" * 100, 50, "more").encode()) <= 50


def test_the_limit_is_that_of_a_comment() -> None:
    assert markdown.LIMIT == 65_536
