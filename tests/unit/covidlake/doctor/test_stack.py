"""What doctor concludes about the stack and its e-mail."""

from __future__ import annotations

import pytest

from covidlake.doctor import stack as doctor_stack
from covidlake.doctor.check import Subject
from covidlake.ship.stack import stack

DEV = Subject("dev")


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("CREATE_COMPLETE", "OK"),
        ("UPDATE_ROLLBACK_COMPLETE", "OK"),
        ("UPDATE_IN_PROGRESS", "FAIL"),
        ("ROLLBACK_COMPLETE", "FAIL"),
        ("UPDATE_ROLLBACK_FAILED", "FAIL"),
        ("REVIEW_IN_PROGRESS", "FAIL"),
        (None, "FAIL"),
    ],
)
def test_each_state_of_the_stack_is_judged(
    monkeypatch: pytest.MonkeyPatch, status: str | None, expected: str
) -> None:
    monkeypatch.setattr(stack, "describe", lambda _: {"StackStatus": status} if status else None)
    (check,) = doctor_stack.stack(DEV)
    assert check.status == expected
    assert bool(check.hint) is (expected == "FAIL")


@pytest.mark.parametrize(
    ("subscriptions", "status", "found"),
    [
        ({"a@b.org": "arn:aws:sns:us-east-2:1:t:1"}, "OK", "a@b.org gets an e-mail for each failure"),
        ({"a@b.org": "PendingConfirmation"}, "FAIL", "a@b.org has not confirmed the subscription"),
        ({"x@b.org": "arn:aws:sns:us-east-2:1:t:1"}, "FAIL", "a@b.org is not subscribed"),
        ({}, "FAIL", "a@b.org is not subscribed"),
    ],
)
def test_people_are_notified_only_when_they_confirmed(
    subscriptions: dict[str, str], status: str, found: str
) -> None:
    check = doctor_stack._subscription("a@b.org", subscriptions, DEV)
    assert (check.status, check.found) == (status, found)
