"""What doctor examines of GitHub's environments: what the plan gives, which refs may use one, who reviews."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from covidlake.base import project
from covidlake.base.errors import GitHubError
from covidlake.doctor.check import Check, fail, ok, skip
from covidlake.github.api import GitHub
from covidlake.ship.bootstrap.repository import branch_command, branch_patterns, environment_commands

REVIEWED = "prod"  # the one whose runs do not queue, so that none waits for the approval of another
NAME = "GitHub plan"
# https://docs.github.com/actions/reference/workflows-and-actions/deployments-and-environments
WITHOUT_ENVIRONMENTS = {"free"}
WITHOUT_REVIEWERS = {"pro", "team"}
WITH_ALL = {"enterprise", "business", "business_plus"}


@dataclass(frozen=True)
class Plan:
    """What GitHub says of the repository; `name` is empty where this token may not see its owner's plan."""

    private: bool
    name: str = ""

    @property
    def reviewers(self) -> bool:
        """Whether an environment can have required reviewers, as far as it is known."""
        return not (self.private and self.name in WITHOUT_ENVIRONMENTS | WITHOUT_REVIEWERS)


def plan(github: GitHub) -> Plan:
    """The repository's visibility and its owner's plan."""
    repository = github.get_beside(f"repos/{github.repository}")
    if not repository.get("private"):
        return Plan(private=False)
    owner = repository["owner"]
    organization = owner.get("type") == "Organization"
    try:
        found = github.get_beside(f"orgs/{owner['login']}" if organization else "user")
    except GitHubError:
        return Plan(private=True)
    if found.get("login") != owner["login"]:  # somebody else's plan says nothing
        return Plan(private=True)
    return Plan(private=True, name=str((found.get("plan") or {}).get("name", "")).lower())


def availability(found: Plan) -> Check:
    """What the workflows need and this plan has, or has not."""
    if not found.private:
        return ok(NAME, "the repository is public: every plan has environments, branch rules and reviewers")
    what = f"a private repository on {found.name or 'a plan that this token may not see'}"
    if found.name in WITHOUT_ENVIRONMENTS:
        return fail(
            NAME,
            f"{what}: no environments, so no variables or branch rules of theirs, and every job that takes a "
            "role on fails; whoever may push could take each role that trusts an environment",
            "make the repository public or take Pro or Team (Enterprise for reviewers); until then do not "
            "bootstrap it, and deploy from here: covidlake deploy ENV",
        )
    if found.name in WITHOUT_REVIEWERS:
        return ok(NAME, f"{what}: environments and branch rules, but no required reviewers")
    if found.name in WITH_ALL:
        return ok(NAME, f"{what}: environments, branch rules and reviewers")
    return skip(NAME, f"{what}: environments need Pro, Team or Enterprise, required reviewers Enterprise")


def environments(github: GitHub, names: Iterable[str], found: Plan) -> Iterator[Check]:
    """Each is there, for the refs that it is meant for alone; prod has reviewers, no other one has."""
    for name in names:
        here = f"GitHub environment {name}"
        settings = find(github, f"environments/{name}")
        if settings is None:
            yield fail(here, "is not there", " && ".join(environment_commands(name, github.repository)))
            continue
        checks = [*_refs(github, name, settings), *_reviewers(name, settings, found)]
        yield from checks or [ok(here, f"is there, for {_listed(branch_patterns(name))} alone")]


def _refs(github: GitHub, name: str, settings: dict[str, Any]) -> Iterator[Check]:
    here, wanted = f"GitHub environment {name}", set(branch_patterns(name))
    hint = f"Settings, Environments, {name}, Deployment branches and tags: select {_listed(wanted)} alone"
    policy = settings.get("deployment_branch_policy")
    if not policy:
        yield fail(here, "takes deployments of any branch", hint)
        return
    if policy.get(
        "protected_branches"
    ):  # without a protection rule, which no ruleset is, that is every branch
        yield fail(here, "takes deployments of every protected branch, or of any where none is", hint)
        return
    answer = github.get(f"environments/{name}/deployment-branch-policies", per_page=100)
    given = {_pattern(one) for one in answer["branch_policies"]}
    if given < wanted:
        missing = sorted(wanted - given)
        commands = [branch_command(name, github.repository, pattern) for pattern in missing]
        yield fail(here, f"takes no deployments of {_listed(missing)}", " && ".join(commands))
    elif given != wanted:
        yield fail(here, f"takes deployments of {_listed(given)}", hint)


def _pattern(policy: dict[str, Any]) -> str:
    """A tag has the same form as a branch: it is marked here."""
    return f"tag {policy['name']}" if policy.get("type") == "tag" else str(policy["name"])


def _reviewers(name: str, settings: dict[str, Any], found: Plan) -> Iterator[Check]:
    here = f"GitHub environment {name}"
    reviewed = "required_reviewers" in {rule["type"] for rule in settings.get("protection_rules", [])}
    if name == REVIEWED and not reviewed:
        if found.reviewers:
            yield fail(here, "has no required reviewers", f"Settings, Environments, {name}: name them")
        else:
            yield skip(
                here,
                f"a private repository on {found.name} has no required reviewers, so what is merged is "
                "deployed: require a review of what is merged, make the repository public or take Enterprise",
            )
    elif name != REVIEWED and reviewed:
        yield fail(here, *_needless(name))


def _needless(name: str) -> tuple[str, str]:
    """What reviewers of an environment other than prod hold up, and what to do."""
    remove = f"Settings, Environments, {name}: remove them"
    if name.endswith("-ops"):
        return "waits for reviewers every day", remove
    if name == project.PREVIEW:
        return "waits for reviewers: the stack of a closed pull request stays until somebody approves", remove
    return (
        "has required reviewers: a run that nobody approves holds the queue of its deploys",
        f"{remove}, or keep them and deploy there by hand: covidlake deploy {name}",
    )


def _listed(patterns: Iterable[str]) -> str:
    return " and ".join(sorted(patterns)) or "nothing"


def find(github: GitHub, path: str, **query: int) -> Any:
    """What lies there; None where GitHub answers 404."""
    try:
        return github.get(path, **query)
    except GitHubError as error:
        if error.status == 404:
            return None
        raise
