"""A deploy begins anew after what passes by itself and after another deploy, and ends at last."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from covidlake.base.clock import Clock
from covidlake.base.errors import StackBusyError, StackFailedError
from covidlake.bundle.manifest import Bundle
from covidlake.ship.deploy import ancestry, execute, history, reviewed_change_set
from covidlake.ship.deploy.attempts import Attempts
from covidlake.ship.deploy.deployment_record import Deployment
from covidlake.ship.deploy.options import DeployOptions
from covidlake.ship.deploy.recovery import Recovery
from covidlake.ship.deploy.reviewed_change_set import Agreed
from covidlake.ship.plan.model import Plan
from covidlake.ship.stack import change_set, change_set_removal
from covidlake.ship.stack.change_set import ChangeSet
from tests.unit.covidlake.ship.deploy.test_transient import KEY, PASSES, STAYS
from tests.unit.covidlake.ship.plan_samples import NAME, inputs_of

BUSY = "BUSY"


class Cloud:
    """Fails as often as it is asked to, and notes what was asked of it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *failures: tuple[str, str]) -> None:
        self.failures = list(failures)
        self.slept: list[float] = []
        self.executed = 0
        monkeypatch.setattr(execute, "execute", self.execute)
        monkeypatch.setattr("time.sleep", self.slept.append)
        monkeypatch.setattr(Attempts, "change_set", lambda _: planned())
        monkeypatch.setattr(change_set_removal, "discard", lambda _: None)

    def execute(self, made: ChangeSet, *_: Any) -> dict[str, str]:
        self.executed += 1
        if self.failures:
            status, cause = self.failures.pop(0)
            if status == BUSY:
                raise StackBusyError(cause)
            raise StackFailedError(NAME, status, cause)
        return {"StackStatus": f"{made.kind}_COMPLETE"}


def planned(kind: change_set.Kind = "CREATE") -> Agreed:
    return Agreed(ChangeSet(NAME, "deploy-1", kind), Plan("dev", NAME, kind, "0" * 64))


def carry_out(tmp_path: Path, lines: list[str], minutes: float = 60.0, wait: bool = False) -> str:
    deployment, options = Deployment(NAME, "0" * 64, "now"), DeployOptions(wait_for_other=wait)
    inputs = inputs_of(Bundle(tmp_path, {}))
    Attempts(inputs, deployment, lines.append, options, Clock(minutes)).carry_out(planned())
    return deployment.status


ROLE = ("ROLLBACK_COMPLETE", f"Function: {PASSES[0]}")


def test_another_attempt_begins_after_the_time_that_the_reason_takes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    cloud, lines = Cloud(monkeypatch, ROLE), list[str]()
    assert carry_out(tmp_path, lines) == "CREATE_COMPLETE"
    assert (cloud.executed, cloud.slept) == (2, [20.0])
    assert lines == [
        f"stack {NAME} ended ROLLBACK_COMPLETE: {ROLE[1]}",
        "Lambda does not know the new role yet: attempt 2 of 3 begins in 20 s",
    ]


@pytest.mark.parametrize(
    ("failure", "minutes", "executed"),
    [
        (ROLE, 60.0, 3),
        (("ROLLBACK_COMPLETE", KEY), 60.0, 2),
        (ROLE, 0.3, 1),  # the time limit is over before the reason is
        (("ROLLBACK_FAILED", ROLE[1]), 60.0, 1),
        (("ROLLBACK_COMPLETE", f"Job: {STAYS[1]}"), 60.0, 1),
    ],
)
def test_attempts_end(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    failure: tuple[str, str],
    minutes: float,
    executed: int,
) -> None:
    cloud = Cloud(monkeypatch, *[failure] * 9)
    with pytest.raises(StackFailedError) as caught:
        carry_out(tmp_path, [], minutes)
    assert (caught.value.status, caught.value.cause) == failure
    assert cloud.executed == executed


FASTER = (BUSY, f"stack {NAME}: another deploy was faster")


