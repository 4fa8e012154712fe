"""The statements of charts, checked before anything is deployed."""

from __future__ import annotations

from dataclasses import replace

import pytest

import datasets
from covidlake.base.errors import DataSetError
from covidlake.dataset import chart_statements
from ingestion.description import LINE, Chart, NamedQuery

UK_COVID = replace(
    datasets.load("uk_covid"),
    queries=(NamedQuery("All", 'SELECT "date", hospitalcases AS Patients FROM uk_covid'),),
)
CHART = Chart("By day", "All", LINE, "date", ("patients",))


def check(chart: Chart) -> None:
    chart_statements.check(replace(UK_COVID, charts=(chart,)), {"uk_covid"}, "jobs/datasets/uk_covid.py")


def test_a_title_stands_for_the_statement_of_its_query() -> None:
    assert chart_statements.statement(UK_COVID, CHART) == UK_COVID.queries[0].sql
    own = replace(CHART, query="SELECT 1 AS one FROM uk_covid")
    assert chart_statements.statement(UK_COVID, own) == own.query


def test_a_right_one_passes_and_a_star_leaves_the_columns_open() -> None:
    check(CHART)
    check(replace(CHART, query="SELECT * FROM uk_covid", x="anything"))


@pytest.mark.parametrize(
    ("chart", "said"),
    [
        (
            replace(CHART, y=("patient",)),
            "draws 'patient', which its answer does not have: did you mean patients",
        ),
        (replace(CHART, series="nation"), "draws 'nation'"),
        (replace(CHART, query="SELECT 1 FROM nowhere"), "asks 'nowhere', which is not a table"),
        (replace(CHART, query="SELECT 1 FROM uk_covid; SELECT 2"), "must be one SELECT"),
    ],
)
def test_what_is_wrong_is_one_line_with_file_and_chart(chart: Chart, said: str) -> None:
    with pytest.raises(DataSetError, match=r"^jobs/datasets/uk_covid.py: chart 'By day'") as caught:
        check(chart)
    assert said in str(caught.value)
