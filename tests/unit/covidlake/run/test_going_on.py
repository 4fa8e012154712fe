"""Whoever interrupts a command learns whether the execution goes on, how to follow it and how to stop it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from covidlake.run import going_on
from tests.unit.covidlake.run.conftest import OUTPUTS, Stubs

MACHINE = OUTPUTS["StateMachineArn"]
ARN = f"{MACHINE.replace(':stateMachine:', ':execution:')}:today"


def interrupted() -> list[str]:
    said: list[str] = []
    with pytest.raises(KeyboardInterrupt), going_on.said("dev", "today", said.append):
        raise KeyboardInterrupt
    return said


@pytest.mark.parametrize(
    ("status", "line"),
    [
        (
            "RUNNING",
            "execution today goes on; to follow it: covidlake ingest dev --follow today; to stop it: "
            "covidlake stop dev today",
        ),
        ("SUCCEEDED", "execution today is SUCCEEDED"),
    ],
)
def test_it_is_said_how_it_is(stubs: Stubs, status: str, line: str) -> None:
    found = {"executionArn": ARN, "stateMachineArn": MACHINE, "status": status}
    found["startDate"] = datetime(2026, 1, 1, tzinfo=UTC)  # type: ignore[assignment]
    stubs("stepfunctions").add_response("describe_execution", found, {"executionArn": ARN})
    assert interrupted() == [line]


def test_nothing_is_said_of_one_that_was_never_started(stubs: Stubs) -> None:
    stubs("stepfunctions").add_client_error("describe_execution", "ExecutionDoesNotExist")
    assert interrupted() == []


def test_what_cannot_be_asked_is_not_known(stubs: Stubs) -> None:
    stubs("stepfunctions").add_client_error("describe_execution", "AccessDeniedException")
    assert interrupted() == ["whether execution today goes on is not known: covidlake status dev"]


def test_a_block_that_ends_by_itself_says_nothing(stubs: Stubs) -> None:
    said: list[str] = []
    with going_on.said("dev", "today", said.append):
        pass  # it ends by itself
    assert said == []
