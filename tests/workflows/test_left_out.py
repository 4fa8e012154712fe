"""Which jobs of the shipped files GitHub runs, for every set of environments and every end of each job."""

from __future__ import annotations

import itertools
import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from covidlake.base.errors import GateError, GitHubError
from covidlake.github import gate, required_variables
from covidlake.ship.bootstrap.repository import branch_patterns
from tests.workflows.account import ENVIRONMENTS
from tests.workflows.files import FILES
from tests.workflows.github_expressions import interpolate
from tests.workflows.github_model import Event, Repository, Run

ENDS = ("success", "failure", "cancelled")
STEPS = ("deploy/dev/deploy", "deploy/smoke-dev/smoke", "deploy/staging/deploy", "deploy/smoke-staging/smoke")
CHAIN = (*STEPS, "deploy/prod/deploy")
PUSH = Event("push", "refs/heads/main")
CHECKS = ("lint", "unit-tests", "job-tests", "cloud-tests", "workflow-tests")
BRANCH = "refs/heads/feature"
SUBSETS = [set(some) for size in range(4) for some in itertools.combinations(ENVIRONMENTS, size)]
ROLES = ("AWS_DEPLOY_ROLE_ARN", "AWS_OPS_ROLE_ARN", "AWS_DRIFT_ROLE_ARN")


def owner(bootstrapped: set[str], has_environments: bool = True) -> Repository:
    """A repository as bootstrap's commands leave it."""
    variables = {"INGEST_ENVIRONMENT": "dev"} if "dev" in bootstrapped else {}
    for name in bootstrapped:
        variables |= {
            f"AWS_PLAN_ROLE_ARN_{name.upper()}": "arn:plan",
            f"AWS_REGION_{name.upper()}": "us-east-2",
        }
    names = {name for one in bootstrapped for name in (one, f"{one}-ops")}
    own = {"AWS_REGION": "us-east-2", **{role: f"arn:{role}" for role in ROLES}}
    return Repository(
        variables,
        dict.fromkeys(names, own),
        {name: branch_patterns(name) for name in names},
        has_environments,
    )


def run(file: str, event: Event, bootstrapped: set[str], **more: Any) -> Run:
    return Run(FILES, event, owner(bootstrapped), **more).start(file)


def promoted(bootstrapped: set[str], ends: Mapping[str, str]) -> list[str]:
    """What the README says: the bootstrapped ones in turn, each after the one before and its smoke test."""
    ran: list[str] = []
    for name in ENVIRONMENTS:
        if name not in bootstrapped:
            continue
        steps = [f"deploy/{name}/deploy", *([f"deploy/smoke-{name}/smoke"] if name != "prod" else [])]
        for step in steps:
            ran.append(step)
            if ends[step] != "success":
                return ran
    return ran


@pytest.mark.parametrize("bootstrapped", SUBSETS, ids=lambda some: "+".join(sorted(some)) or "none")
def test_promotion_goes_through_what_is_bootstrapped_and_stops_at_what_fails(bootstrapped: set[str]) -> None:
    for results in itertools.product(ENDS, repeat=len(CHAIN)):
        ends = dict(zip(CHAIN, results, strict=True))
        done = run("ci.yml", PUSH, bootstrapped, outcome=lambda path, ends=ends: ends.get(path, "success"))
        assert [path for path in done.ran if path in CHAIN] == promoted(bootstrapped, ends), ends
        assert {path for path in done.ran if path.startswith("deploy/")} <= set(CHAIN)


@pytest.mark.parametrize("last", CHAIN[:-1])
def test_a_run_that_a_person_cancels_deploys_nothing_more(last: str) -> None:
    done = run("ci.yml", PUSH, set(ENVIRONMENTS), cancelled_after=last)
    assert [path for path in done.ran if path in CHAIN][-1] == last


def test_nothing_is_promoted_that_was_not_built_or_is_not_of_main() -> None:
    broken = run(
        "ci.yml", PUSH, set(ENVIRONMENTS), outcome=lambda path: "failure" if path == "build" else "success"
    )
    assert broken.ran == [*CHECKS, "build", "gate"]
    for check in CHECKS:
        untested = run(
            "ci.yml",
            PUSH,
            set(ENVIRONMENTS),
            outcome=lambda path, check=check: "failure" if path == check else "success",
        )
        assert untested.ran == [*CHECKS, "gate"]
    beside = run("ci.yml", Event("push", BRANCH), set(ENVIRONMENTS))
    assert beside.ran == [*CHECKS, "build", "gate"]


@pytest.mark.parametrize("to", ENVIRONMENTS)
def test_by_hand_one_environment_is_deployed_and_nothing_promoted(to: str) -> None:
    inputs = {"environment": to, "commit": "", "run": "", "allow-destructive": ""}
    done = run("deploy.yml", Event("workflow_dispatch", "refs/heads/main", inputs=inputs), set(ENVIRONMENTS))
    assert done.ran == ["find", "one/deploy"]


