"""What doctor says of GitHub's environments and the plan, each with its hint."""

from __future__ import annotations

from typing import Any

import pytest

from covidlake.base.errors import GitHubError
from covidlake.doctor import github as doctor_github
from covidlake.doctor import github_rules
from covidlake.doctor.check import Check
from covidlake.doctor.github_rules import Plan
from covidlake.github.api import GitHub
from covidlake.ship.bootstrap.repository import (
    branch_command,
    branch_patterns,
    environment_commands,
)

REPOSITORY = "acme/lake"


REVIEWERS = {"protection_rules": [{"type": "required_reviewers"}]}


SELECTED = {"deployment_branch_policy": {"protected_branches": False, "custom_branch_policies": True}}


PROTECTED = {"deployment_branch_policy": {"protected_branches": True, "custom_branch_policies": False}}


PUBLIC = Plan(private=False)


TEAM = Plan(private=True, name="team")


def statuses(checks: list[Check]) -> list[tuple[str, str]]:
    return [(check.status, check.found) for check in checks]


def policies(*names: str, kind: str = "branch") -> dict[str, Any]:
    return {"branch_policies": [{"name": name, "type": kind} for name in names]}


@pytest.mark.parametrize(
    ("name", "settings", "allowed", "status", "found"),
    [
        ("prod", {**SELECTED, **REVIEWERS}, policies("main"), "OK", "is there, for main alone"),
        ("dev", SELECTED, policies("main"), "OK", "is there, for main alone"),
        ("prod-ops", SELECTED, policies("main"), "OK", "is there, for main alone"),
        ("prod", REVIEWERS, None, "FAIL", "takes deployments of any branch"),
        ("prod-ops", {}, None, "FAIL", "takes deployments of any branch"),
        ("dev", {"deployment_branch_policy": None}, None, "FAIL", "takes deployments of any branch"),
        (
            "dev-ops",
            PROTECTED,
            None,
            "FAIL",
            "takes deployments of every protected branch, or of any where none is",
        ),
        ("dev", SELECTED, policies("main", "feature/*"), "FAIL", "takes deployments of feature/* and main"),
        ("dev", SELECTED, policies("*"), "FAIL", "takes deployments of *"),
        ("dev", SELECTED, policies("main", kind="tag"), "FAIL", "takes deployments of tag main"),
        ("dev", SELECTED, policies(), "FAIL", "takes no deployments of main"),
        ("prod", SELECTED, policies("main"), "FAIL", "has no required reviewers"),
        ("prod-ops", {**SELECTED, **REVIEWERS}, policies("main"), "FAIL", "waits for reviewers every day"),
        (
            "staging",
            {**SELECTED, **REVIEWERS},
            policies("main"),
            "FAIL",
            "has required reviewers: a run that nobody approves holds the queue of its deploys",
        ),
        (
            "preview",
            {**SELECTED, **REVIEWERS},
            policies("main", "refs/pull/*/merge"),
            "FAIL",
            "waits for reviewers: the stack of a closed pull request stays until somebody approves",
        ),
        ("dev", None, None, "FAIL", "is not there"),
    ],
)
def test_environments_are_for_main_alone_and_prod_has_reviewers(
    answers: dict[str, Any],
    github: GitHub,
    name: str,
    settings: Any,
    allowed: Any,
    status: str,
    found: str,
) -> None:
    if settings is not None:
        answers[f"environments/{name}"] = settings
        answers[f"environments/{name}/deployment-branch-policies"] = allowed
    assert statuses(list(github_rules.environments(github, [name], PUBLIC))) == [(status, found)]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("dev", "remove them, or keep them and deploy there by hand: covidlake deploy dev"),
        ("dev-ops", "remove them"),
        ("preview", "remove them"),
    ],
)
def test_reviewers_that_hold_others_up_are_to_be_removed(
    answers: dict[str, Any], github: GitHub, name: str, hint: str
) -> None:
    answers[f"environments/{name}"] = {**SELECTED, **REVIEWERS}
    answers[f"environments/{name}/deployment-branch-policies"] = policies(*branch_patterns(name))
    (check,) = github_rules.environments(github, [name], PUBLIC)
    assert (check.status, check.hint) == ("FAIL", f"Settings, Environments, {name}: {hint}")


