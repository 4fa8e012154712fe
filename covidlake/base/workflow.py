"""Where a command runs: as a step of a GitHub workflow, or by hand."""

from __future__ import annotations

import os


def active() -> bool:
    """Whether this process is a step of a workflow."""
    return os.environ.get("GITHUB_ACTIONS") == "true"
