"""What must fit into what: waits into their job, the job into its session, the session into its role."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from covidlake.doctor import github
from covidlake.ship.deploy import preview_stack
from covidlake.ship.drift import drift
from covidlake.ship.plan import plan
from infra.bootstrap.role_shape import SESSION_SECONDS
from tests.workflows.files import FILES

CREDENTIALS = "aws-actions/configure-aws-credentials@"
ACTIONS_DEFAULT_SECONDS = 3600  # of the action, where a step names no duration
SET_UP_MINUTES = 10  # checkout, the packages, the bundle; CloudFormation's own calls
JOBS = {
    f"{file}:{name}": job
    for file, content in FILES.items()
    for name, job in content["jobs"].items()
    if any(CREDENTIALS in step.get("uses", "") for step in job.get("steps", []))
}


def scripts(job: dict[str, Any]) -> str:
    return "\n".join(step.get("run", "") for step in job["steps"])


def waits() -> Iterator[tuple[str, float]]:
    """How many minutes the command of a job may wait, all of its waits together."""
    for name, job in JOBS.items():
        limit = re.search(r"--time-limit (\d+)", scripts(job))
        minutes = float(limit[1]) if limit else 0.0
        if "preview-stack" in scripts(job):
            yield name, preview_stack.TIME_LIMIT_MINUTES
        elif " plan " in scripts(job):
            yield name, getattr(plan, "WAIT_MINUTES", 0.0)
        elif " drift " in scripts(job):
            yield name, drift.TIME_LIMIT_SECONDS / 60
        else:
            yield name, minutes


def test_every_job_that_takes_a_role_on_is_looked_at() -> None:
    assert {name for name, _ in waits()} == set(JOBS)
    assert len(JOBS) == 13


@pytest.mark.parametrize(("name", "minutes"), list(waits()))
def test_what_a_command_waits_for_fits_into_its_job(name: str, minutes: float) -> None:
    assert minutes + SET_UP_MINUTES <= JOBS[name]["timeout-minutes"]


@pytest.mark.parametrize("name", JOBS)
def test_a_session_outlives_its_job_and_the_role_allows_it(name: str) -> None:
    """All roles have this longest duration; GitHub's tokens are no role chaining, which ends at an hour."""
    (step,) = [step for step in JOBS[name]["steps"] if CREDENTIALS in step.get("uses", "")]
    asked = step["with"].get("role-duration-seconds", ACTIONS_DEFAULT_SECONDS)
    assert JOBS[name]["timeout-minutes"] * 60 <= asked <= SESSION_SECONDS


@pytest.mark.parametrize("name", JOBS)
def test_credentials_are_fetched_in_the_job_that_was_approved(name: str) -> None:
    """An approval may take days: whatever expires is fetched after it, by steps of the job that waited."""
    job = JOBS[name]
    assert "role-to-assume" in str(job["steps"])
    assert "outputs" not in job
    assert "AWS_SECRET_ACCESS_KEY" not in str(job)


@pytest.mark.parametrize("name", JOBS)
def test_an_empty_variable_is_said_before_the_role_is_taken_on(name: str) -> None:
    """A role of no name fails in words that say nothing of variables."""
    steps = JOBS[name]["steps"]
    (at,) = [number for number, step in enumerate(steps) if CREDENTIALS in step.get("uses", "")]
    wanted = re.findall(r"vars\.(\w+)", str(steps[at]["with"]))
    assert steps[at - 1]["run"] == f".venv/bin/covidlake require {' '.join(wanted)}"
    assert steps[at - 1]["env"] == {one: f"${{{{ vars.{one} }}}}" for one in wanted}


def test_a_bundle_that_has_expired_meanwhile_is_said_so() -> None:
    """Approvals may take 30 days, an artifact may be kept for one: `find-run` says what to do."""
    steps = FILES["deploy-environment.yml"]["jobs"]["deploy"]["steps"]
    (at,) = [number for number, step in enumerate(steps) if "download-artifact" in step.get("uses", "")]
    assert steps[at]["with"]["run-id"] == "${{ inputs.run-id || github.run_id }}"
    assert steps[at + 1]["if"] == "failure() && steps.bundle.outcome == 'failure'"
    assert steps[at + 1]["env"]["COVIDLAKE_RUN"] == steps[at]["with"]["run-id"]
    assert steps[at + 1]["run"] == ".venv/bin/covidlake find-run"


def test_schedules_cost_a_private_repository_little() -> None:
    """The minutes of a month of 31 days, at most: what runs often is short, what is long runs once a day."""
    runs = {"drift.yml": 31, "ingest.yml": 31, "status-site.yml": 31, "preview-stack.yml": 4 * 31}
    for file, times in runs.items():
        (schedule,) = FILES[file]["on"]["schedule"]
        minute, hour, *days = schedule["cron"].split()
        assert days == ["*", "*", "*"]
        assert minute.isdecimal()
        assert times == 31 * (24 // int(hour[2:]) if hour.startswith("*/") else 1)
    assert FILES["ingest.yml"]["jobs"]["ingest"]["timeout-minutes"] <= 35


def test_doctor_looks_at_every_workflow_with_a_schedule() -> None:
    scheduled = {file for file, content in FILES.items() if "schedule" in content["on"]}
    assert set(github.SCHEDULED) == scheduled


def test_no_job_waits_for_reviewers_and_a_schedule() -> None:
    """The one environment with reviewers is prod, which no scheduled file names."""
    for file, content in FILES.items():
        if "schedule" in content["on"]:
            named = {str(job.get("environment", "")) for job in content["jobs"].values()}
            assert "prod" not in named, file
