"""Whom GitHub's tokens speak for, and which variables the repository gets."""

from __future__ import annotations

import shlex

import pytest

from covidlake.ship.bootstrap.repository import (
    Repository,
    RepositoryVariable,
    branch_patterns,
    environment_commands,
    variables,
)

ARNS = {role: f"arn:aws:iam::1:role/covid-lake-pr-1-{role}" for role in ("plan", "deploy", "ops", "drift")}


@pytest.mark.parametrize(
    ("legacy", "subject"),
    [
        (False, "repo:acme@77/lake@99:environment:prod"),
        (True, "repo:acme/lake:environment:prod"),
    ],
)
def test_the_subject_has_the_form_that_github_sends(legacy: bool, subject: str) -> None:
    repository = Repository.parse("acme/lake", "99", "77", legacy)
    assert repository.subject("environment:prod") == subject
    assert repository.full_name == "acme/lake"


@pytest.mark.parametrize(
    ("full_name", "repository_id", "owner_id", "message"),
    [
        ("lake", "1", "2", "repository 'lake': give it as ORGANIZATION/REPOSITORY"),
        ("acme/lake/x", "1", "2", "ORGANIZATION/REPOSITORY"),
        ("acme/*", "1", "2", "ORGANIZATION/REPOSITORY"),
        ("-acme/lake", "1", "2", "ORGANIZATION/REPOSITORY"),
        ("https://github.com/acme/lake", "1", "2", "ORGANIZATION/REPOSITORY"),
        ("acme/lake", "", "2", r"repository id '': .*gh api repos/acme/lake --jq \.id"),
        ("acme/lake", "*", "2", r"repository id '\*'"),
        ("acme/lake", "1", "acme", r"owner id 'acme': .*gh api repos/acme/lake --jq \.owner\.id"),
        ("acme/lake", "01", "2", "repository id '01'"),
    ],
)
def test_what_is_no_repository_is_refused_with_the_cure(
    full_name: str, repository_id: str, owner_id: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Repository.parse(full_name, repository_id, owner_id)


def test_pull_requests_read_the_repository_and_deployments_their_environment() -> None:
    found = variables("pr-1", "acme/lake", ARNS, "eu-west-1")
    assert {(one.name, one.environment) for one in found} == {
        ("AWS_REGION_PR_1", None),
        ("AWS_PLAN_ROLE_ARN_PR_1", None),
        ("AWS_REGION", "pr-1"),
        ("AWS_DEPLOY_ROLE_ARN", "pr-1"),
        ("AWS_OPS_ROLE_ARN", "pr-1"),
        ("AWS_DRIFT_ROLE_ARN", "pr-1"),
    }
    assert {one.value for one in found} == {*ARNS.values(), "eu-west-1"}


def test_operations_may_have_an_environment_of_their_own() -> None:
    found = variables("prod", "acme/lake", ARNS, "eu-west-1", "prod-ops")
    assert {one.name for one in found if one.environment == "prod-ops"} == {
        *("AWS_REGION", "AWS_OPS_ROLE_ARN", "AWS_DRIFT_ROLE_ARN"),
    }
    assert {one.name for one in found if one.environment == "prod"} == {"AWS_REGION", "AWS_DEPLOY_ROLE_ARN"}


@pytest.mark.parametrize(
    ("name", "patterns"),
    [("prod", ["main"]), ("prod-ops", ["main"]), ("preview", ["main", "refs/pull/*/merge"])],
)
def test_an_environment_is_made_for_the_refs_that_it_is_meant_for(name: str, patterns: list[str]) -> None:
    made, *allowed = [shlex.split(command) for command in environment_commands(name, "acme/lake")]
    path = f"repos/acme/lake/environments/{name}"
    assert made[:6] == ["gh", "api", "--silent", "--method", "PUT", path]
    assert made[6:] == [
        *("-F", "deployment_branch_policy[protected_branches]=false"),
        *("-F", "deployment_branch_policy[custom_branch_policies]=true"),
    ]
    post = ["gh", "api", "--silent", "--method", "POST", f"{path}/deployment-branch-policies", "-f"]
    assert allowed == [[*post, f"name={pattern}"] for pattern in patterns]
    assert list(branch_patterns(name)) == patterns


def test_a_command_survives_the_shell() -> None:
    command = RepositoryVariable("NAME", "a b;c", "acme/lake", "dev").command()
    words = ["gh", "variable", "set", "NAME", "--env", "dev", "--repo", "acme/lake", "--body", "a b;c"]
    assert shlex.split(command) == words
