"""What doctor says of GitHub's own settings, each with its hint."""

from __future__ import annotations

from typing import Any

import pytest

from covidlake.base.errors import GitHubError
from covidlake.doctor import github as doctor_github
from covidlake.doctor import github_rules
from covidlake.doctor.check import Check, Subject
from covidlake.github.api import GitHub
from covidlake.ship.bootstrap import bootstrap
from covidlake.ship.bootstrap.repository import (
    Repository,
    RepositoryVariable,
)
from covidlake.ship.stack import stack

REPOSITORY = "acme/lake"


EXPECTED = [
    RepositoryVariable("AWS_PLAN_ROLE_ARN_PROD", "arn:plan", REPOSITORY),
    RepositoryVariable("AWS_DEPLOY_ROLE_ARN", "arn:deploy", REPOSITORY, "prod"),
]


IDS = Repository("acme", "77", "lake", "99")


NO_IDS = Repository("acme", "77", "lake", "99", legacy_subject=True)


SUBJECT = "actions/oidc/customization/sub"


GATE = [{"type": "required_status_checks", "parameters": {"required_status_checks": [{"context": "gate"}]}}]


def statuses(checks: list[Check]) -> list[tuple[str, str]]:
    return [(check.status, check.found) for check in checks]


def variables(**values: str) -> dict[str, Any]:
    return {"variables": [{"name": name, "value": value} for name, value in values.items()]}


def test_variables_are_compared_with_what_bootstrap_printed(answers: dict[str, Any], github: GitHub) -> None:
    answers["actions/variables"] = variables(AWS_PLAN_ROLE_ARN_PROD="arn:plan")
    answers["environments/prod/variables"] = variables(AWS_DEPLOY_ROLE_ARN="arn:other")
    good, bad = doctor_github.variables(github, EXPECTED)
    assert statuses([good, bad]) == [("OK", "arn:plan"), ("FAIL", "is arn:other")]
    assert bad.hint == EXPECTED[1].command()


def test_a_schedule_without_an_environment_is_reported(
    answers: dict[str, Any], github: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stack, "describe", lambda _: None)
    (check,) = doctor_github.ingested(github, "dev")
    assert check.hint == "gh variable set INGEST_ENVIRONMENT --body dev"
    answers["actions/variables"] = variables(INGEST_ENVIRONMENT="staging")
    assert statuses(list(doctor_github.ingested(github, "dev"))) == [("OK", "staging is ingested every day")]


@pytest.mark.parametrize(
    ("ingested", "state", "status"),
    [
        ("dev", "ENABLED", "FAIL"),
        ("dev", "DISABLED", "OK"),
        ("staging", "ENABLED", "OK"),
        ("", "ENABLED", "OK"),
        ("", "DISABLED", "FAIL"),
        ("dev", None, "OK"),
    ],
)
def test_two_schedules_for_one_environment_are_one_too_many(
    answers: dict[str, Any],
    github: GitHub,
    monkeypatch: pytest.MonkeyPatch,
    ingested: str,
    state: str | None,
    status: str,
) -> None:
    deployed = {"Parameters": [{"ParameterKey": "ScheduleState", "ParameterValue": state}]} if state else None
    monkeypatch.setattr(stack, "describe", lambda _: deployed)
    if ingested:
        answers["actions/variables"] = variables(INGEST_ENVIRONMENT=ingested)
    (check,) = doctor_github.ingested(github, "dev")
    assert check.status == status
    if ingested and status == "FAIL":
        assert "is ingested twice a day" in check.found
        assert "ScheduleState" in check.hint


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
    good, stopped, *missing = doctor_github.schedules(github)
    assert good.status == "OK"
    assert stopped.found == "is disabled_inactivity: the repository had no activity for 60 days"
    assert stopped.hint == f"gh workflow enable ingest.yml --repo {REPOSITORY}"
    assert [one.found for one in missing] == ["is not on main", "is not on main"]
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
    monkeypatch.setattr(stack, "describe", lambda _: None)
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
