"""Stacks of pull requests on GitHub: which ref each job runs on, who may use an environment, what waits."""

from __future__ import annotations

from typing import Any

import pytest

from covidlake.github import superseded
from covidlake.github.superseded import LABEL
from covidlake.ship.bootstrap.repository import branch_patterns
from tests.workflows.files import FILES
from tests.workflows.github_expressions import Scope, interpolate
from tests.workflows.github_model import Event, Repository, Run, matches
from tests.workflows.github_queues import CANCELLED, DONE, RUNNING, WAITING, Queues

NAMES = ("dev", "staging", "prod", "dev-ops", "staging-ops", "prod-ops", "preview")
OPEN, MAIN, BRANCH = "refs/pull/7/merge", "refs/heads/main", "refs/heads/feature"
HEAD = "a" * 40
OWNER = Repository(
    {"AWS_PLAN_ROLE_ARN_PREVIEW": "arn:plan"}, {}, {name: branch_patterns(name) for name in NAMES}
)


def event(action: str, label: bool = True, ref: str = OPEN, fork: bool = False) -> Event:
    """What GitHub says of a pull request; of a merged one the ref is the branch that it was merged into."""
    named = "somebody/lake" if fork else "acme/lake"
    pull_request = {
        "number": 7,
        "labels": [{"name": "preview-stack"}] if label else [],
        "head": {"sha": HEAD, "repo": {"full_name": named}},
        "base": {"sha": "b" * 40},
    }
    payload = {"action": action, "label": {"name": "preview-stack"}, "pull_request": pull_request}
    return Event("pull_request", ref, payload)


def run(started: Event) -> Run:
    return Run(FILES, started, OWNER).start("preview-stack.yml")


@pytest.mark.parametrize(
    ("started", "ran"),
    [
        (event("labeled"), ["build", "deploy"]),
        (event("synchronize"), ["build", "deploy"]),
        (event("reopened"), ["build", "deploy"]),
        (event("synchronize", label=False), []),
        (event("labeled", fork=True), []),
        (event("unlabeled", label=False), ["delete"]),
        (event("closed"), ["delete"]),  # closed without being merged
        (event("closed", ref=MAIN), ["delete"]),  # merged
        (event("closed", fork=True), []),
        (Event("schedule", MAIN), ["sweep"]),
        (Event("workflow_dispatch", MAIN), ["sweep"]),
    ],
    ids=lambda value: (
        f"{value.name} {value.payload.get('action', '')} {value.ref}" if isinstance(value, Event) else ""
    ),
)
def test_each_event_of_a_pull_request_has_its_job_whose_ref_is_let_in(started: Event, ran: list[str]) -> None:
    done = run(started)
    assert done.ran == ran
    assert "failure" not in done.results.values()


def test_what_is_merged_into_another_branch_is_left_to_the_sweep() -> None:
    """Its ref is that branch, which the environment keeps out; the sweep runs on main and asks GitHub."""
    done = run(event("closed", ref=BRANCH))
    assert (done.ran, done.results["delete"]) == ([], "failure")
    assert run(Event("schedule", MAIN)).ran == ["sweep"]


def test_without_the_roles_of_previews_nothing_runs() -> None:
    for started in (event("labeled"), event("closed"), Event("schedule", MAIN)):
        assert Run(FILES, started, Repository()).start("preview-stack.yml").ran == []


@pytest.mark.parametrize("name", NAMES)
def test_no_branch_but_main_reaches_an_environment_and_pull_requests_only_that_of_previews(name: str) -> None:
    def admitted(ref: str) -> bool:
        return any(matches(pattern, ref) for pattern in branch_patterns(name))

    assert admitted(MAIN)
    assert not admitted(BRANCH)
    assert not admitted("refs/heads/main/x")
    assert not admitted("refs/tags/main")
    assert admitted(OPEN) is (name == "preview")


