"""What a pull request shows, and what a fork's does not get."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.environment import PROVE
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
    assert list(run.jobs.values()) == ["success"] * 13, run.jobs  # with five checks
    assert set(checkout.log("roles.log")) == {
        f"covid-lake-{environment}-plan as repo:acme@77/lake@99:pull_request" for environment in ENVIRONMENTS
    }
    (comment,) = github.comments(NUMBER)
    for environment in ENVIRONMENTS:
        assert f"covid-lake-{environment}" in comment["body"]
    assert "What happens to the data" in comment["body"]
    assert (checkout.artifacts / "data-preview.html" / "data-preview.html").is_file()
    assert "the code of the pull request" not in run.output
    if PROVE:
        again = pull_request(checkout, account, github, payload)
        assert again.code == 0
        (updated,) = github.comments(NUMBER)
        assert updated["id"] == comment["id"]


def test_a_fork_gets_no_credentials_but_a_comparison(
    checkout: Checkout, account: Account, github: GitHubApi, base: str, head: str
) -> None:
    github.add_pull_request(NUMBER)
    run = pull_request(checkout, account, github, event(base, head, "opened", owner="stranger"))
    assert run.code == 0, run.output[-4000:]
    # Five checks, build, compare, the preview of the data and its judgement, gate.
    assert list(run.jobs.values()) == ["success"] * 10, run.jobs
    assert "Nothing of the change reaches" in run.summaries
    assert checkout.log("roles.log") == []
    assert github.comments(NUMBER) == []
    text = (checkout.artifacts / "compare" / "compare.md").read_text()
    assert "CheckCrawler" in text
    assert "(https://github.example/artifacts/report.html)" in run.summaries


@pytest.mark.prove
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


HOSTILE = """
def diff(*given, **more):
    import json, os, pathlib
    import boto3
    print("::error::hostile")
    print("::add-mask::lake")
    state = pathlib.Path(os.environ["ACT_STATE"], "seen.json")
    with open(os.environ["GITHUB_STEP_SUMMARY"], "a") as file:
        file.write("x" * 1_100_000)
    try:
        boto3.client("s3", region_name="us-east-2").list_buckets()
        reached = True
    except Exception as error:
        reached = False
    state.write_text(json.dumps({"environment": dict(os.environ), "reached": reached}))
    evil = "<script> @everyone <!-- covidlake:plan --> | [a](http://evil)\\n::error::x\\n# x " + "y" * 999
    one = {"name": evil, "status": "identical", "before_name": evil, "why": [evil] * 50}
    made = {"base": evil, "head": evil, "source": evil, "data_sets": [one] * 100, "not_run": [evil] * 500}
    pathlib.Path("data-preview").mkdir(exist_ok=True)
    pathlib.Path("data-preview/data.json").write_text(json.dumps({"preview": made, "findings": []}))
    raise SystemExit(0)
"""


def test_a_hostile_preview_of_the_data_gets_nothing_and_breaks_nothing(
    checkout: Checkout, account: Account, github: GitHubApi, base: str, head: str
) -> None:
    """It runs where no credential is, and what it leaves is text for the jobs that have one."""
    (checkout.folder / "covidlake/laptop/preview/preview.py").write_text(HOSTILE)
    hostile = checkout.commit("a hostile pull request")
    github.add_pull_request(NUMBER)
    run = pull_request(checkout, account, github, event(base, hostile, "synchronize"))
    assert run.code == 0, run.output[-4000:]
    seen = json.loads((checkout.state / "seen.json").read_text())
    assert seen["reached"] is False
    forbidden = re.compile(
        r"AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)|GITHUB_TOKEN|ACTIONS_ID_TOKEN.*"
    )
    assert [name for name in seen["environment"] if forbidden.fullmatch(name)] == []
    assert set(checkout.log("roles.log")) == {
        f"covid-lake-{environment}-plan as repo:acme@77/lake@99:pull_request" for environment in ENVIRONMENTS
    }
    (comment,) = github.comments(NUMBER)
    assert comment["body"].count("<!-- covidlake") == 1
    for active in ("<script", "@everyone", "](http://evil", "\n# x"):
        assert active not in comment["body"].replace("&#", "")
    for environment in ENVIRONMENTS:
        assert f"covid-lake-{environment}" in comment["body"]
    assert "Cut here" in comment["body"]
