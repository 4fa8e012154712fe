"""Throw-away stacks of pull requests: their parameter file, and which of them the sweeper takes."""

from __future__ import annotations

import functools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from covidlake.base import project
from covidlake.base.errors import DeployError
from covidlake.bundle.manifest import Bundle
from covidlake.bundle.package import package
from covidlake.environment import environment_file
from covidlake.github import superseded
from covidlake.ship.deploy import preview_stack
from covidlake.ship.deploy.options import DeployOptions
from covidlake.ship.deploy.preview_stack import HOURS_TAG, PULL_REQUEST_TAG, sweep
from covidlake.ship.stack import stack, stack_inputs

NOW = datetime.now(UTC)
GOOD = {stack_inputs.THROW_AWAY_TAG: "true", PULL_REQUEST_TAG: "7"}


def described(age: timedelta = timedelta(hours=1), **tags: str) -> Any:
    return {
        "StackName": "covid-lake-pr-7",
        "StackStatus": "CREATE_COMPLETE",
        "CreationTime": NOW - age,
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
    }


def expiring(hours: float) -> dict[str, str]:
    """The tags of a stack, an hour old, whose time to live ends in so many hours."""
    return {**GOOD, HOURS_TAG: f"{hours + 1:g}"}


class PullRequests:
    """Knows the states of pull requests, as GitHub does."""

    def __init__(self, state: str) -> None:
        self.state = state

    def get(self, path: str) -> Any:
        assert path == "pulls/7"
        return {"state": self.state}


@pytest.mark.parametrize(
    ("found", "state", "why"),
    [
        (described(**expiring(1)), "open", None),
        (described(**expiring(-1)), "open", "time to live ended"),
        (described(**expiring(1)), "closed", "is closed"),
        (described(**expiring(1)), None, None),
        (described(**{**expiring(-1), stack_inputs.THROW_AWAY_TAG: "false"}), "closed", None),
        (described(**{**expiring(-1), PULL_REQUEST_TAG: "8"}), "closed", None),
        (described(**GOOD), "open", None),
        (described(timedelta(days=8), **GOOD), "open", "cannot be read"),
        ({**described(timedelta(days=8), **expiring(1)), "LastUpdatedTime": NOW}, "open", None),
        (described(timedelta(days=8), **{**GOOD, HOURS_TAG: "soon"}), None, "cannot be read"),
        (described(timedelta(days=1), **{**GOOD, HOURS_TAG: "1e99"}), "closed", "is closed"),
    ],
)
def test_the_sweeper_takes_only_what_is_over(
    monkeypatch: pytest.MonkeyPatch, found: Any, state: str | None, why: str | None
) -> None:
    deleted: list[int] = []
    monkeypatch.setattr(preview_stack, "_stacks", lambda: iter([found]))
    monkeypatch.setattr(preview_stack, "delete", lambda number, _report: deleted.append(number))
    github: Any = PullRequests(state or "")
    is_closed = functools.partial(superseded.is_closed, github) if state else None
    swept = list(sweep(lambda _: None, is_closed))
    assert deleted == ([7] if why else [])
    if why:
        assert why in swept[0].why


def test_one_that_stays_does_not_keep_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_number: int, _report: Any) -> None:
        raise DeployError("it is stuck")

    monkeypatch.setattr(preview_stack, "_stacks", lambda: iter([described(**expiring(-1))] * 2))
    monkeypatch.setattr(preview_stack, "delete", fail)
    assert [one.error for one in sweep(lambda _: None, None)] == ["it is stuck"] * 2


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return package(tmp_path_factory.mktemp("package") / "bundle")


def test_the_parameter_file_is_made_after_devs(bundle: Bundle) -> None:
    with preview_stack._with_environment(bundle, 7, 72.0) as prepared:
        made = environment_file.load("pr-7", prepared.environments)
        environment_file.check(made, prepared.template)
        assert prepared.digest == bundle.digest
    assert (made.parameters["Environment"], made.parameters["ScheduleState"]) == ("pr-7", "DISABLED")
    assert made.tags[PULL_REQUEST_TAG] == "7"
    assert made.tags[HOURS_TAG] == "72"
    assert made.tags[stack_inputs.THROW_AWAY_TAG] == "true"
    assert stack_inputs.PROTECTED_TAG not in made.tags
    assert not (bundle.environments / "pr-7.yaml").exists()


def test_a_stack_of_somebody_else_is_not_touched(monkeypatch: pytest.MonkeyPatch, bundle: Bundle) -> None:
    monkeypatch.setattr(stack, "describe", lambda _: described())
    with pytest.raises(DeployError, match="somebody else's"):
        preview_stack.deploy(7, bundle, 1.0, lambda _: None)
    with pytest.raises(DeployError, match="somebody else's"):
        preview_stack.delete(7, lambda _: None)


def test_a_throw_away_stack_does_not_wait_until_its_resources_are_ready(
    monkeypatch: pytest.MonkeyPatch, bundle: Bundle
) -> None:
    asked: list[DeployOptions] = []
    monkeypatch.setattr(stack, "describe", lambda _: None)
    monkeypatch.setattr(preview_stack, "deploy_stack", lambda *given: asked.append(given[3]))
    preview_stack.deploy(7, bundle, 1.0, lambda _: None, DeployOptions(wait_for_other=True))
    assert asked == [DeployOptions(allow_older=True, express=True, wait_for_other=True)]


@pytest.mark.parametrize(
    ("environment", "bootstrap"), [("pr-7", "preview"), ("dev", "dev"), ("pr-x", "pr-x"), ("prod", "prod")]
)
def test_pull_requests_share_one_bootstrap(environment: str, bootstrap: str) -> None:
    assert project.bootstrap_of(environment) == bootstrap
    assert project.bootstrap_of(project.preview_environment(7)) == project.PREVIEW
