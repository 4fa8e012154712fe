"""What a segmentation is asked for, and how its outcomes are said in one line each."""

from __future__ import annotations

from typing import Any

import pytest

from covidlake.base.errors import DataSetError
from covidlake.run.pipelines import segmentation
from covidlake.run.pipelines.pipeline import Asked

COUNTS = {"rows_new": 5, "rows_changed": 4, "rows_unchanged": 3, "rows_deleted": 2, "rows_quarantined": 1}
LOADED = {"dataset": "sales_orders", "outcome": "LOADED", "rows_read": 13, "table_rows": 1_200, **COUNTS}


def test_what_is_asked_becomes_the_input() -> None:
    asked = Asked(tables=("sales_orders",), full=True, compare_keys=True, allow_removal=True)
    content = segmentation.request(asked, "segmentation/dev").content()
    truths = {"compare_keys": True, "allow_removal": True}
    assert content == {"mode": "full", "tables": ["sales_orders"], **truths}
    assert segmentation.Request().content() == {"mode": "incremental"}


def test_a_wrong_name_is_refused() -> None:
    with pytest.raises(DataSetError, match="no table 'sales_order': did you mean sales_orders"):
        segmentation.request(Asked(tables=("sales_order",)), "segmentation/dev")


def test_each_row_is_accounted_for() -> None:
    assert segmentation.outcome_text(LOADED) == (
        "sales_orders: 13 rows read: 5 new, 4 changed, 3 unchanged, 2 deleted, 1 quarantined; "
        "the table holds 1,200 rows"
    )


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"outcome": "NOTHING_NEW"}, "sales_orders: nothing new; the table holds 1,200 rows"),
        (
            {"outcome": "NOTHING_NEW", "dataset": "write_back"},
            "write_back: nothing new; the database holds 1,200 customers",
        ),
        (
            {"outcome": "NOTHING_TO_SEGMENT", "dataset": "customer_segments"},
            "customer_segments: nothing to segment; the table holds 1,200 rows",
        ),
    ],
)
def test_nothing_is_said_as_that(changed: dict[str, Any], said: str) -> None:
    assert segmentation.outcome_text(LOADED | dict.fromkeys(COUNTS, 0) | changed) == said


def test_customers_that_are_gone_are_said_although_nothing_is_left() -> None:
    gone = {"outcome": "NOTHING_TO_SEGMENT", **dict.fromkeys(COUNTS, 0), "rows_deleted": 7}
    assert "7 deleted" in segmentation.outcome_text(LOADED | gone)


def test_the_model_says_its_figures() -> None:
    figures = {"segments": [{}, {}], "silhouette": 0.5114, "drift": 0.0213}
    said = segmentation.outcome_text(LOADED | {"dataset": "customer_segments"} | figures)
    assert said.endswith(
        "2 segments; silhouette 0.511; 2.1 % of the customers have another segment than before"
    )
    first = segmentation.outcome_text(LOADED | figures | {"silhouette": None, "drift": None})
    assert first.endswith("2 segments")


def test_segments_are_a_table() -> None:
    one = {"number": 1, "name": "best customers", "customers": 1779, "share": 0.0963}
    means = {"mean_recency_days": 18.964, "mean_frequency": 35.6, "mean_monetary": 3501.883}
    outcome = {"dataset": "customer_segments", "segments": [{**one, **means}], "silhouette": 0.5}
    found, model = segmentation.segments([LOADED, outcome])
    assert found.rows == (("1", "best customers", "1,779", "9.6 %", "18.96", "35.60", "3501.88"),)
    assert set(found.numbers) < set(found.columns)
    assert model.rows == (("1 segments",), ("silhouette 0.500",))
    assert segmentation.segments([LOADED]) == ()


@pytest.mark.parametrize(
    ("run", "taken"),
    [
        ({"JobName": "lake-extract", "Arguments": {"--tables": "a,b"}}, ["a", "b"]),
        ({"JobName": "lake-join", "Arguments": {"--run_id": "x"}}, ["customers"]),
        ({"JobName": "lake-write-back"}, ["write_back"]),
    ],
)
def test_a_job_run_says_what_it_is_for(run: dict[str, Any], taken: list[str]) -> None:
    assert segmentation.PIPELINE.taken(run) == taken