def allows_older(done: Run, path: str) -> Any:
    return done.step_environment(path, "covidlake deploy")["COVIDLAKE_ALLOW_OLDER"]


def test_a_promotion_that_is_approved_late_never_means_an_older_bundle() -> None:
    """It deploys, after days perhaps, what it built: `covidlake deploy` refuses it where it is older."""
    done = run("ci.yml", PUSH, set(ENVIRONMENTS))
    assert {allows_older(done, f"deploy/{name}/deploy") for name in ENVIRONMENTS} == {False}


@pytest.mark.parametrize(
    ("named", "older"), [({}, False), ({"commit": "abc1234"}, True), ({"run": "4711"}, True)]
)
def test_by_hand_an_older_bundle_is_meant_where_it_is_named(named: dict[str, str], older: bool) -> None:
    inputs = {"environment": "prod", **named}
    done = run("deploy.yml", Event("workflow_dispatch", "refs/heads/main", inputs=inputs), {"prod"})
    assert allows_older(done, "one/deploy") is older


def test_a_deploy_can_see_which_of_two_commits_is_the_older() -> None:
    (checkout,) = [
        step
        for step in FILES["deploy-environment.yml"]["jobs"]["deploy"]["steps"]
        if step.get("uses", "").startswith("actions/checkout@")
    ]
    assert checkout["with"]["fetch-depth"] == 0
    assert checkout["with"]["filter"] == "blob:none"


def pull_request(fork: bool = False) -> Event:
    head = {"repo": {"full_name": "somebody/lake" if fork else "acme/lake"}}
    payload = {"pull_request": {"number": 7, "head": head, "base": {"sha": "b" * 40}}}
    return Event("pull_request", "refs/pull/7/merge", payload)


@pytest.mark.parametrize("bootstrapped", SUBSETS, ids=lambda some: "+".join(sorted(some)) or "none")
def test_a_pull_request_is_shown_what_it_changes_where_there_is_something(bootstrapped: set[str]) -> None:
    previews = [*(f"preview-{name}" for name in ENVIRONMENTS if name in bootstrapped), "data-preview"]
    for results in itertools.product(ENDS, repeat=len(previews)):
        ends = dict(zip(previews, results, strict=True))
        done = run(
            "ci.yml", pull_request(), bootstrapped, outcome=lambda path, ends=ends: ends.get(path, "success")
        )
        comment = ["comment"] if "success" in results else []
        judged = ["data-changes"] if ends["data-preview"] == "success" else []
        assert sorted(done.ran) == sorted([*CHECKS, "build", *previews, *judged, *comment, "gate"])
    fork = run("ci.yml", pull_request(fork=True), bootstrapped).ran
    assert sorted(fork) == sorted([*CHECKS, "build", "data-preview", "data-changes", "compare", "gate"])


OF_DATA = ("data-preview", "data-changes")  # of every pull request, a fork's too
PULL_REQUESTS = ("pull_request", "fork")
GATED = ("build", "preview-dev", "preview-staging", "preview-prod", "comment", "compare", *OF_DATA)


def gate_options() -> tuple[dict[str, list[str]], list[str]]:
    """Which jobs the step of the gate names, by the option."""
    (step,) = [step for step in FILES["ci.yml"]["jobs"]["gate"]["steps"] if " gate " in step.get("run", "")]
    words = shlex.split(step["run"])[2:]
    given: dict[str, list[str]] = {}
    for option, job in zip(words[::2], words[1::2], strict=True):
        name = option.removeprefix("--").removeprefix("on-").replace("-", "_")
        given.setdefault(name, []).append(job)
    return given, given.pop("may_skip")


@pytest.mark.parametrize("kind", ["pull_request", "fork", "push", "merge_group"])
def test_the_gate_is_red_exactly_when_something_failed_or_what_must_be_is_missing(kind: str) -> None:
    must, may_skip = gate_options()
    ends, good = (*ENDS, "skipped"), ("success",)
    gated = [(*good * len(CHECKS), *results) for results in itertools.product(ends, repeat=len(GATED))]
    checked = [(*results, *good * len(GATED)) for results in itertools.product(ends, repeat=len(CHECKS))]
    for results in [*gated, *checked]:
        ended = dict(zip((*CHECKS, *GATED), results, strict=True))
        more = (*OF_DATA, *(["compare"] if kind == "fork" else [])) if kind in PULL_REQUESTS else ()
        needed = [ended[name] for name in (*CHECKS, "build", *more)]
        missing = set(needed) != {"success"}
        red = missing or bool({"failure", "cancelled"} & set(results))
        try:
            gate.check(gate.judge(ended, kind, must, may_skip))
        except GateError:
            assert red, ended
        else:
            assert not red, ended


