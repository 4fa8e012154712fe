"""Charts of a description: what is wrong with one is named in a line with a hint."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import datasets
from ingestion.description import BAR, LINE, Chart, charts
from ingestion.errors import InvalidDescriptionError

GOOD = Chart("Patients by nation", "SELECT 1", LINE, "date", ("patients",), "nation")


def said(*given: Chart) -> list[str]:
    return list(charts.problems(given, ["All rows"]))


def test_a_right_one_has_no_problems() -> None:
    wide = replace(GOOD, title="Wide", query="All rows", y=("england", "wales"), series="", mark=BAR)
    assert said(GOOD, wide, replace(GOOD, title="With", query="\n with a as (select 1) select 1")) == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"title": " "}, "a chart has the title ' '"),
        ({"title": "a\nb"}, "a chart has the title 'a\\nb'"),
        ({"mark": "pie"}, "mark `pie` is not one of"),
        ({"query": "All the rows"}, "neither a statement nor the title of one of ['All rows']"),
        ({"y": ()}, "it has no `y`"),
        ({"y": ("a", "b")}, "it has a series and 2 columns in `y`"),
        ({"x": "nation"}, "columns ['nation'] have two roles"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], problem: str) -> None:
    (line,) = said(replace(GOOD, **changes))
    assert problem in line
    assert "\n" not in line


def test_two_of_one_title_are_refused() -> None:
    assert "two charts have the title" in said(GOOD, GOOD)[0]


def test_a_description_is_checked_for_them_and_its_table_does_not_depend_on_them() -> None:
    uk_covid = datasets.load("uk_covid")
    assert uk_covid.charts
    assert replace(uk_covid, charts=()).fingerprint(()) == uk_covid.fingerprint(())
    with pytest.raises(InvalidDescriptionError, match="chart `Patients by nation`: mark `pie`"):
        replace(uk_covid, charts=(replace(GOOD, mark="pie"),))
