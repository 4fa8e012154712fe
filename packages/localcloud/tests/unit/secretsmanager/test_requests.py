"""Which names of secrets are refused."""

from __future__ import annotations

import pytest

from localcloud.secretsmanager.requests import name_problem


@pytest.mark.parametrize("name", ["a", "covid-lake-dev/db", "A_1+=.@!-/", "x" * 512, ""])
def test_a_good_name_is_taken_and_an_absent_one_left_to_who_asks_for_it(name: str) -> None:
    assert name_problem(name) == ""


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("two words", "Must be a valid name"),
        ("é", "Must be a valid name"),
        ("a\n", "Must be a valid name"),
        ("a:b", "Must be a valid name"),
        ("x" * 513, "length less than or equal to 512"),
    ],
)
def test_a_name_that_aws_does_not_take_is_refused(name: str, words: str) -> None:
    assert words in name_problem(name)
