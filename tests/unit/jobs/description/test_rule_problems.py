"""Rules that no table could be judged by are refused when the description is loaded."""

from __future__ import annotations

from dataclasses import replace

import pytest

import datasets
from ingestion.description import (
    Complete,
    Expectation,
    Fresh,
    NonDecreasing,
    NotRound,
    SumOfParts,
    Unique,
    between,
    one_of,
)
from ingestion.description.rules import TableRule
from ingestion.errors import InvalidDescriptionError

UK_COVID = datasets.load("uk_covid")


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        (
            Complete("jurisdiction", "date"),
            r"`complete_date`: \['jurisdiction'\] is not among",
        ),
        (
            Complete("areacode", "month"),
            r"`complete_month`: \['month'\] is not among .* \(a partition key does not count\)",
        ),
        (Complete("areacode", "date", severity="reject"), "severity `reject` is not one of"),
        (Complete("areacode", "areacode"), "members and period are both `areacode`"),
        (
            Complete("malecases", "date"),
            "`malecases` is array.*: name one that is not an array, struct or map",
        ),
        (Unique(("malecases",)), "`malecases` is array.*: name one that is not an array, struct or map"),
        (Unique(()), "name at least one, and each once"),
        (Unique(("date", "date")), "name at least one, and each once"),
        (Unique(("date",), called=" "), "has no name: give it a line of text"),
        (Fresh("areacode", 3), "`areacode` is string: name one that is a date or timestamp"),
        (Fresh("date", -1), "days `-1` is in the future: give 0 or more"),
        (NotRound(1), "every number is a multiple of 1: give 2 or more"),
        (NonDecreasing("areaname", (), "date"), "`areaname` is string: name one that is a number"),
        (NonDecreasing("hospitalcases", ("date",), "date"), "name different columns"),
        (SumOfParts("areaname", "a", "b", ("date",)), "`areaname` is string: name one that is a number"),
        (SumOfParts("hospitalcases", " ", "b", ("date",)), "a condition for the whole and one for the parts"),
    ],
)
def test_a_rule_that_cannot_be_judged_is_refused(rule: TableRule, problem: str) -> None:
    with pytest.raises(InvalidDescriptionError, match=f"data set `uk_covid`: rule .*{problem}"):
        replace(UK_COVID, rules=(rule,))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"expectations": (Expectation("a", "true"), Expectation("a", "true"))}, r"\['a'\] occur twice"),
        ({"expectations": (Expectation("", "true"),)}, "an expectation has the reason ''"),
        ({"expectations": (Expectation("a", " "),)}, "expectation `a` has no condition: write one"),
        ({"expectations": (Expectation("a", "true", "stop"),)}, "severity `stop` is not one of"),
        (
            {"rules": (Unique(("date",)), Unique(("date",)))},
            r"\['unique_date'\] occur twice: give each a name of its own by `called`",
        ),
    ],
)
def test_expectations_and_rules_have_names_and_conditions(changes: dict[str, object], problem: str) -> None:
    with pytest.raises(InvalidDescriptionError, match=problem):
        replace(UK_COVID, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("low", "high", "problem"),
    [
        (None, None, "the bounds None and None keep out everything or nothing"),
        (2, 1, "the bounds 2 and 1 keep out everything or nothing"),
        ("2020-01-01", None, "bound '2020-01-01' is not a number: write an Expectation"),
        (float("nan"), 1, "bound nan is not a number"),
    ],
)
def test_bounds_that_bound_nothing_are_refused(low: float, high: float, problem: str) -> None:
    with pytest.raises(InvalidDescriptionError, match=rf"between `cases`: {problem}"):
        between("cases", low, high)


@pytest.mark.parametrize("values", [(), (1,)])
def test_one_of_needs_texts(values: tuple[str, ...]) -> None:
    with pytest.raises(InvalidDescriptionError, match=r"one_of `code`: .* name the allowed texts"):
        one_of("code", *values)