def test_each_fault_of_an_environment_is_said(answers: dict[str, Any], github: GitHub) -> None:
    answers["environments/prod"] = {}
    found = [check.found for check in github_rules.environments(github, ["prod"], PUBLIC)]
    assert found == ["takes deployments of any branch", "has no required reviewers"]


def test_previews_run_on_the_refs_of_pull_requests(answers: dict[str, Any], github: GitHub) -> None:
    """Restricted to main, as any other environment, no job of a pull request would come in."""
    answers["environments/preview"] = SELECTED
    answers["environments/preview/deployment-branch-policies"] = policies("main")
    (check,) = github_rules.environments(github, ["preview"], PUBLIC)
    assert check.found == "takes no deployments of refs/pull/*/merge"
    assert check.hint == branch_command("preview", REPOSITORY, "refs/pull/*/merge")
    answers["environments/preview/deployment-branch-policies"] = policies("main", "refs/pull/*/merge")
    (check,) = github_rules.environments(github, ["preview"], PUBLIC)
    assert check.status == "OK"


def test_an_environment_that_is_not_there_is_made_with_its_rule(
    github: GitHub, answers: dict[str, Any]
) -> None:
    assert answers == {}
    (check,) = github_rules.environments(github, ["dev-ops"], PUBLIC)
    assert check.hint == " && ".join(environment_commands("dev-ops", REPOSITORY))


def repository(private: bool, kind: str = "Organization") -> dict[str, Any]:
    return {"private": private, "owner": {"login": "acme", "type": kind}}


@pytest.mark.parametrize(
    ("kind", "path", "plan", "status", "said"),
    [
        ("Organization", "/orgs/acme", {"name": "free"}, "FAIL", "no environments, so no variables"),
        ("Organization", "/orgs/acme", {"name": "team"}, "OK", "no required reviewers"),
        ("Organization", "/orgs/acme", {"name": "Enterprise"}, "OK", "branch rules and reviewers"),
        ("Organization", "/orgs/acme", None, "SKIP", "need Pro, Team or Enterprise"),  # not for this token
        ("Organization", "/orgs/acme", {"name": "bronze"}, "SKIP", "need Pro, Team or Enterprise"),
        ("User", "/user", {"name": "free"}, "FAIL", "no environments"),
        ("User", "/user", {"name": "pro"}, "OK", "no required reviewers"),
    ],
)
def test_a_private_repository_has_what_its_plan_has(
    answers: dict[str, Any], github: GitHub, kind: str, path: str, plan: Any, status: str, said: str
) -> None:
    answers[f"/repos/{REPOSITORY}"] = repository(True, kind)
    answers[path] = {"login": "acme", "plan": plan}
    check = github_rules.availability(github_rules.plan(github))
    assert check.status == status
    assert said in check.found


def test_a_public_repository_has_all_and_a_plan_of_somebody_else_says_nothing(
    answers: dict[str, Any], github: GitHub
) -> None:
    answers[f"/repos/{REPOSITORY}"] = repository(False)
    assert github_rules.plan(github) == PUBLIC
    assert github_rules.availability(PUBLIC).status == "OK"
    answers[f"/repos/{REPOSITORY}"] = repository(True, "User")
    answers["/user"] = {"login": "somebody", "plan": {"name": "free"}}
    assert github_rules.plan(github) == Plan(private=True)
    del answers["/user"]
    assert github_rules.plan(github) == Plan(private=True)


def test_reviewers_that_the_plan_has_not_are_said_to_be_missing_and_what_it_means(
    answers: dict[str, Any], github: GitHub
) -> None:
    answers["environments/prod"] = SELECTED
    answers["environments/prod/deployment-branch-policies"] = policies("main")
    (check,) = github_rules.environments(github, ["prod"], TEAM)
    assert check.status == "SKIP"
    assert "what is merged is deployed" in check.found


def test_a_refusal_is_no_absence(monkeypatch: pytest.MonkeyPatch, github: GitHub) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise GitHubError("GitHub refused GET /repos/acme/lake/actions/variables: 403 Forbidden: no")

    monkeypatch.setattr(GitHub, "get", refuse)
    with pytest.raises(GitHubError, match="403"):
        list(doctor_github.ingested(github, "dev"))
