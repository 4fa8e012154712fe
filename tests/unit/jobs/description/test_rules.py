"""Rules by themselves: the conditions that the short forms stand for, their names, and freshness."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ingestion.description import (
    FAIL,
    REJECT,
    WARN,
    Complete,
    Expectation,
    Fresh,
    NonDecreasing,
    NotRound,
    SumOfParts,
    Unique,
    between,
    one_of,
    required,
)
from ingestion.description.rules import Result, TableRule, columns_of, freshness


@pytest.mark.parametrize(
    ("short", "written"),
    [
        (required("cases"), Expectation("missing_cases", "cases is not null", REJECT)),
        (between("cases", 0, None), Expectation("cases_out_of_range", "cases >= 0", REJECT)),
        (between("cases", None, 9.5, WARN), Expectation("cases_out_of_range", "cases <= 9.5", WARN)),
        (between("a", -90, 90, called="latitude"), Expectation("latitude", "a >= -90 and a <= 90", REJECT)),
        (one_of("kind", "a", "b", severity=FAIL), Expectation("unknown_kind", "kind in ('a', 'b')", FAIL)),
        (one_of("kind", "it's", "a\\b"), Expectation("unknown_kind", "kind in ('it\\'s', 'a\\\\b')")),
    ],
)
def test_a_short_form_is_an_expectation(short: Expectation, written: Expectation) -> None:
    assert short == written
    assert short.name == written.reason


@pytest.mark.parametrize(
    ("rule", "name", "columns"),
    [
        (Unique(("a", "b")), "unique_a_b", ("a", "b")),
        (NonDecreasing("total", ("place",), "date"), "non_decreasing_total", ("total", "place", "date")),
        (SumOfParts("n", "whole", "parts", ("date",)), "sum_of_parts_n", ("n", "date")),
        (Complete("place", "week"), "complete_week", ("place", "week")),
        (NotRound(500), "rows_multiple_of_500", ()),
        (Fresh("date", 3), "fresh_date", ("date",)),
        (Fresh("date", 3, called="recent"), "recent", ("date",)),
    ],
)
def test_a_rule_has_a_name_and_columns(rule: TableRule, name: str, columns: tuple[str, ...]) -> None:
    assert (rule.name, rule.severity, columns_of(rule)) == (name, WARN, columns)


@pytest.mark.parametrize(
    ("newest", "results"),
    [
        ("2022-12-05", [Result("fresh_date", WARN, 0)]),
        ("2022-12-05 23:59:59", [Result("fresh_date", WARN, 0)]),
        ("2022-12-04", [Result("fresh_date", WARN, 1, "the newest date is 2022-12-04, older than 3 days")]),
        ("", []),
    ],
)
def test_freshness_is_counted_in_days_before_the_run(newest: str, results: list[Result]) -> None:
    now = datetime(2022, 12, 8, 1, tzinfo=UTC)
    rules: tuple[TableRule, ...] = (NotRound(), Fresh("date", 3))
    assert freshness(rules, {"date": newest} if newest else {}, now) == results
