"""What a description holds: the fingerprint of its rules, and the names of its columns."""

from __future__ import annotations

from dataclasses import replace

import pytest

import datasets
from ingestion.description import Expectation, NamedQuery
from ingestion.description.model import table_name

UK_COVID = datasets.load("uk_covid")


def test_a_fingerprint_changes_with_what_the_table_holds_and_not_with_prose() -> None:
    fingerprint = UK_COVID.fingerprint(("wales", "england"))

    assert fingerprint == UK_COVID.fingerprint(("england", "wales"))
    assert fingerprint == replace(
        UK_COVID, description="other", queries=(NamedQuery("t", "FROM"),)
    ).fingerprint(("wales", "england"))
    assert fingerprint != UK_COVID.fingerprint(("wales",))
    stricter = replace(UK_COVID, expectations=(Expectation("too_many", "hospitalcases < 10"),))
    assert fingerprint != stricter.fingerprint(("wales", "england"))


@pytest.mark.parametrize(
    ("field", "column"),
    [
        ("areaCode", "areacode"),
        ("Alpha-2 code", "alpha_2_code"),
        ("Case-Fatality_Ratio", "case_fatality_ratio"),
        ("Fläche km²", "flache_km2"),
        ("número de años", "numero_de_anos"),
        ("% of all", "of_all"),
        ("人口", "column"),
    ],
)
def test_a_field_becomes_a_column_of_plain_letters(field: str, column: str) -> None:
    assert table_name(field) == column
