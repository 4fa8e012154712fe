"""What a pull request shows, and what a fork's does not get."""

from __future__ import annotations

from typing import Any

import pytest

from tests.github_api import GitHubApi
from tests.workflows import act_rig
from tests.workflows.account import ENVIRONMENTS, Account
from tests.workflows.act_rig import Checkout, Run

NUMBER = 7
SABOTAGE = "\nraise SystemExit('the code of the pull request ran beside credentials')\n"


@pytest.fixture(scope="module")
def base(checkout: Checkout) -> str:
    return checkout.git("rev-parse", "HEAD")


@pytest.fixture(scope="module")
def head(checkout: Checkout, base: str) -> str:
    """A pull request that changes a Lambda, and the code that the jobs with credentials would run."""
    handler = checkout.folder / "lambdas" / "check_crawler" / "handler.py"
    handler.write_text(handler.read_text() + "# changed\n")
    for name in ("ship/plan/plan", "github/comment"):
        module = checkout.folder / "covidlake" / f"{name}.py"
        module.write_text(module.read_text() + SABOTAGE)
    return checkout.commit("a pull request")


def event(base: str, head: str, action: str, owner: str = "acme") -> Any:
    return {
        "action": action,
        "number": NUMBER,
        "repository": {"full_name": act_rig.REPOSITORY},
        "pull_request": {
            "number": NUMBER,
            "head": {"ref": "feature", "sha": head, "repo": {"full_name": f"{owner}/lake"}},
            "base": {"ref": "main", "sha": base},
        },
    }


def pull_request(checkout: Checkout, account: Account, github: GitHubApi, payload: Any) -> Run:
    checkout.new_run()
    (checkout.state / "roles.log").unlink(missing_ok=True)
    return checkout.act(
        "pull_request",
        "ci.yml",
        payload=payload,
        variables=account.variables(),
        environment={**account.environment(), "GITHUB_API_URL": github.url},
    )


def test_a_pull_request_gets_one_comment_that_is_kept_up_to_date(
    checkout: Checkout, account: Account, github: GitHubApi, base: str, head: str
) -> None:
    github.add_pull_request(NUMBER)
    payload = event(base, head, "opened")
    run = pull_request(checkout, account, github, payload)
    assert run.code == 0, run.output[-4000:]
    assert list(run.jobs.values()) == ["success"] * 11, run.jobs  # with five checks
    assert set(checkout.log("roles.log")) == {
        f"covid-lake-{environment}-plan as repo:acme@77/lake@99:pull_request" for environment in ENVIRONMENTS
    }
    (comment,) = github.comments(NUMBER)
    for environment in ENVIRONMENTS:
        assert f"covid-lake-{environment}" in comment["body"]
    assert "the code of the pull request" not in run.output
    again = pull_request(checkout, account, github, payload)
    assert again.code == 0
    (updated,) = github.comments(NUMBER)
    assert updated["id"] == comment["id"]


def test_a_fork_gets_no_credentials_but_a_comparison(
    checkout: Checkout, account: Account, github: GitHubApi, base: str, head: str
) -> None:
    run = pull_request(checkout, account, github, event(base, head, "opened", owner="stranger"))
    assert run.code == 0, run.output[-4000:]
    assert list(run.jobs.values()) == ["success"] * 8, run.jobs  # five checks, build, compare, gate
    assert checkout.log("roles.log") == []
    assert github.comments(NUMBER) == []
    text = (checkout.artifacts / "compare" / "compare.md").read_text()
    assert "CheckCrawler" in text


def test_the_gate_is_red_when_a_preview_fails(
    checkout: Checkout, account: Account, github: GitHubApi, base: str, head: str
) -> None:
    github.add_pull_request(NUMBER)
    with account.role_without_permissions("covid-lake-prod-plan"):
        run = pull_request(checkout, account, github, event(base, head, "synchronize"))
    assert run.code == 1
    red = sorted(name.rsplit("/", 1)[-1] for name, result in run.jobs.items() if result == "failure")
    assert "gate" in red
    assert len(red) == 2, run.jobs
    (comment,) = github.comments(NUMBER)  # of the environments that could be asked
    assert "covid-lake-dev" in comment["body"]
