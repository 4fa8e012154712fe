"""A plan waits for a deploy that is under way, says so once, and ends with an outcome of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from botocore.stub import Stubber

from covidlake.base.errors import DeployError, StackBusyError
from covidlake.bundle import template_limits
from covidlake.bundle.manifest import Bundle
from covidlake.ship.plan import plan
from covidlake.ship.plan.model import Plan
from covidlake.ship.stack.stack_inputs import StackInputs
from tests.unit.covidlake.ship.plan_samples import inputs_of, make_bundle
from tests.unit.covidlake.ship.stack_stub import NAME, stack_is

BUSY = StackBusyError(f"stack {NAME} is UPDATE_IN_PROGRESS: wait until it ends, then try again")
DONE = Plan("dev", NAME, "UPDATE", "0" * 64)


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bundle:
    monkeypatch.setattr(StackInputs, "checked", lambda _name, bundle: inputs_of(bundle))
    monkeypatch.setattr(template_limits, "check", lambda _: None)
    monkeypatch.setattr(plan, "LOOK_EVERY_SECONDS", 0.0)
    return make_bundle(tmp_path, {})


def attempts(monkeypatch: pytest.MonkeyPatch, *outcomes: Plan | Exception) -> list[Any]:
    left = list(outcomes)

    def attempt(*_: Any) -> Plan:
        outcome = left.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(plan, "_plan", attempt)
    return left


def test_it_waits_until_the_stack_is_at_rest_and_says_so_once(
    stub: Stubber, bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts(monkeypatch, BUSY, BUSY, DONE)
    for status in ("UPDATE_IN_PROGRESS", "UPDATE_COMPLETE", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"):
        stack_is(stub, status)
    stack_is(stub, "UPDATE_COMPLETE")
    lines: list[str] = []
    assert plan.plan("dev", bundle, lines.append, wait_minutes=1) is DONE
    assert lines == [f"{BUSY}: waiting up to 1 minutes"]


@pytest.mark.parametrize("status", [None, "REVIEW_IN_PROGRESS"])
def test_a_stack_that_is_gone_or_only_reviewed_is_not_waited_for(
    stub: Stubber, bundle: Bundle, monkeypatch: pytest.MonkeyPatch, status: str | None
) -> None:
    attempts(monkeypatch, BUSY, DONE)
    stack_is(stub, status)
    assert plan.plan("dev", bundle, lambda _: None) is DONE


def test_the_end_of_the_wait_has_an_exit_code_of_its_own(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts(monkeypatch, *[BUSY] * 3)
    monkeypatch.setattr(plan, "_wait_for", lambda *_: None)
    moments = iter([0.0, 59.0, 59.0, 60.0])
    monkeypatch.setattr(plan.time, "monotonic", lambda: next(moments))
    with pytest.raises(StackBusyError, match=r"after 1 minutes: .*--wait-minutes") as caught:
        plan.plan("dev", bundle, lambda _: None, wait_minutes=1)
    assert caught.value.exit_code == 10
    assert "\n" not in str(caught.value)


def test_without_a_wait_it_ends_at_once(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    attempts(monkeypatch, BUSY)
    with pytest.raises(StackBusyError, match="wait until it ends"):
        plan.plan("dev", bundle, lambda _: None, wait_minutes=0)


def test_any_other_failure_is_not_waited_for(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    attempts(monkeypatch, DeployError("stack x is ROLLBACK_COMPLETE"), DONE)
    with pytest.raises(DeployError, match="ROLLBACK_COMPLETE"):
        plan.plan("dev", bundle, lambda _: None)
