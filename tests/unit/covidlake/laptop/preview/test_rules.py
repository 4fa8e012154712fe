"""Which rules of head let more pass than those of base."""

from __future__ import annotations

from typing import Any

import pytest

from covidlake.laptop.preview import rules


def expectation(condition: str, severity: str = "reject", reason: str = "r") -> dict[str, Any]:
    return {"kind": "Expectation", "reason": reason, "condition": condition, "severity": severity}


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ("x >= 0", "x >= 0", ""),
        ("x >= 0", "X  >=  0", ""),
        ("x >= 0 and x <= 9", "(x <= 9) AND x >= 0", ""),
        ("x >= 0", "x >= -5", "weaker"),
        ("x >= 0", "x >= 5", "stricter"),
        ("x > 0", "x >= 0", "weaker"),
        ("x <= 9", "x < 9", "stricter"),
        ("x >= 0 and x <= 9", "x >= 0", "weaker"),
        ("x >= 0", "x >= 0 and x <= 9", "stricter"),
        ("x >= 0 and x <= 9", "x >= 1 and x <= 10", "weaker"),
        ("d >= date '2020-01-01'", "d >= date '2019-01-01'", "weaker"),
        ("d >= date '2020-01-01'", "d >= date '2021-01-01'", "stricter"),
        ("d <= current_date() + interval '2' day", "d <= current_date() + interval '10' day", "unclear"),
        ("s <= '9'", "s <= '10'", "unclear"),
        ("d < concat('2020', y)", "d < concat('2020', z)", "unclear"),
        ("s in ('a', 'b')", "s in ('a', 'b', 'c')", "weaker"),
        ("s in ('a', 'b')", "s in ('a')", "stricter"),
        ("s in ('a', 'b')", "s in ('b', 'a')", ""),
        ("s rlike '^[A-Z]$'", "s rlike '^[a-z]$'", "weaker"),
        ("s = 'A'", "s = 'a'", "weaker"),
        ("x >= 0 or y >= 0", "x >= 0 or y >= -1", "weaker"),
    ],
)
def test_a_condition_that_lets_more_pass_is_weaker(before: str, after: str, change: str) -> None:
    assert rules.judge(expectation(before), expectation(after)) == change


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ("reject", "warn", "weaker"),
        ("fail", "reject", "weaker"),
        ("warn", "fail", "stricter"),
        ("fail", "fail", ""),
    ],
)
def test_a_severity_that_does_less_is_weaker(before: str, after: str, change: str) -> None:
    assert rules.judge(expectation("x > 0", before), expectation("x > 0", after)) == change


def test_a_rule_of_the_table_is_judged_by_what_it_compares() -> None:
    fresh = {"kind": "Fresh", "column": "d", "days": 7, "severity": "warn", "called": ""}
    assert rules.judge(fresh, {**fresh, "days": 30}) == rules.WEAKER
    assert rules.judge(fresh, {**fresh, "days": 3}) == rules.STRICTER
    assert rules.judge(fresh, {**fresh, "column": "e"}) == rules.UNCLEAR
    parts = {"kind": "SumOfParts", "column": "n", "at_most": False, "severity": "warn", "called": ""}
    assert rules.judge(parts, {**parts, "at_most": True}) == rules.WEAKER


def test_a_rule_that_is_gone_is_dropped_and_one_under_another_name_is_the_same() -> None:
    before = {"a": expectation("x > 0", reason="a"), "b": expectation("y > 0", reason="b")}
    after = {"c": expectation("x > 0", reason="c"), "new": expectation("z > 0", reason="new")}
    found = {one.name: one.change for one in rules.changes(before, after, {"a": 2}, {"c": 2})}
    assert found == {"c": rules.SAME, "new": rules.ADDED, "b": rules.DROPPED}
