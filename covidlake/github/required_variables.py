"""`covidlake require`: whether GitHub gave a job the variables that it needs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from covidlake.base import json_text
from covidlake.base.errors import GitHubError

NO_ENVIRONMENTS = (
    "a private repository on GitHub's Free plan has no environments, so their variables are missing"
)


def require(names: Sequence[str]) -> None:
    """Raise `GitHubError` that names each empty variable and says where to set it.

    GitHub gives an empty text for a variable that does not exist, and a role without a name fails with a
    message that does not mention variables.
    """
    if not (empty := [name for name in names if not os.environ.get(name)]):
        return
    hint = "" if _is_public() else f" ({NO_ENVIRONMENTS})"
    raise GitHubError(
        f"GitHub has no variable {', '.join(empty)} for this job: set what covidlake bootstrap prints, "
        f"then look with: covidlake doctor ENV{hint}"
    )


def _is_public() -> bool:
    """Whether the event says that the repository is public; not every event does."""
    try:
        event = json_text.read(Path(os.environ["GITHUB_EVENT_PATH"]))
        return bool(event["repository"]["private"] is False)
    except (OSError, ValueError, KeyError, TypeError):
        return False
