"""What doctor says of GitHub's own settings, each with its hint."""

from __future__ import annotations

from typing import Any

import pytest

from covidlake.base.errors import GitHubError
from covidlake.doctor import github as doctor_github
from covidlake.doctor import github_rules
from covidlake.doctor.check import Check, Subject
from covidlake.doctor.github_rules import Plan
from covidlake.github.api import GitHub
from covidlake.ship.bootstrap import bootstrap
from covidlake.ship.bootstrap.repository import (
    Repository,
    RepositoryVariable,
    branch_command,
    branch_patterns,
    environment_commands,
)

REPOSITORY = "acme/lake"
EXPECTED = [
    RepositoryVariable("AWS_PLAN_ROLE_ARN_PROD", "arn:plan", REPOSITORY),
    RepositoryVariable("AWS_DEPLOY_ROLE_ARN", "arn:deploy", REPOSITORY, "prod"),
]
REVIEWERS = {"protection_rules": [{"type": "required_reviewers"}]}
SELECTED = {"deployment_branch_policy": {"protected_branches": False, "custom_branch_policies": True}}
PROTECTED = {"deployment_branch_policy": {"protected_branches": True, "custom_branch_policies": False}}
PUBLIC = Plan(private=False)
TEAM = Plan(private=True, name="team")
IDS = Repository("acme", "77", "lake", "99")
NO_IDS = Repository("acme", "77", "lake", "99", legacy_subject=True)
SUBJECT = "actions/oidc/customization/sub"
GATE = [{"type": "required_status_checks", "parameters": {"required_status_checks": [{"context": "gate"}]}}]


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What GitHub has at each path; what is not here is 404."""
    known: dict[str, Any] = {}

    def get(_: GitHub, path: str, **_query: Any) -> Any:
        if path not in known:
            raise GitHubError(f"GitHub refused GET /repos/{REPOSITORY}/{path}: 404 Not Found: see there", 404)
        return known[path]

    monkeypatch.setattr(GitHub, "get", get)
    monkeypatch.setattr(GitHub, "get_beside", lambda github, path: get(github, f"/{path}"))
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
    assert bad.hint == EXPECTED[1].command()


def test_a_schedule_without_an_environment_is_told(answers: dict[str, Any], github: GitHub) -> None:
    (check,) = doctor_github.ingested(github, "dev")
    assert check.hint == "gh variable set INGEST_ENVIRONMENT --body dev"
    answers["actions/variables"] = variables(INGEST_ENVIRONMENT="staging")
    assert told(list(doctor_github.ingested(github, "dev"))) == [("OK", "staging is ingested every day")]


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
    assert told(list(github_rules.environments(github, [name], PUBLIC))) == [(status, found)]


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


@pytest.mark.parametrize(
    ("trusted", "settings", "status", "said"),
    [
        (
            IDS,
            {"use_default": True, "use_immutable_subject": True, "sub_claim_prefix": "repo:acme@77/lake@99"},
            "OK",
            "",
        ),
        (
            NO_IDS,
            {"use_default": True, "use_immutable_subject": False, "sub_claim_prefix": "repo:acme/lake"},
            "OK",
            "",
        ),
        (IDS, {"use_default": True, "use_immutable_subject": True}, "OK", ""),
        (NO_IDS, {"use_default": True, "use_immutable_subject": True}, "FAIL", "the ids"),
        (
            IDS,
            {"use_default": True, "use_immutable_subject": False, "sub_claim_prefix": "repo:acme/lake"},
            "FAIL",
            "repo:acme/lake,",
        ),
        (
            IDS,
            {"use_default": True, "sub_claim_prefix": "repo:acme@77/pond@99"},
            "FAIL",
            "repo:acme@77/pond@99,",
        ),
        (IDS, {"use_default": False, "include_claim_keys": ["repo", "actor"]}, "FAIL", "repo, actor"),
        (IDS, {"use_default": True}, "SKIP", "does not say"),
        (IDS, None, "SKIP", "does not say"),
    ],
)
def test_tokens_are_compared_with_what_the_roles_trust(
    answers: dict[str, Any], github: GitHub, trusted: Repository, settings: Any, status: str, said: str
) -> None:
    if settings is not None:
        answers[SUBJECT] = settings
    check = doctor_github.tokens(github, trusted)
    assert check.status == status
    assert said in check.found


@pytest.mark.parametrize(("immutable", "legacy"), [(True, False), (False, True)])
def test_what_github_says_of_its_tokens_decides_how_to_bootstrap_again(
    answers: dict[str, Any], github: GitHub, immutable: bool, legacy: bool
) -> None:
    answers[SUBJECT] = {"use_default": True, "use_immutable_subject": immutable}
    check = doctor_github.tokens(github, NO_IDS if immutable else IDS)
    assert ("--legacy-subject" in check.hint) is legacy


def test_a_schedule_that_github_stopped_is_said(answers: dict[str, Any], github: GitHub) -> None:
    answers["actions/workflows/drift.yml"] = {"state": "active"}
    answers["actions/workflows/ingest.yml"] = {"state": "disabled_inactivity"}
    good, stopped, missing = doctor_github.schedules(github)
    assert good.status == "OK"
    assert stopped.found == "is disabled_inactivity: the repository had no activity for 60 days"
    assert stopped.hint == f"gh workflow enable ingest.yml --repo {REPOSITORY}"
    assert missing.found == "is not on main"
    answers["actions/workflows/ingest.yml"] = {"state": "disabled_manually"}
    assert [check.found for check in doctor_github.schedules(github)][1] == "is disabled_manually"


def test_what_github_refuses_does_not_keep_the_other_checks(
    answers: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a private repository on the Free plan does, whose rulesets are not to be read."""
    monkeypatch.setenv("GITHUB_TOKEN", "token")
    monkeypatch.setattr(bootstrap, "outputs_of", lambda _: {"PlanRoleArn": "arn"})
    monkeypatch.setattr(bootstrap, "parameters_of", lambda _: {"OperationsEnvironment": "dev-ops"})
    monkeypatch.setattr(bootstrap, "repository_of", lambda _: IDS)
    monkeypatch.setattr(bootstrap, "expected_variables", lambda *_: EXPECTED)

    def refuse(*_: Any) -> Any:
        raise GitHubError("GitHub refused GET /x: 403 Upgrade to GitHub Pro or make this repository public")

    monkeypatch.setattr(doctor_github, "required_check", refuse)
    monkeypatch.setattr(github_rules, "plan", refuse)
    found = {check.name: check for check in doctor_github.github_settings(Subject("dev"))}
    assert "403 Upgrade" in found["GitHub plan"].found
    assert "403 Upgrade" in found["GitHub branch main"].found
    assert found["GitHub workflow drift.yml"].status == "FAIL"
    assert answers == {}


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
