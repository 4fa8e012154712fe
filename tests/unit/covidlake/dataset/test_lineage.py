"""Where a column comes from and what uses it, by the shipped descriptions."""

from __future__ import annotations

import pytest

from covidlake.base.errors import DataSetError
from covidlake.dataset import lineage


def test_a_column_names_its_field_and_its_uses() -> None:
    (row,) = lineage.of("uk_covid.hospitalcases")
    assert row[:4] == ["uk_covid", "hospitalcases", "uk_covid/json/: hospitalCases", "kept as it is"]
    used = str(row[4])
    assert "rule negative_hospitalcases" in used
    assert "query People in hospital with COVID-19 by nation, the latest 14 days" in used
    assert "chart People in hospital" in used


def test_a_table_has_a_row_for_each_column() -> None:
    rows = lineage.of("uk_covid_by_age")
    assert [row[1] for row in rows][-5:] == ["measure", "age", "value", "rate", "month"]
    assert rows[0][4] is None
    assert lineage.of("uk_covid_history")[-2][2] == "the run"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("uk_covidd", "uk_covid"),
        ("uk_covid.hospitalcase", "hospitalcases"),
        ("uk_covid_quarantine", "ask for uk_covid instead"),
    ],
)
def test_what_is_not_there_is_refused_with_a_hint(name: str, said: str) -> None:
    with pytest.raises(DataSetError, match=said):
        lineage.of(name)
