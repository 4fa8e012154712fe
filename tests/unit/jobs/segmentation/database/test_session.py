"""Connections: attempts, transactions, a missing driver. Statements are tested on PostgreSQL."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest

from segmentation.database.access import Access
from segmentation.database.session import PAUSES, Connection, Database
from segmentation.errors import DatabaseLoginError, DatabaseUnreachableError, DriverMissingError
from tests.unit.jobs.segmentation.database.java import JavaError, sql_error

ACCESS = Access("jdbc:postgresql://h:1/d", "u", "very-secret")


def database(*outcomes: Any) -> tuple[Database, list[float], mock.Mock]:
    """One whose driver has these outcomes, and the pauses that it makes."""
    pauses: list[float] = []
    jvm = mock.Mock()
    jvm.org.postgresql.Driver.return_value.connect.side_effect = list(outcomes)
    return Database(jvm, ACCESS, pauses.append), pauses, jvm


def test_a_database_that_resumes_is_waited_for() -> None:
    java = mock.Mock()
    one, pauses, _ = database(JavaError(sql_error("08006")), JavaError(sql_error("57P03")), java)
    with one.connect() as connection:
        assert connection.java is java
    assert pauses == list(PAUSES[:2])
    java.close.assert_called_once_with()


def test_one_that_stays_away_is_given_up_after_a_minute() -> None:
    one, pauses, _ = database(*[JavaError(sql_error("08001"))] * (len(PAUSES) + 1))
    with pytest.raises(DatabaseUnreachableError, match="h:1/d"), one.connect():
        pytest.fail("it connected")
    assert pauses == list(PAUSES)
    assert 30 < sum(pauses) < 90


def test_a_wrong_password_is_not_tried_again() -> None:
    one, pauses, _ = database(JavaError(sql_error("28P01")))
    with pytest.raises(DatabaseLoginError), one.connect():
        pytest.fail("it connected")
    assert pauses == []


def test_without_a_driver_the_class_path_is_named() -> None:
    one, _, jvm = database()
    jvm.org.postgresql.Driver.side_effect = TypeError("'JavaPackage' object is not callable")
    with pytest.raises(DriverMissingError, match="class path"), one.connect():
        pytest.fail("it connected")


def test_whatever_is_raised_rolls_back() -> None:
    java = mock.Mock()
    java.prepareStatement.return_value.getUpdateCount.return_value = -1
    connection = Connection(java, ACCESS)
    with pytest.raises(KeyboardInterrupt), connection.transaction():
        raise KeyboardInterrupt
    java.rollback.assert_called_once_with()
    java.commit.assert_not_called()
    with connection.transaction():
        pass  # it ends by itself
    java.commit.assert_called_once_with()
