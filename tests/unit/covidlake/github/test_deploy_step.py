"""What a deploy leaves in its step of a workflow, however it ends."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from covidlake.base.errors import DeployError
from covidlake.github import deploy_step
from covidlake.ship.deploy.deployment_record import Deployment

STACK = cast(Any, {"StackId": "arn:stack", "Outputs": []})
DONE = Deployment("covid-lake-dev", "a" * 64, "now", "UPDATE_COMPLETE", 3, stack=STACK)


@pytest.fixture
def step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"):
        (tmp_path / name).touch()
        monkeypatch.setenv(name, str(tmp_path / name))
    return tmp_path


def outputs(step: Path) -> dict[str, str]:
    lines = (step / "GITHUB_OUTPUT").read_text().splitlines()
    return {head.partition("<<")[0]: value for head, value in zip(lines[::3], lines[1::3], strict=True)}


def test_a_success_has_outputs_and_a_summary(step: Path) -> None:
    with deploy_step.recorded("dev") as recorder:
        recorder.deployment = DONE
    assert outputs(step) == {"status": "UPDATE_COMPLETE", "digest": "a" * 64, "stack-id": "arn:stack"}
    assert "UPDATE_COMPLETE" in (step / "GITHUB_STEP_SUMMARY").read_text()


def test_a_stack_that_cannot_be_read_leaves_its_output_out(step: Path) -> None:
    with deploy_step.recorded("dev") as recorder:
        recorder.deployment = replace(DONE, stack=None)
    assert set(outputs(step)) == {"status", "digest"}


def test_a_failure_is_summed_up_and_raised(step: Path) -> None:
    with pytest.raises(DeployError), deploy_step.recorded("dev"):
        raise DeployError("it\n failed")
    assert outputs(step) == {}
    assert "<code>it failed</code>" in (step / "GITHUB_STEP_SUMMARY").read_text()


def test_elsewhere_nothing_is_written(step: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "")
    with deploy_step.recorded("dev") as recorder:
        recorder.deployment = DONE
    assert outputs(step) == {}
