"""Ask GitHub whether the deploy of a pull request's stack is still wanted when its turn comes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from covidlake.base.errors import GitHubError

if TYPE_CHECKING:
    from covidlake.base.progress import Progress
    from covidlake.github.api import GitHub

LABEL = "preview-stack"


def why(number: int, head: str, github: GitHub | None, progress: Progress) -> str | None:
    """Why nobody wants a deploy of this commit any more; None if it is wanted, or GitHub does not answer.

    Without an answer the deploy goes on: the stack of a closed pull request is deleted after it.
    """
    if github is None:
        progress("GITHUB_TOKEN is not set: the deploy does not check whether the pull request has moved on")
        return None
    try:
        found = github.get(f"pulls/{number}")
    except GitHubError as error:
        progress(f"whether pull request #{number} has moved on is not known, so it is deployed: {error}")
        return None
    return _judge(number, head, found)


def is_closed(github: GitHub, number: int) -> bool:
    """Whether a pull request is closed, merged or not. Raises `GitHubError`."""
    return bool(github.get(f"pulls/{number}")["state"] == "closed")


def _judge(number: int, head: str, found: dict[str, Any]) -> str | None:
    if found["state"] == "closed":
        return f"pull request #{number} is closed"
    if LABEL not in {label["name"] for label in found["labels"]}:
        return f"pull request #{number} has no label {LABEL}"
    if (current := found["head"]["sha"]) != head:
        return f"pull request #{number} is at {current} now, not at {head}"
    return None
