"""The arithmetic of the price tables, against figures worked out by hand from the published rates."""

from __future__ import annotations

import pytest

from benchmarks.price import DATA_SETS, WAYS, Usage, each_by_itself, example, month, shared


def test_the_smallest_job_run_is_billed_for_a_minute_of_two_units() -> None:
    assert Usage(job_runs=1, job_seconds=5).prices()["jobs"] == pytest.approx(2 * 0.44 / 60)
    assert Usage(job_runs=3, job_seconds=90).prices()["jobs"] == pytest.approx(3 * 1.5 * 2 * 0.44 / 60)


def test_a_crawl_costs_ten_minutes_of_two_units() -> None:
    assert Usage(crawls=1).prices()["crawls"] == pytest.approx(2 * 0.44 / 6)


def test_an_idle_day_costs_less_than_a_tenth_of_a_cent() -> None:
    assert 0 < shared(0).price < 0.001


def test_a_month_of_news_costs_at_most_a_sixth_of_a_run_for_each() -> None:
    assert month("shared") < month("each by itself") / 6
    assert month("shared") == pytest.approx(
        29 * shared(DATA_SETS).price + shared(DATA_SETS, crawl=True).price
    )


@pytest.mark.parametrize("news", [0, 1, DATA_SETS])
def test_sharing_is_the_cheapest_and_the_examples_way_the_dearest(news: int) -> None:
    assert shared(news).price < each_by_itself(news).price < example(news).price


def test_metrics_are_counted_where_they_are_on() -> None:
    assert set(WAYS) == {"the example's way", "each by itself", "shared"}
    more = month("shared", metrics=40) - month("shared")
    assert more == pytest.approx(30 * 40 * 0.30 / 730)