@pytest.mark.parametrize(
    "event", [PUSH, Event("merge_group", "refs/heads/gh-readonly-queue/main/x"), pull_request()]
)
@pytest.mark.parametrize("end", ENDS)
def test_the_gate_always_speaks(event: Event, end: str) -> None:
    """A required check that is skipped counts as passed."""
    done = run("ci.yml", event, set(ENVIRONMENTS), outcome=lambda path: end if path == "build" else "success")
    assert "gate" in done.ran
    assert "gate" in run("ci.yml", event, set(ENVIRONMENTS), cancelled_after="build").ran


@pytest.mark.parametrize("bootstrapped", SUBSETS, ids=lambda some: "+".join(sorted(some)) or "none")
def test_drift_is_reported_for_what_is_bootstrapped(bootstrapped: set[str]) -> None:
    """A job that was cut off reported nothing: that is no success, which would close the issue."""
    event, names = (
        Event("schedule", "refs/heads/main"),
        [name for name in ENVIRONMENTS if name in bootstrapped],
    )
    for results in itertools.product(ENDS, repeat=len(names)):
        ends = dict(zip(names, results, strict=True))
        done = run(
            "drift.yml", event, bootstrapped, outcome=lambda path, ends=ends: ends.get(path, "success")
        )
        assert done.ran == [*names, *(["report"] if names else [])]
        if names:
            result = done.step_environment("report", "covidlake issue")["COVIDLAKE_RESULT"].strip()
            assert result == ("success" if set(results) == {"success"} else "failure")


@pytest.mark.parametrize("end", ENDS)
def test_an_ingestion_is_reported_however_it_ends(end: str) -> None:
    event = Event("schedule", "refs/heads/main")
    ends = {"ingest": end}
    assert run("ingest.yml", event, {"dev"}, outcome=lambda path: ends.get(path, "success")).ran == [
        "ingest",
        "report",
    ]
    assert run("ingest.yml", event, set()).ran == []


@pytest.mark.parametrize(
    ("inputs", "variables", "named"),
    [
        ({}, {}, "dev"),
        ({}, {"INGEST_PIPELINE": "ingestion"}, "dev"),
        ({}, {"INGEST_PIPELINE": "segmentation"}, "segmentation/dev"),
        ({}, {"INGEST_PIPELINE": "segmentaton"}, "segmentaton/dev"),  # which covidlake refuses by name
        ({"environment": "dev", "pipeline": "segmentation"}, {}, "segmentation/dev"),
        ({"environment": "dev", "pipeline": "ingestion"}, {"INGEST_PIPELINE": "segmentation"}, "dev"),
    ],
)
def test_the_pipeline_is_a_part_of_the_environments_name(
    inputs: dict[str, str], variables: dict[str, str], named: str
) -> None:
    event = Event("workflow_dispatch" if inputs else "schedule", "refs/heads/main", inputs=inputs)
    mine = owner({"dev"})
    done = Run(FILES, event, replace(mine, variables={**mine.variables, **variables})).start("ingest.yml")
    for job, command in (("ingest", "covidlake ingest"), ("report", "covidlake issue")):
        given = done.step_environment(job, command)["PIPELINE"]
        whole = interpolate(FILES["ingest.yml"]["jobs"][job]["env"]["ENVIRONMENT"], done.scopes[job])
        assert f"{given}{whole}" == named
    assert done.ran == ["ingest", "report"]


def test_the_page_is_of_the_same_pipeline() -> None:
    steps = {step.get("id"): step for step in FILES["ingest.yml"]["jobs"]["ingest"]["steps"]}
    assert steps["page"]["env"]["PIPELINE"] == steps["ingest"]["env"]["PIPELINE"]
    assert '"$PIPELINE$ENVIRONMENT" "$EXECUTION"' in steps["page"]["run"]


JOBS_WITH_ROLES = {
    "ci.yml": PUSH,
    "drift.yml": Event("schedule", "refs/heads/main"),
    "ingest.yml": Event("schedule", "refs/heads/main"),
    "preview-stack.yml": Event("schedule", "refs/heads/main"),
}


@pytest.mark.parametrize("file", JOBS_WITH_ROLES)
def test_without_environments_each_job_that_takes_a_role_on_says_so(
    file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a private repository on GitHub's Free plan, whose jobs find the variables of no environment."""
    monkeypatch.delenv("GITHUB_EVENT_PATH", raising=False)
    all_of_them = {*ENVIRONMENTS, "preview"}
    done = Run(FILES, JOBS_WITH_ROLES[file], owner(all_of_them, has_environments=False)).start(file)
    asked = [path for path in done.ran if "configure-aws-credentials" in str(done.steps(path))]
    assert asked
    for path in asked:
        given = done.step_environment(path, "covidlake require")
        assert set(given.values()) == {None}
        for name in given:
            monkeypatch.setenv(name, "")
        with pytest.raises(GitHubError, match="Free plan has no environments"):
            required_variables.require(list(given))
