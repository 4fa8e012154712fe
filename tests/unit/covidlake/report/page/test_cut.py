"""Texts from outside, safe to show and short."""

from __future__ import annotations

from covidlake.report.page.cut import cut


def test_a_text_is_one_printable_line_of_the_length() -> None:
    assert cut("a\n b\x1b[31m\u202e", 40) == "a b\\u001b[31m\\u202e"
    assert cut("x" * 1_000_000, 10) == "xxxxxxxx …"
    assert cut(3, 10) == "3"
