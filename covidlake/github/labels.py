"""The labels that a pull request has now: not those of the event, which a job that runs again still sees."""

from __future__ import annotations

from covidlake.github.api import GitHub


def labels(number: int) -> set[str]:
    """Their names. Raises `GitHubError` when GitHub does not say."""
    return {str(one["name"]) for one in GitHub.from_environment().all(f"issues/{number}/labels")}
