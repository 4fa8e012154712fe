"""What doctor examines on GitHub: variables, environments, and what merges to main have to pass.

GitHub is asked where GITHUB_TOKEN is there; else it is told what to compare.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any

from covidlake import bootstrap as bootstrapping
from covidlake._errors import GitHubError
from covidlake.doctor import Check, Subject, fail, ok, skip
from covidlake.github import RepositoryVariable
from covidlake.github_api import GitHub

INGEST = "INGEST_ENVIRONMENT"
REVIEWED = "prod"
REQUIRED_CHECK = "gate"
BRANCH = "main"


def github_settings(subject: Subject) -> Iterator[Check]:
    if not bootstrapping.outputs_of(subject.environment):
        return
    parameters = bootstrapping.parameters_of(subject.environment)
    repository = subject.repository or bootstrapping.repository_of(parameters)
    operations = parameters.get("OperationsEnvironment", "")
    expected = bootstrapping.expected_variables(subject.environment, repository, operations)
    token = os.environ.get("GITHUB_TOKEN", "")
    if not token:
        texts = [f"{one.name}={one.value} ({one.environment or 'repository'})" for one in expected]
        cure = 'to have GitHub asked: GITHUB_TOKEN="$(gh auth token)" covidlake doctor ...'
        yield skip("GitHub", f"not asked; compare with gh variable list: {', '.join(texts)}; {cure}")
        return
    github = GitHub.of(repository.full_name, token)
    yield from variables(github, expected)
    yield from ingested(github, subject.environment)
    yield from environments(github, sorted({one.environment for one in expected if one.environment}))
    yield required_check(github)


def variables(github: GitHub, expected: Iterable[RepositoryVariable]) -> Iterator[Check]:
    """Each variable has the value that bootstrap printed."""
    known: dict[str | None, dict[str, str]] = {}
    for one in expected:
        if one.environment not in known:
            known[one.environment] = _variables(github, one.environment)
        where, value = one.environment or "repository", known[one.environment].get(one.name)
        name = f"GitHub variable {one.name} ({where})"
        if value == one.value:
            yield ok(name, value)
        else:
            yield fail(name, f"is {value}" if value else "is not set", one.command())


def ingested(github: GitHub, environment: str) -> Iterator[Check]:
    """The schedule ingests one environment, this or another."""
    value = _variables(github, None).get(INGEST)
    name = f"GitHub variable {INGEST}"
    if value:
        yield ok(name, f"{value} is ingested every day")
    else:
        yield fail(name, "is not set: nothing is ingested", f"gh variable set {INGEST} --body {environment}")


def environments(github: GitHub, names: Iterable[str]) -> Iterator[Check]:
    """Each is there; those that deploy are for the branch main alone, and prod has reviewers."""
    for name in names:
        found = _find(github, f"environments/{name}")
        here, settings = f"GitHub environment {name}", f"Settings, Environments, {name}"
        if found is None:
            put = f"gh api --silent --method PUT repos/{github.repository}/environments/{name}"
            yield fail(here, "is not there", put)
            continue
        rules = {rule["type"] for rule in found.get("protection_rules", [])}
        deploys = not name.endswith("-ops")
        if deploys and not found.get("deployment_branch_policy"):
            yield fail(here, "takes deployments of any branch", f"{settings}: restrict it to {BRANCH}")
        elif name == REVIEWED and "required_reviewers" not in rules:
            yield fail(here, "has no required reviewers", f"{settings}: name them")
        elif not deploys and "required_reviewers" in rules:
            yield fail(here, "waits for reviewers every day", f"{settings}: remove them")
        else:
            yield ok(here, "is there")


def required_check(github: GitHub) -> Check:
    """By a ruleset or by the older branch protection."""
    checks = {
        item["context"]
        for rule in _find(github, f"rules/branches/{BRANCH}") or []
        if rule["type"] == "required_status_checks"
        for item in rule["parameters"]["required_status_checks"]
    }
    protection = (_find(github, f"branches/{BRANCH}") or {}).get("protection", {})
    checks |= set(protection.get("required_status_checks", {}).get("contexts", []))
    name = f"GitHub branch {BRANCH}"
    if REQUIRED_CHECK in checks:
        return ok(name, f"requires the check {REQUIRED_CHECK}")
    cure = f"Settings, Rules: require the status check {REQUIRED_CHECK}"
    return fail(name, f"does not require the check {REQUIRED_CHECK}", cure)


def _variables(github: GitHub, environment: str | None) -> dict[str, str]:
    path = f"environments/{environment}/variables" if environment else "actions/variables"
    found = _find(github, path, per_page=30) or {}
    return {item["name"]: item["value"] for item in found.get("variables", [])}


def _find(github: GitHub, path: str, **query: int) -> Any:
    """What lies there; None where GitHub knows no such thing."""
    try:
        return github.get(path, **query)
    except GitHubError as error:
        if ": 404 " in str(error):
            return None
        raise


EXAMINATIONS = (github_settings,)