def test_a_deploy_that_waits_begins_anew_after_one_that_was_faster(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    cloud, lines = Cloud(monkeypatch, *[FASTER] * 4), list[str]()
    assert carry_out(tmp_path, lines, wait=True) == "CREATE_COMPLETE"
    assert cloud.executed == 5  # not bounded by the attempts that a transient failure has
    assert lines == [f"{FASTER[1]}: beginning anew after it"] * 4


@pytest.mark.parametrize(("wait", "minutes"), [(False, 60.0), (True, 0.0)])
def test_a_deploy_that_does_not_wait_says_that_another_was_faster(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, wait: bool, minutes: float
) -> None:
    cloud = Cloud(monkeypatch, FASTER)
    with pytest.raises(StackBusyError, match="another deploy was faster"):
        carry_out(tmp_path, [], minutes, wait)
    assert cloud.executed == 1


def test_all_waits_of_a_deploy_share_one_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    clock = Clock(60.0)
    assert clock.left() == 60.0
    now[0] += 45 * 60
    assert (clock.left(), Recovery(NAME, print, minutes_left=clock.left).minutes_left()) == (15.0, 15.0)
    now[0] += 45 * 60
    assert clock.left() == 0.0


@pytest.mark.parametrize(
    ("deployed", "newest", "allow_older", "compared"),
    [
        ("b" * 40, "", False, ["b" * 40]),
        ("b" * 40, "b" * 40, False, ["b" * 40]),
        ("b" * 40, "c" * 40, False, ["b" * 40, "c" * 40]),
        ("b" * 40, "c" * 40, True, []),
    ],
)
def test_a_bundle_is_compared_with_what_is_deployed_and_what_changed_nothing(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    deployed: str,
    newest: str,
    allow_older: bool,
    compared: list[str],
) -> None:
    asked: list[tuple[str, bool]] = []
    found: Any = {
        "StackStatus": "UPDATE_COMPLETE",
        "Parameters": [{"ParameterKey": "BundleCommit", "ParameterValue": deployed}],
    }
    monkeypatch.setattr(Recovery, "recover", lambda _: found)
    monkeypatch.setattr(history, "newest_good_commit", lambda _: newest)
    monkeypatch.setattr(
        ancestry, "refuse_older", lambda _, old, require_history, **__: asked.append((old, require_history))
    )
    monkeypatch.setattr(reviewed_change_set, "make", lambda *_: None)
    monkeypatch.setattr(Attempts, "_role_arn", None)
    deployment = Deployment(NAME, "0" * 64, "now")
    options = DeployOptions(allow_older=allow_older, require_history=True)
    attempts = Attempts(inputs_of(Bundle(tmp_path, {})), deployment, print, options, Clock(1.0))
    assert attempts.change_set() is None
    assert asked == [(commit, True) for commit in compared]
    assert deployment.stack is found


def test_the_service_role_is_looked_for_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[str] = []

    def find(environment: str) -> str:
        asked.append(environment)
        return "arn:aws:iam::000000000000:role/x"

    monkeypatch.setattr("covidlake.ship.deploy.service_role.find", find)
    deployment = Deployment(NAME, "0" * 64, "now")
    attempts = Attempts(inputs_of(Bundle(tmp_path, {})), deployment, print, DeployOptions(), Clock(1.0))
    assert attempts._role_arn == attempts._recovery.role_arn() == attempts._role_arn
    assert asked == ["dev"]


def test_an_interrupt_while_the_plan_is_shown_leaves_no_change_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    discarded: list[str] = []
    Cloud(monkeypatch)
    monkeypatch.setattr(change_set_removal, "discard", lambda made: discarded.append(made.name))

    def interrupted(_: Plan) -> None:
        raise KeyboardInterrupt

    options = DeployOptions(on_plan=interrupted)
    attempts = Attempts(
        inputs_of(Bundle(tmp_path, {})), Deployment(NAME, "0" * 64, "now"), print, options, Clock(60.0)
    )
    with pytest.raises(KeyboardInterrupt):
        attempts.carry_out(planned())
    assert discarded == ["deploy-1"]