def test_each_environment_of_the_files_is_one_that_bootstrap_restricts() -> None:
    named = {
        job["environment"]["name"] if isinstance(job["environment"], dict) else job["environment"]
        for content in FILES.values()
        for job in content["jobs"].values()
        if "environment" in job
    }
    given = "${{ inputs.environment || vars.INGEST_ENVIRONMENT }}"
    assert named - set(NAMES) == {
        "${{ inputs.environment }}",
        "${{ inputs.environment }}-ops",
        f"{given}-ops",
        "${{ vars.STATUS_SITE_ENVIRONMENT }}-ops",
        "github-pages",  # GitHub makes it with the site, for the default branch alone
    }


def enter(queues: Queues, started: Event, **changed: Any) -> Any:
    concurrency = {**FILES["preview-stack.yml"]["concurrency"], **changed}
    group = interpolate(concurrency["group"], Scope({"github": started.github()}))
    return queues.enter(str(started.payload.get("action", started.name)), {**concurrency, "group": group})


def test_a_deletion_that_waits_is_not_lost_to_what_comes_after_it() -> None:
    queues = Queues()
    entries = [enter(queues, event(action)) for action in ("labeled", "synchronize", "closed", "labeled")]
    swept = enter(queues, Event("schedule", MAIN))
    assert [entry.state for entry in entries] == [RUNNING, WAITING, WAITING, WAITING]
    assert swept.state == RUNNING  # in a group of its own
    for entry in entries:
        queues.finish(entry)
    assert {entry.state for entry in entries} == {DONE}


def test_with_the_shorter_queue_the_deletion_would_be_lost() -> None:
    """So the line `queue: max` is what holds it, and the test above can fail."""
    queues = Queues()
    for action in ("labeled", "closed", "labeled"):
        enter(queues, event(action), queue="single")
    assert [entry.state for entry in queues.entries] == [RUNNING, CANCELLED, WAITING]


@pytest.mark.parametrize("action", ["labeled", "synchronize", "reopened"])
def test_the_deploy_asks_for_the_pull_request_with_the_commit_of_its_event(action: str) -> None:
    given = run(event(action)).step_environment("deploy", "preview-stack deploy")
    assert given == {
        "GITHUB_TOKEN": "a-token",
        "NUMBER": 7,
        "COVIDLAKE_HEAD": HEAD,
        "COVIDLAKE_DIGEST": "d1",
    }
    permissions = FILES["preview-stack.yml"]["jobs"]["deploy"]["permissions"]
    assert permissions["pull-requests"] == "read"


def test_the_label_of_the_file_is_the_one_that_the_deploy_looks_for() -> None:
    jobs = FILES["preview-stack.yml"]["jobs"]
    assert f"contains(github.event.pull_request.labels.*.name, '{LABEL}')" in jobs["build"]["if"]
    assert f"github.event.label.name == '{LABEL}'" in jobs["delete"]["if"]


class PullRequest:
    """As GitHub has it at a time."""

    def __init__(self, head: str, state: str = "open") -> None:
        self.found = {"state": state, "labels": [{"name": LABEL}], "head": {"sha": head}}

    def get(self, path: str) -> Any:
        assert path == "pulls/7"
        return self.found


@pytest.mark.parametrize(("state", "deployed"), [("open", ["c0", "c9"]), ("closed", ["c0"])])
def test_of_ten_pushes_that_waited_the_newest_is_deployed_and_none_before_a_deletion(
    state: str, deployed: list[str]
) -> None:
    """All come while the first one is deployed; each asks GitHub when its turn comes."""
    queues, done = Queues(), list[str]()
    commits = [f"c{number}" for number in range(10)]
    entries = [enter(queues, event("synchronize")) for _ in commits]
    deletion = enter(queues, event("closed"))
    for entry, commit in zip(entries, commits, strict=True):
        github: Any = PullRequest("c0") if commit == "c0" else PullRequest("c9", state)
        if superseded.why(7, commit, github, print) is None:
            done.append(commit)
        queues.finish(entry)
    assert done == deployed
    assert deletion.state == RUNNING
