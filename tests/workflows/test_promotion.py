"""Push, promotion and what stops it: the shipped workflows on three stacks of the local cloud.

The tests run in order on one account: each starts from what the one before left.
"""

from __future__ import annotations

import re
import shutil
from typing import Any

import pytest

from tests.github_api import GitHubApi
from tests.workflows.account import ENVIRONMENTS, Account
from tests.workflows.act_rig import Checkout, Run

PARTS = ["test-browser", "test-cloud", "test-integration", "test-jobs", "test-unit", "test-workflows"]
CHAIN = ["dev", "smoke-dev", "staging", "smoke-staging", "prod"]


def push(checkout: Checkout, account: Account, left_out: str = "") -> Run:
    checkout.new_run()
    variables = account.variables()
    variables.pop(f"AWS_PLAN_ROLE_ARN_{left_out.upper()}", "")
    return checkout.act(
        "push",
        "ci.yml",
        payload={"ref": "refs/heads/main", "after": checkout.git("rev-parse", "HEAD")},
        variables=variables,
        environment=account.environment(),
    )


def results(run: Run) -> dict[str, str]:
    """The results of the jobs that ran, by the last part of their names."""
    return {name.rsplit("/", 1)[-1]: result for name, result in run.jobs.items()}


def change_a_function(checkout: Checkout, text: str) -> str:
    handler = checkout.folder / "lambdas" / "check_crawler" / "handler.py"
    handler.write_text(handler.read_text() + f"# {text}\n")
    return checkout.commit(text)


def test_a_push_promotes_one_bundle_through_three_stacks(checkout: Checkout, account: Account) -> None:
    run = push(checkout, account)
    assert run.code == 0, run.output[-4000:]
    assert set(run.jobs.values()) == {"success"}
    assert len(run.jobs) == 7 + len(CHAIN), run.jobs  # five checks, build, gate and the chain
    digests = {account.digest(environment) for environment in ENVIRONMENTS}
    assert len(digests) == 1
    assert digests != {""}
    assert sorted(checkout.log("make.log")) == ["lint", "run", *PARTS]
    pages = sorted(path.name for path in checkout.artifacts.glob("*.html"))
    assert [re.sub("[0-9].*", "", name) for name in pages] == ["dev-smoke-", "report.html", "staging-smoke-"]
    for name in pages:
        link = f"[Open the report of this execution](https://github.example/artifacts/{name})"
        assert link in run.summaries
    assert "stateDiagram-v2" in run.summaries
    assert checkout.log("roles.log") == [
        "covid-lake-dev-deploy as repo:acme@77/lake@99:environment:dev",
        "covid-lake-dev-ops as repo:acme@77/lake@99:environment:dev-ops",
        "covid-lake-staging-deploy as repo:acme@77/lake@99:environment:staging",
        "covid-lake-staging-ops as repo:acme@77/lake@99:environment:staging-ops",
        "covid-lake-prod-deploy as repo:acme@77/lake@99:environment:prod",
    ]


@pytest.mark.prove
def test_what_was_deployed_is_summed_up(checkout: Checkout, account: Account) -> None:
    """Nothing changes this time, and says so; the summary has outputs and the digest all the same."""
    with account.role_without_permissions("covid-lake-dev-ops"):  # the smoke test would take its time
        run = push(checkout, account)
    assert results(run)["smoke"] == "failure"
    assert account.digest("dev")[:12] in run.summaries
    assert "StateMachineArn" in run.summaries


@pytest.mark.prove
def test_an_environment_that_is_not_bootstrapped_is_left_out_and_stops_nothing(
    checkout: Checkout, account: Account
) -> None:
    before = account.digest("staging")
    change_a_function(checkout, "a change for dev and prod")
    run = push(checkout, account, left_out="staging")
    assert run.code == 0, run.output[-4000:]
    assert len(run.jobs) == 10, run.jobs  # five checks, build, gate, dev, its smoke test, prod
    assert set(run.jobs.values()) == {"success"}
    assert account.digest("dev") == account.digest("prod") != before
    assert account.digest("staging") == before


