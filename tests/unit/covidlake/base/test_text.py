"""Text for people: harmless to print, and shortened where long values differ."""

from __future__ import annotations

import pytest

from covidlake.base.text import SHORT, count, one_line, printable, shorten, shorten_pair


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 😀", "plain é 😀"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\x1b[31mred", "\\u001b[31mred"),
        ("\u202eabc", "\\u202eabc"),
        ("a\u2028b", "a\\u2028b"),
        ("\ud800", "\\ud800"),
    ],
)
def test_what_turns_or_hides_the_rest_is_written_as_an_escape(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_a_line_is_one_line() -> None:
    assert one_line(ValueError("a\n  b\tc ")) == "a b c"


def test_numbers_come_with_the_right_noun() -> None:
    assert count(1, "resource") == "1 resource"
    assert count(0, "resource") == "0 resources"
    assert count(1200, "property", "properties") == "1,200 properties"


def test_a_short_text_stays_and_a_long_one_fits() -> None:
    assert shorten("x" * SHORT) == "x" * SHORT
    assert shorten("x" * (SHORT + 1)) == "x" * (SHORT - 2) + " …"


def test_short_texts_are_shown_whole_beside_each_other() -> None:
    assert shorten_pair("before", "after") == ("before", "after")


def test_long_texts_are_shown_where_they_begin_to_differ() -> None:
    before, after = shorten_pair("x" * 500 + "a", "x" * 500 + "b")
    assert before == "… " + "x" * 30 + "a"
    assert after == "… " + "x" * 30 + "b"


def test_long_texts_that_differ_at_once_lose_their_ends() -> None:
    before, after = shorten_pair("a" * 500, "b" * 500)
    assert before.startswith("a")
    assert after.endswith(" …")
    assert max(len(before), len(after)) <= SHORT
