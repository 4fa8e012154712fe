"""Errors of the database by their SQLSTATE, also inside of Spark's."""

from __future__ import annotations

import pytest

from segmentation.database.access import Access
from segmentation.database.failures import is_transient, translated
from segmentation.errors import (
    DatabaseError,
    DatabaseLoginError,
    DatabasePermissionError,
    DatabaseUnreachableError,
)
from tests.unit.jobs.segmentation.database.java import JavaError, sql_error, wrapped

ACCESS = Access("jdbc:postgresql://h:1/d", "covid_lake", "very-secret")


@pytest.mark.parametrize(
    ("state", "kind", "hint", "passes"),
    [
        ("08001", DatabaseUnreachableError, "security group", True),
        ("57P03", DatabaseUnreachableError, "whether the database runs", True),
        ("53300", DatabaseUnreachableError, "whether the database runs", True),
        ("28P01", DatabaseLoginError, "the one in the secret", False),
        ("28000", DatabaseLoginError, "the one in the secret", False),
        ("42501", DatabasePermissionError, "grant it to the role `covid_lake`", False),
        ("3D000", DatabaseError, "correct the database", False),
        ("22012", DatabaseError, "SQLSTATE 22012", False),
    ],
)
def test_a_state_is_one_class_with_a_hint(state: str, kind: type, hint: str, passes: bool) -> None:
    error = JavaError(wrapped(wrapped(sql_error(state))))
    found = translated(error, ACCESS, "reading s.t")
    assert found is not None
    assert type(found) is kind
    assert str(found).startswith("h:1/d, reading s.t: FATAL: no")
    assert hint in str(found)
    assert is_transient(found) is passes


def test_what_is_not_of_the_database_is_not_translated() -> None:
    assert translated(JavaError(wrapped(None)), ACCESS) is None
    assert translated(ValueError("x"), ACCESS) is None
