"""The scheduled ingestion and the search for drift, with the issues that they open and close.

The tests run in order on one stack: each starts from what the one before left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from covidlake.base import project
from covidlake.bundle.package import package
from covidlake.laptop import local
from covidlake.ship.deploy import deploy
from tests.github_api import GitHubApi
from tests.workflows import act_rig
from tests.workflows.account import Account
from tests.workflows.act_rig import Checkout, Run


@pytest.fixture(scope="module", autouse=True)
def deployed(account: Account, checkout: Checkout, tmp_path_factory: pytest.TempPathFactory) -> None:
    with local.attached(account.cloud), pytest.MonkeyPatch.context() as patch:
        patch.setattr(project, "ENVIRONMENTS", checkout.folder / "environments")
        bundle = package(tmp_path_factory.mktemp("package") / "bundle")
        deploy.deploy("dev", bundle, lambda _: None)


@pytest.fixture(scope="module")
def github() -> Iterator[GitHubApi]:
    """One for all of these tests: an issue outlives the run that opened it."""
    with GitHubApi(act_rig.REPOSITORY, act_rig.TOKEN) as api:
        yield api


def workflow(
    checkout: Checkout, account: Account, github: GitHubApi, event: str, file: str, **inputs: str
) -> Run:
    checkout.new_run()
    return checkout.act(
        event,
        file,
        inputs=inputs,
        variables=only_dev(account.variables()),
        environment={**account.environment(), "GITHUB_API_URL": github.url},
    )


def only_dev(variables: dict[str, str]) -> dict[str, str]:
    """As in a repository whose owner has set up one environment so far."""
    return {name: value for name, value in variables.items() if not name.endswith(("_STAGING", "_PROD"))}


def executions(account: Account) -> list[str]:
    states = account.cloud.client("stepfunctions")
    arn = account.outputs("dev")["StateMachineArn"]
    return [found["name"] for found in states.list_executions(stateMachineArn=arn)["executions"]]


def open_issues(github: GitHubApi) -> list[Any]:
    return [issue for issue in github.issues() if issue["state"] == "open"]


def test_the_scheduled_ingestion_succeeds_and_reports(
    checkout: Checkout, account: Account, github: GitHubApi
) -> None:
    run = workflow(checkout, account, github, "schedule", "ingest.yml")
    assert run.code == 0, run.output[-4000:]
    assert list(run.jobs.values()) == ["success", "success"], run.jobs  # ingest, report
    assert "stateDiagram-v2" in run.summaries
    assert act_rig.DATA_SET.replace("_", "&#95;") in run.summaries  # escaped, as all that comes from data
    assert github.issues() == []
    (page,) = uploaded_pages(checkout)
    assert (
        f"[Open the report of this execution](https://github.example/artifacts/{page.name})" in run.summaries
    )
    html = page.read_text(encoding="utf-8")
    assert "could not be read" not in html
    assert act_rig.DATA_SET in html


def uploaded_pages(checkout: Checkout) -> list[Path]:
    """The reports that the run uploaded, each a file of its own."""
    return sorted(checkout.artifacts.glob("*.html/*.html"))


@pytest.mark.prove
def test_a_second_start_on_the_same_day_finds_the_first(
    checkout: Checkout, account: Account, github: GitHubApi
) -> None:
    before = executions(account)
    run = workflow(checkout, account, github, "schedule", "ingest.yml")
    assert run.code == 0, run.output[-4000:]
    assert executions(account) == before


@pytest.mark.prove
def test_a_run_without_news_says_so(checkout: Checkout, account: Account, github: GitHubApi) -> None:
    run = workflow(
        checkout,
        account,
        github,
        "workflow_dispatch",
        "ingest.yml",
        environment="dev",
        datasets=act_rig.DATA_SET,
    )
    assert run.code == 0, run.output[-4000:]
    assert "nothing new" in run.summaries.lower()
    assert github.issues() == []


def test_a_failure_goes_red_and_opens_one_issue(
    checkout: Checkout, account: Account, github: GitHubApi
) -> None:
    again = {"environment": "dev", "force": "true"}
    with account.job_that_raises("dev", "day 2022-12-07 is broken"):
        run = workflow(checkout, account, github, "workflow_dispatch", "ingest.yml", **again)
        assert run.code == 1
        assert sorted(run.jobs.values()) == ["failure", "success"], run.jobs  # ingest; report, which tells
        (page,) = uploaded_pages(checkout)
        assert f"/artifacts/{page.name})" in run.summaries
        assert "day 2022-12-07 is broken" in page.read_text(encoding="utf-8")
        (issue,) = open_issues(github)
        assert "day 2022-12-07 is broken" in issue["body"]
        assert "RunJob" in issue["body"]
        workflow(checkout, account, github, "workflow_dispatch", "ingest.yml", **again)
    (same,) = open_issues(github)
    assert same["number"] == issue["number"]
    assert len(github.comments(issue["number"])) == 1


@pytest.mark.prove
def test_the_next_success_closes_the_issue(checkout: Checkout, account: Account, github: GitHubApi) -> None:
    again = {"environment": "dev", "force": "true"}
    run = workflow(checkout, account, github, "workflow_dispatch", "ingest.yml", **again)
    assert run.code == 0, run.output[-4000:]
    assert open_issues(github) == []
    assert "xychart-beta" in run.summaries, "how long the last executions took"


@pytest.mark.prove
def test_the_status_is_published_where_a_variable_names_the_environment(
    checkout: Checkout, account: Account, github: GitHubApi
) -> None:
    checkout.new_run()
    variables = {**only_dev(account.variables()), "STATUS_SITE_ENVIRONMENT": "dev"}
    run = checkout.act("schedule", "status-site.yml", variables=variables, environment=account.environment())
    assert run.code == 0, run.output[-4000:]
    assert list(run.jobs.values()) == ["success", "success"], run.jobs
    index = (checkout.artifacts / "published/index.html").read_text(encoding="utf-8")
    assert "could not be read" not in index
    for section in ("freshness", "history", "cost"):
        assert f'<section id="{section}"' in index
    assert f'<th scope="row">{act_rig.DATA_SET}</th>' in index
    reports = set(re.findall(r'href="(reports/[^"]+)"', index))
    there = {f"reports/{path.name}" for path in (checkout.artifacts / "published/reports").iterdir()}
    assert reports == there
    assert len(there) == len(executions(account))


def test_without_the_variable_nothing_is_published(checkout: Checkout, account: Account) -> None:
    run = checkout.act(
        "schedule",
        "status-site.yml",
        variables=only_dev(account.variables()),
        environment=account.environment(),
    )
    assert run.jobs == {}


def test_an_ingestion_that_cannot_even_start_is_an_issue(
    checkout: Checkout, account: Account, github: GitHubApi
) -> None:
    with account.role_without_permissions("covid-lake-dev-ops"):
        run = workflow(
            checkout,
            account,
            github,
            "workflow_dispatch",
            "ingest.yml",
            environment="dev",
            datasets=act_rig.DATA_SET,
        )
    assert run.code == 1
    assert len(open_issues(github)) == 1


def test_a_fork_schedules_nothing(checkout: Checkout, account: Account, github: GitHubApi) -> None:
    run = checkout.act("schedule", "ingest.yml", environment=account.environment())
    assert run.jobs == {}


def test_drift_opens_one_issue_and_closes_it(checkout: Checkout, account: Account, github: GitHubApi) -> None:
    functions = account.cloud.client("lambda")
    (name,) = [
        found["FunctionName"]
        for found in functions.list_functions()["Functions"]
        if found["FunctionName"].startswith("covid-lake-dev") and "check" in found["FunctionName"].lower()
    ]
    timeout = functions.get_function_configuration(FunctionName=name)["Timeout"]
    functions.update_function_configuration(FunctionName=name, Timeout=timeout + 1)
    run = workflow(checkout, account, github, "schedule", "drift.yml")
    assert run.code == 1
    assert sorted(run.jobs.values()) == ["failure", "success"], run.jobs
    (issue,) = [found for found in open_issues(github) if "rift" in found["title"]]
    assert "Timeout" in issue["body"]
    functions.update_function_configuration(FunctionName=name, Timeout=timeout)
    run = workflow(checkout, account, github, "schedule", "drift.yml")
    assert run.code == 0, run.output[-4000:]
    assert not [found for found in open_issues(github) if "rift" in found["title"]]
