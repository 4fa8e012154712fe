"""What doctor says of GitHub's own settings, each with its cure."""

from __future__ import annotations

from typing import Any

import pytest

from covidlake import doctor_github
from covidlake._errors import GitHubError
from covidlake.doctor import Check
from covidlake.github import RepositoryVariable
from covidlake.github_api import GitHub

REPOSITORY = "acme/lake"
EXPECTED = [
    RepositoryVariable("AWS_PLAN_ROLE_ARN_PROD", "arn:plan", REPOSITORY),
    RepositoryVariable("AWS_DEPLOY_ROLE_ARN", "arn:deploy", REPOSITORY, "prod"),
]
REVIEWERS = {"protection_rules": [{"type": "required_reviewers"}]}
PROTECTED = {"deployment_branch_policy": {"protected_branches": True}, **REVIEWERS}
GATE = [{"type": "required_status_checks", "parameters": {"required_status_checks": [{"context": "gate"}]}}]


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What GitHub has at each path; what is not here is 404."""
    known: dict[str, Any] = {}

    def get(_: GitHub, path: str, **_query: Any) -> Any:
        if path not in known:
            raise GitHubError(f"GitHub refused GET /repos/{REPOSITORY}/{path}: 404 Not Found: see there")
        return known[path]

    monkeypatch.setattr(GitHub, "get", get)
    return known


@pytest.fixture
def github() -> GitHub:
    return GitHub(REPOSITORY, "token")


def told(checks: list[Check]) -> list[tuple[str, str]]:
    return [(check.status, check.found) for check in checks]


def variables(**values: str) -> dict[str, Any]:
    return {"variables": [{"name": name, "value": value} for name, value in values.items()]}


def test_variables_are_compared_with_what_bootstrap_told(answers: dict[str, Any], github: GitHub) -> None:
    answers["actions/variables"] = variables(AWS_PLAN_ROLE_ARN_PROD="arn:plan")
    answers["environments/prod/variables"] = variables(AWS_DEPLOY_ROLE_ARN="arn:other")
    good, bad = doctor_github.variables(github, EXPECTED)
    assert told([good, bad]) == [("OK", "arn:plan"), ("FAIL", "is arn:other")]
    assert bad.cure == EXPECTED[1].command()


def test_a_schedule_without_an_environment_is_told(answers: dict[str, Any], github: GitHub) -> None:
    (check,) = doctor_github.ingested(github, "dev")
    assert check.cure == "gh variable set INGEST_ENVIRONMENT --body dev"
    answers["actions/variables"] = variables(INGEST_ENVIRONMENT="staging")
    assert told(list(doctor_github.ingested(github, "dev"))) == [("OK", "staging is ingested every day")]


@pytest.mark.parametrize(
    ("name", "settings", "status", "found"),
    [
        ("prod", PROTECTED, "OK", "is there"),
        ("prod", REVIEWERS, "FAIL", "takes deployments of any branch"),
        ("prod", {**PROTECTED, "protection_rules": []}, "FAIL", "has no required reviewers"),
        ("prod-ops", REVIEWERS, "FAIL", "waits for reviewers every day"),
        ("prod-ops", {}, "OK", "is there"),
        ("dev", None, "FAIL", "is not there"),
    ],
)
def test_environments_are_as_the_readme_wants_them(
    answers: dict[str, Any], github: GitHub, name: str, settings: Any, status: str, found: str
) -> None:
    if settings is not None:
        answers[f"environments/{name}"] = settings
    assert told(list(doctor_github.environments(github, [name]))) == [(status, found)]


def test_gate_is_required_by_a_ruleset_or_by_protection(answers: dict[str, Any], github: GitHub) -> None:
    assert doctor_github.required_check(github).status == "FAIL"
    answers["rules/branches/main"] = GATE
    assert doctor_github.required_check(github).status == "OK"
    answers["rules/branches/main"] = []
    answers["branches/main"] = {"protection": {"required_status_checks": {"contexts": ["gate"]}}}
    assert doctor_github.required_check(github).status == "OK"


def test_a_refusal_is_no_absence(monkeypatch: pytest.MonkeyPatch, github: GitHub) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise GitHubError("GitHub refused GET /repos/acme/lake/actions/variables: 403 Forbidden: no")

    monkeypatch.setattr(GitHub, "get", refuse)
    with pytest.raises(GitHubError, match="403"):
        list(doctor_github.ingested(github, "dev"))
