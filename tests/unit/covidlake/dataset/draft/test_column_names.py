"""The role of a column, by its name."""

from __future__ import annotations

import pytest

from covidlake.dataset.draft import column_names


@pytest.mark.parametrize(
    ("name", "is_identifier"),
    [
        ("state_fips", True),
        ("areaCode", True),
        ("zip3", True),
        ("id", True),
        ("FIPS", True),
        ("cases", False),
        ("identity_checks", False),
        ("", False),
        ("123", False),
    ],
)
def test_identifiers(name: str, is_identifier: bool) -> None:
    assert column_names.is_identifier(name) is is_identifier


@pytest.mark.parametrize(
    ("name", "is_period"),
    [("year", True), ("mmwr_week", True), ("weekStart", True), ("cases_last_week", False), ("start", False)],
)
def test_periods(name: str, is_period: bool) -> None:
    assert column_names.is_period(name) is is_period


@pytest.mark.parametrize(
    ("name", "is_change"),
    [
        ("Last Update", True),
        ("updated_at", True),
        ("version", True),
        ("lastupdate", True),
        ("dateModified", True),
        ("date", False),
        ("diversion", False),
    ],
)
def test_what_shows_the_newer_row(name: str, is_change: bool) -> None:
    assert column_names.is_change(name) is is_change