@pytest.mark.prove
def test_a_job_without_its_variables_says_so(checkout: Checkout, account: Account) -> None:
    """As in a private repository on GitHub's Free plan, which has no environments."""
    variables = account.variables()
    del variables["AWS_DEPLOY_ROLE_ARN"]
    checkout.new_run()
    run = checkout.act("push", "ci.yml", payload={"ref": "refs/heads/main"}, variables=variables)
    assert results(run)["deploy"] == "failure"
    assert "GitHub has no variable AWS_DEPLOY_ROLE_ARN for this job" in run.output


@pytest.mark.prove
def test_a_staging_that_fails_stops_prod(checkout: Checkout, account: Account) -> None:
    before = {environment: account.digest(environment) for environment in ENVIRONMENTS}
    change_a_function(checkout, "a change that staging refuses")
    with account.role_without_permissions("covid-lake-staging-deploy"):
        run = push(checkout, account)
    assert run.code == 1
    ran = [name for name, result in run.jobs.items() if result == "failure"]
    assert len(ran) == 1, run.jobs
    assert "staging" in ran[0]
    assert not [name for name in run.jobs if "prod" in name or "smoke staging" in name]
    assert account.digest("dev") != before["dev"]
    assert account.digest("staging") == before["staging"]
    assert account.digest("prod") == before["prod"]


def test_a_bundle_that_is_replaced_on_its_way_stops_the_chain(checkout: Checkout, account: Account) -> None:
    """Even one that is whole in itself: the digest is the one that the job `build` gave."""
    before = {environment: account.digest(environment) for environment in ENVIRONMENTS}
    change_a_function(checkout, "a good change")
    replaced = checkout.state / "replaced" / "dev" / "bundle"
    shutil.copytree(checkout.artifacts / "bundle", replaced)  # a real bundle, but of another run
    try:
        run = push(checkout, account)
    finally:
        shutil.rmtree(checkout.state / "replaced")
    assert run.code == 1
    assert "digest" in next(line for line in run.output.splitlines() if "error" in line and "digest" in line)
    assert {environment: account.digest(environment) for environment in ENVIRONMENTS} == before
    assert [name for name, result in run.jobs.items() if result == "failure"]
    assert not [name for name in run.jobs if "staging" in name or "prod" in name]


@pytest.mark.prove
def test_a_file_that_is_changed_on_its_way_stops_the_chain(checkout: Checkout, account: Account) -> None:
    before = account.digest("dev")
    replaced = checkout.state / "replaced" / "dev" / "bundle"
    shutil.copytree(checkout.artifacts / "bundle", replaced)
    template = replaced / "template.json"
    template.write_text(template.read_text().replace("Covid", "Covod", 1) + " ")
    try:
        run = push(checkout, account)
    finally:
        shutil.rmtree(checkout.state / "replaced")
    assert run.code == 1
    assert account.digest("dev") == before
    assert not [name for name in run.jobs if "staging" in name or "prod" in name]


@pytest.fixture
def earlier_run(checkout: Checkout) -> Any:
    """The artifacts of the last run, as those of run 4711."""
    kept = checkout.artifacts.with_name(f"{checkout.artifacts.name}-of-run-4711")
    shutil.copytree(checkout.artifacts, kept)
    yield checkout.git("rev-parse", "HEAD")
    shutil.rmtree(kept)


def test_by_hand_a_commit_is_deployed_to_one_environment(
    checkout: Checkout, account: Account, github: GitHubApi, earlier_run: str
) -> None:
    github.add_run(4711, earlier_run, artifacts=["bundle"])
    before = account.digest("prod")
    run = checkout.act(
        "workflow_dispatch",
        "deploy.yml",
        inputs={"environment": "staging", "commit": earlier_run},
        variables=account.variables(),
        environment={**account.environment(), "GITHUB_API_URL": github.url},
    )
    assert run.code == 0, run.output[-4000:]
    assert list(run.jobs.values()) == ["success", "success"], run.jobs
    assert account.digest("staging") not in {before, ""}
    assert account.digest("prod") == before
