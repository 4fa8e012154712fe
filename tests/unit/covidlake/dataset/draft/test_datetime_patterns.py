"""Dates and times as publishers write them, and Spark's patterns for them."""

from __future__ import annotations

import pytest

from covidlake.dataset.draft.datetime_patterns import Time, time_of


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["2022-12-07", "2022-01-31"], Time("date")),
        (["2022/12/07"], Time("date", ("yyyy/MM/dd",))),
        (["31/12/2022", "1/2/2022"], Time("date", ("d/M/yyyy",))),
        (["12/31/22"], Time("date", ("M/d/yy",))),
        (["31.12.2022"], Time("date", ("dd.MM.yyyy",))),
        (["2022-12-07T10:11:12Z"], Time("timestamp")),
        (["2022-12-07 10:11"], Time("timestamp")),
        (["2022-12-07T10:11:12.5"], Time("timestamp")),
        (["2022-1-5 10:11", "2022-12-07 9:08"], Time("timestamp", ("yyyy-M-d H:mm", "yyyy-MM-dd H:mm"))),
        (["7/12/2022 10:11 PM", "13/12/2022 1:02 am"], Time("timestamp", ("d/M/yyyy h:mm a",))),
    ],
)
def test_the_pattern_reads_every_text(texts: list[str], expected: Time) -> None:
    assert time_of(texts) == expected


@pytest.mark.parametrize("text", ["2022-13-01", "2022-12-32", "today", "", "1234", "12:30", "2022-12-07x"])
def test_what_is_not_a_date_is_not_taken_for_one(text: str) -> None:
    assert time_of(["2022-12-07", text]) is None


@pytest.mark.parametrize(
    ("texts", "kind", "note"),
    [
        (["1/2/2022"], "date", "no date shows whether day or month comes first: the month is a guess"),
        (["1.2.2022"], "date", "the day is a guess"),
        (["20221207"], "date", "eight digits are taken for a date"),
        (["2022-12-07 00:00:00"], "date", "every time of day is midnight"),
        (["31/12/2022", "12/31/2022"], "string", "neither reads all"),
    ],
)
def test_a_guess_says_so(texts: list[str], kind: str, note: str) -> None:
    found = time_of(texts)
    assert found is not None
    assert found.type == kind
    assert note in found.note
