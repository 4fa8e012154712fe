"""The GitHub repository that deploys: the subjects of its tokens, and what its workflows must know."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from covidlake.base import project

BRANCH = "main"
PULL_REQUESTS = "refs/pull/*/merge"
_REPOSITORY = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9-]{0,37}[A-Za-z0-9])?)/([A-Za-z0-9_.-]{1,100})")
_ID = re.compile(r"[1-9][0-9]{0,19}")


@dataclass(frozen=True)
class Repository:
    """A repository by names and ids; `legacy_subject` says that its tokens name it without the ids.

    So do those of repositories that were made before 15 July 2026, and neither renamed nor transferred since,
    unless their owner opted in: https://docs.github.com/actions/reference/security/oidc
    """

    organization: str
    organization_id: str
    name: str
    repository_id: str
    legacy_subject: bool = False

    @classmethod
    def parse(
        cls, full_name: str, repository_id: str, owner_id: str, legacy_subject: bool = False
    ) -> Repository:
        """From `ORG/REPO` and the two ids; raises ValueError with what is wrong and a hint."""
        match = _REPOSITORY.fullmatch(full_name)
        if match is None:
            raise ValueError(f"repository {full_name!r}: give it as ORGANIZATION/REPOSITORY")
        for noun, value, field in (
            ("repository id", repository_id, "id"),
            ("owner id", owner_id, "owner.id"),
        ):
            if not _ID.fullmatch(value):
                hint = f"gh api repos/{full_name} --jq .{field}"
                raise ValueError(f"{noun} {value!r}: give the number that GitHub shows: {hint}")
        return cls(match[1], owner_id, match[2], repository_id, legacy_subject)

    @property
    def full_name(self) -> str:
        return f"{self.organization}/{self.name}"

    @property
    def subject_prefix(self) -> str:
        """How the `sub` of every token of this repository begins."""
        if self.legacy_subject:
            return f"repo:{self.full_name}"
        return f"repo:{self.organization}@{self.organization_id}/{self.name}@{self.repository_id}"

    def subject(self, claim: str) -> str:
        """The `sub` of the tokens with a claim such as `pull_request` or `environment:prod`."""
        return f"{self.subject_prefix}:{claim}"


def branch_patterns(environment: str) -> tuple[str, ...]:
    """The refs that may use an environment: `main`, and for previews what a pull request's jobs run on.

    GitHub compares them with GITHUB_REF, which is `refs/pull/7/merge` for an open pull request and the branch
    that it was merged into for a merged one; a `*` of a pattern stands for no slash.
    """
    return (BRANCH, PULL_REQUESTS) if environment == project.PREVIEW else (BRANCH,)


def environment_commands(environment: str, repository: str) -> list[str]:
    """The commands of GitHub's CLI that make an environment which only those refs may use."""
    path = f"repos/{repository}/environments/{environment}"
    selected = ["protected_branches]=false", "custom_branch_policies]=true"]
    policy = [word for one in selected for word in ("-F", f"deployment_branch_policy[{one}")]
    made = ["gh", "api", "--silent", "--method", "PUT", path, *policy]
    return [
        shlex.join(made),
        *(branch_command(environment, repository, one) for one in branch_patterns(environment)),
    ]


def branch_command(environment: str, repository: str, pattern: str) -> str:
    """The command that lets one more ref use an environment."""
    path = f"repos/{repository}/environments/{environment}/deployment-branch-policies"
    return shlex.join(["gh", "api", "--silent", "--method", "POST", path, "-f", f"name={pattern}"])


@dataclass(frozen=True)
class RepositoryVariable:
    """A variable of GitHub Actions; without an environment it is the whole repository's."""

    name: str
    value: str
    repository: str
    environment: str | None = None

    def command(self) -> str:
        """The command of GitHub's CLI that sets it."""
        scope = ["--env", self.environment] if self.environment else []
        words = ["gh", "variable", "set", self.name, *scope, "--repo", self.repository, "--body", self.value]
        return shlex.join(words)


def variables(
    environment: str, repository: str, role_arns: dict[str, str], region: str, operations: str = ""
) -> list[RepositoryVariable]:
    """What workflows need to know; `role_arns` by the roles plan, deploy, ops and drift.

    The role of pull requests goes to the repository: their jobs run in no environment, so that none of
    their secrets or approvals is in reach.
    """
    suffix = environment.upper().replace("-", "_")
    found = [
        RepositoryVariable(f"AWS_REGION_{suffix}", region, repository),
        RepositoryVariable(f"AWS_PLAN_ROLE_ARN_{suffix}", role_arns["plan"], repository),
        RepositoryVariable("AWS_REGION", region, repository, environment),
        RepositoryVariable("AWS_DEPLOY_ROLE_ARN", role_arns["deploy"], repository, environment),
    ]
    if operations:
        found.append(RepositoryVariable("AWS_REGION", region, repository, operations))
    for role in ("ops", "drift"):
        name = f"AWS_{role.upper()}_ROLE_ARN"
        found.append(RepositoryVariable(name, role_arns[role], repository, operations or environment))
    return found
