"""Deploys of one environment at a time, and approvals that come late, in the wrong order, or never."""

from __future__ import annotations

import re
from typing import Any

import pytest

from covidlake.doctor.github_rules import REVIEWED
from covidlake.ship.stack import stack_events
from tests.workflows.files import FILES
from tests.workflows.github_expressions import Scope, interpolate
from tests.workflows.github_queues import CANCELLED, DONE, RUNNING, WAITING, Entry, Queues
from tests.workflows.test_limits import SET_UP_MINUTES

DEPLOY = FILES["deploy-environment.yml"]["jobs"]["deploy"]


def enter(queues: Queues, environment: str, run: str, **changed: Any) -> Entry:
    """The deploy job of a run comes to the group that its file names."""
    concurrency = {**DEPLOY["concurrency"], **changed}
    scope = Scope({"inputs": {"environment": environment}, "github": {"run_id": run}})
    return queues.enter(run, {**concurrency, "group": interpolate(concurrency["group"], scope)})


@pytest.mark.parametrize("environment", ["dev", "staging"])
def test_deploys_of_one_environment_come_one_after_the_other_and_none_is_lost(environment: str) -> None:
    queues = Queues()
    first, second, third = (enter(queues, environment, run) for run in "123")
    assert [first.state, second.state, third.state] == [RUNNING, WAITING, WAITING]
    for entry in (first, second, third):
        queues.finish(entry)
    assert {entry.state for entry in queues.entries} == {DONE}


def test_environments_do_not_wait_for_each_other() -> None:
    queues = Queues()
    for environment in ("dev", "staging", "prod"):
        enter(queues, environment, "1")
    assert {entry.state for entry in queues.entries} == {RUNNING}


def test_a_run_that_nobody_approves_keeps_no_newer_one_from_prod() -> None:
    """Both ask for approval at once; `covidlake deploy` refuses an older bundle that is approved later."""
    queues = Queues()
    unapproved, newer = enter(queues, "prod", "1"), enter(queues, "prod", "2")
    assert [unapproved.state, newer.state] == [RUNNING, RUNNING]


@pytest.mark.parametrize(("queue", "others"), [("max", [WAITING, WAITING]), ("single", [CANCELLED, WAITING])])
def test_in_one_group_it_would(queue: str, others: list[str]) -> None:
    """So the run's id in the group of prod is what the test above holds."""
    queues = Queues()
    states = [enter(queues, "prod", run, group="deploy-prod", queue=queue) for run in "123"]
    assert [entry.state for entry in states] == [RUNNING, *others]


def test_a_deploy_of_prod_waits_for_one_that_runs_instead() -> None:
    (command,) = [step["run"] for step in DEPLOY["steps"] if "covidlake deploy" in step.get("run", "")]
    assert "--wait" in command
    (limit,) = re.findall(r"--time-limit (\d+)", command)
    assert int(limit) > stack_events.TIME_LIMIT_MINUTES  # more than one deploy may take by itself
    assert int(limit) + SET_UP_MINUTES <= DEPLOY["timeout-minutes"]


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_only_the_environment_that_may_have_reviewers_is_without_a_queue(environment: str) -> None:
    """`covidlake doctor` fails for reviewers of any other one, which would hold the queue."""
    queues = Queues()
    states = [enter(queues, environment, run).state for run in "12"]
    assert states == [RUNNING, RUNNING if environment == REVIEWED else WAITING]
