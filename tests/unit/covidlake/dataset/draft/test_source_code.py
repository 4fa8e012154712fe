"""The file that a draft becomes."""

from __future__ import annotations

from pathlib import Path

from covidlake.dataset.draft.draft import draft
from covidlake.dataset.draft.source_code import LINE_LENGTH, source_code
from tests.unit.covidlake.dataset.draft.drafts import described, write


def test_only_what_differs_from_the_defaults_is_written(tmp_path: Path) -> None:
    rows = "\n".join(f'{{"date": "2022-12-{day:02}", "cases": {day}}}' for day in range(1, 9))
    code = source_code(draft("days", write(tmp_path, {"a.json": rows}), ""))
    assert "format=" not in code
    assert "delimiter=" not in code
    assert "version=" not in code
    assert 'partition=Partition(name="month", field="date", pattern="yyyy-MM")' in code


def test_a_csv_with_its_own_delimiter_and_words_for_nothing_says_so(tmp_path: Path) -> None:
    rows = "date;place;cases\n2022-12-01;a;1\n2022-12-02;a;NA\n2022-12-02;b;3\n"
    made = described(draft("places", write(tmp_path, {"a.csv": rows}), "in/csv"))
    assert (made.source.format, made.source.delimiter) == ("csv", ";")
    assert made.source.nulls == ("", "NA")
    assert made.source.prefix == "in/csv/"


def test_the_first_named_query_counts_rows(tmp_path: Path) -> None:
    rows = "date,place\n2022-12-01,a\n2022-12-02,b\n"
    found = draft("places", write(tmp_path, {"a.csv": rows}), "")
    (named,) = described(found).queries
    assert 'FROM "places"' in named.sql
    assert max(map(len, source_code(found).splitlines())) <= LINE_LENGTH
