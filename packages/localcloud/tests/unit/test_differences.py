"""The table of differences in the README says what the tests claim."""

from __future__ import annotations

import differences


def test_the_table_is_what_the_tests_claim() -> None:
    text = differences.README.read_text(encoding="utf-8")
    assert differences.with_table(text) == text, "run: python packages/localcloud/tests/differences.py"
    assert len(differences.claims()) > 30
    assert {kind for _, kind, _ in differences.claims()} == set(differences.KINDS)
