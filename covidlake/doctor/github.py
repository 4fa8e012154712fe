"""What doctor examines on GitHub: variables, tokens, environments, schedules, and what merges have to pass.

GitHub is asked where GITHUB_TOKEN is there; else doctor says what to compare.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator

from covidlake.base import project
from covidlake.base.errors import GitHubError
from covidlake.doctor import github_rules as rules
from covidlake.doctor.check import Check, Subject, fail, ok, skip
from covidlake.doctor.github_rules import find
from covidlake.github.api import GitHub
from covidlake.ship.bootstrap import bootstrap as bootstrapping
from covidlake.ship.bootstrap.repository import BRANCH, Repository, RepositoryVariable
from covidlake.ship.stack import stack as stacks

INGEST = "INGEST_ENVIRONMENT"
REQUIRED_CHECK = "gate"
SCHEDULED = ("drift.yml", "ingest.yml", "preview-stack.yml", "status-site.yml")
ENABLED = "active"
INACTIVE = "disabled_inactivity"


def github_settings(subject: Subject) -> Iterator[Check]:
    if not bootstrapping.outputs_of(subject.bootstrapped):
        return
    parameters = bootstrapping.parameters_of(subject.bootstrapped)
    trusted = bootstrapping.repository_of(parameters)
    repository = subject.repository or trusted
    operations = parameters.get("OperationsEnvironment", "")
    expected = bootstrapping.expected_variables(subject.bootstrapped, repository, operations)
    token = os.environ.get("GITHUB_TOKEN", "")
    if not token:
        texts = [f"{one.name}={one.value} ({one.environment or 'repository'})" for one in expected]
        hint = 'to have GitHub asked: GITHUB_TOKEN="$(gh auth token)" covidlake doctor ...'
        yield skip("GitHub", f"not asked; compare with gh variable list: {', '.join(texts)}; {hint}")
        return
    github = GitHub.of(repository.full_name, token)
    names = sorted({one.environment for one in expected if one.environment})
    yield from _asked("GitHub plan", lambda: [rules.availability(rules.plan(github))])
    yield from _asked("GitHub variables", lambda: variables(github, expected))
    yield from _asked(f"GitHub variable {INGEST}", lambda: ingested(github, subject.bootstrapped))
    yield from _asked("GitHub tokens", lambda: [tokens(github, trusted)])
    yield from _asked("GitHub environments", lambda: rules.environments(github, names, rules.plan(github)))
    yield from _asked("GitHub schedules", lambda: schedules(github))
    yield from _asked(f"GitHub branch {BRANCH}", lambda: [required_check(github)])


def _asked(name: str, ask: Callable[[], Iterable[Check]]) -> Iterator[Check]:
    """The checks; what GitHub refuses, for its plan or the token's rights, does not keep the others."""
    try:
        yield from ask()
    except GitHubError as error:
        yield fail(
            name, str(error), "see the message; a token of an administrator of the repository sees all"
        )


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
    """The schedule ingests one environment, this or another, which has no schedule of its own beside it."""
    value = _variables(github, None).get(INGEST)
    name = f"GitHub variable {INGEST}"
    own = stacks.parameters_of(stacks.describe(project.stack_name(environment))).get("ScheduleState")
    if value == environment and own == "ENABLED":
        found = f"{value} is ingested twice a day: by GitHub and by its own schedule in EventBridge"
        hint = f"ScheduleState: DISABLED in environments/{environment}.yaml, or gh variable delete {INGEST}"
        yield fail(name, found, hint)
    elif value or own == "ENABLED":
        yield ok(
            name, f"{value} is ingested every day" if value else f"not needed: {environment} has its own"
        )
    else:
        yield fail(name, "is not set: nothing is ingested", f"gh variable set {INGEST} --body {environment}")


def tokens(github: GitHub, trusted: Repository) -> Check:
    """The subjects of this repository's tokens begin as the roles' trust policies have it.

    https://docs.github.com/rest/actions/oidc says the fields; older servers leave out the newer two.
    """
    name, path = "GitHub tokens", "actions/oidc/customization/sub"
    found = find(github, path) or {}
    if found.get("use_default") is False and found.get("include_claim_keys") not in (
        None,
        ["repo", "context"],
    ):
        keys = ", ".join(found["include_claim_keys"])
        put = f"gh api --silent --method PUT repos/{github.repository}/{path} -F use_default=true"
        return fail(name, f"their subject is made of {keys}, which no role trusts", put)
    prefix = str(found.get("sub_claim_prefix") or "").rstrip(":")
    immutable = found.get("use_immutable_subject")
    if not prefix and immutable is None:
        return skip(
            name, f"GitHub does not say how their subject begins; the roles trust {trusted.subject_prefix}"
        )
    if prefix == trusted.subject_prefix or (not prefix and immutable is not trusted.legacy_subject):
        return ok(name, f"their subject begins with {trusted.subject_prefix}")
    form = "" if immutable or "@" in prefix else " --legacy-subject"
    given = prefix or ("the ids" if immutable else "no ids")
    return fail(
        name,
        f"their subject begins with {given}, the roles trust {trusted.subject_prefix}",
        f"bootstrap again, as after a rename: covidlake bootstrap ENV --repository {github.repository} "
        f"--repository-id ID --owner-id ID{form}",
    )


def schedules(github: GitHub) -> Iterator[Check]:
    """Each workflow with a schedule runs: GitHub stops those of public repositories that nobody works on."""
    for file in SCHEDULED:
        found = find(github, f"actions/workflows/{file}")
        name, state = f"GitHub workflow {file}", (found or {}).get("state", "")
        if found is None:
            yield fail(name, f"is not on {BRANCH}", f"push .github/workflows/{file} to {BRANCH}")
        elif state == ENABLED:
            yield ok(name, "its schedule runs")
        else:
            why = ": the repository had no activity for 60 days" if state == INACTIVE else ""
            yield fail(name, f"is {state}{why}", f"gh workflow enable {file} --repo {github.repository}")


def required_check(github: GitHub) -> Check:
    """By a ruleset or by the older branch protection."""
    checks = {
        item["context"]
        for rule in find(github, f"rules/branches/{BRANCH}") or []
        if rule["type"] == "required_status_checks"
        for item in rule["parameters"]["required_status_checks"]
    }
    protection = (find(github, f"branches/{BRANCH}") or {}).get("protection", {})
    checks |= set(protection.get("required_status_checks", {}).get("contexts", []))
    name = f"GitHub branch {BRANCH}"
    if REQUIRED_CHECK in checks:
        return ok(name, f"requires the check {REQUIRED_CHECK}")
    hint = f"Settings, Rules: require the status check {REQUIRED_CHECK}"
    return fail(name, f"does not require the check {REQUIRED_CHECK}", hint)


def _variables(github: GitHub, environment: str | None) -> dict[str, str]:
    path = f"environments/{environment}/variables" if environment else "actions/variables"
    found = find(github, path, per_page=30) or {}
    return {item["name"]: item["value"] for item in found.get("variables", [])}


EXAMINATIONS = (github_settings,)
