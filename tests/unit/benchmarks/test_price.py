"""The arithmetic of the price table, against figures worked out by hand from the published rates."""

from __future__ import annotations

import pytest

from benchmarks.price import RUNS, Run, mixed


def test_the_smallest_job_run_is_billed_for_a_minute_of_two_units() -> None:
    one = Run("short", 5, crawls=0, queries=0, lambda_calls=0, transitions=0)
    assert one.price == pytest.approx(2 * 0.44 / 60)


def test_a_crawl_costs_ten_minutes_of_two_units() -> None:
    one = Run("crawled", 60, crawls=1, queries=0, lambda_calls=0, transitions=0)
    assert one.prices()["crawler"] == pytest.approx(2 * 0.44 / 6)


def test_nothing_new_is_the_cheapest_and_the_seeds_way_the_dearest() -> None:
    seed, news, nothing = (run.price for run in RUNS)
    assert nothing < 0.016 < news < seed
    assert mixed(30, 30)[1] == pytest.approx(30 * news)
    assert mixed(30, 0)[1] == pytest.approx(30 * nothing)
