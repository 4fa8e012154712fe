"""A wrong name says which one was meant."""

from __future__ import annotations

from covidlake.base.nearest import nearest, unknown

THERE = ["uk_covid", "country_codes"]


def test_the_likely_name_comes_first_then_all_of_them() -> None:
    assert unknown("data set", "UK_covd", THERE) == (
        "no data set 'UK_covd': did you mean uk_covid? there are: country_codes, uk_covid"
    )


def test_nothing_is_guessed_for_a_name_like_none() -> None:
    assert nearest("zzz", THERE) is None
    assert unknown("data set", "zzz", THERE) == "no data set 'zzz': there are: country_codes, uk_covid"
    assert unknown("data set", "zzz", []) == "no data set 'zzz': there is none"


def test_many_names_and_long_ones_are_cut() -> None:
    said = unknown("table", "x" * 500 + "\x1b", [f"t{number:02}" for number in range(25)])
    assert said.endswith("t19 and 5 more")
    assert len(said) < 300
    assert "\x1b" not in said
