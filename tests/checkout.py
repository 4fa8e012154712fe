"""A copy of what the command line works on, for a test that writes into its checkout."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[1]
COPIED = ("covidlake", "infra", "jobs", "lambdas", "environments")


def copy_to(checkout: Path) -> Path:
    """Copy the sources there, as they are now; returns the copy."""
    for name in COPIED:
        shutil.copytree(ROOT / name, checkout / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".cfnlintrc", checkout)
    return checkout
