"""What tests of releases share: sources of their own to change, and no progress."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from covidlake.base import project


def ignore(_: str) -> None:
    """No progress in tests."""


@contextmanager
def own_sources(folder: Path, code: str, *environments: str) -> Iterator[Path]:
    """Package from a copy of the JOBS or the LAMBDAS, and for environments made after dev."""
    there: Path = getattr(project, code)
    copied = folder / there.name
    shutil.copytree(there, copied, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "environments").mkdir()
    dev = (project.ENVIRONMENTS / "dev.yaml").read_text()
    for name in environments:
        text = re.sub(r'\bEnvironment: ("?)dev\b', rf"Environment: \g<1>{name}", dev)
        (folder / "environments" / f"{name}.yaml").write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(project, code, copied)
        patch.setattr(project, "ENVIRONMENTS", folder / "environments")
        yield folder
