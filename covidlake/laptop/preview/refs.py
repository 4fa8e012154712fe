"""What a commit holds of a folder, laid out elsewhere: read from git's store, so that no hook of it runs."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
from pathlib import Path

from covidlake.base import project
from covidlake.base.errors import ProjectError
from covidlake.base.text import printable, shorten

JOBS, ENVIRONMENTS = "jobs", "environments"


def commit_of(ref: str, root: Path = project.ROOT) -> str:
    """The commit from which the work tree has left `ref`, or the commit itself where they share none.

    Raises `ProjectError` for a name that git does not know.
    """
    shown = shorten(printable(ref))
    try:
        commit = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    except subprocess.CalledProcessError as error:
        raise ProjectError(
            f"--base {shown}: no such commit here: name a branch or commit, or fetch it"
        ) from error
    try:
        return _git(root, "merge-base", commit, "HEAD")
    except subprocess.CalledProcessError:
        return commit


def described(root: Path = project.ROOT) -> str:
    """The commit of the work tree, with a word where files of jobs or environments differ from it."""
    commit = _git(root, "rev-parse", "HEAD")[:12]
    changed = _git(root, "status", "--porcelain", "--", JOBS, ENVIRONMENTS)
    return f"{commit} with changes" if changed else commit


def lay_out(commit: str, folder: Path, root: Path = project.ROOT, part: str = JOBS) -> Path:
    """Write a folder of the commit, such as `jobs/`, below another folder, and return it."""
    command = ["git", "-C", str(root), "archive", "--format=tar", commit, "--", part]
    done = subprocess.run(command, capture_output=True, env=_environment(), check=False)
    if done.returncode:
        raise ProjectError(f"{commit}: git has no {part}/ of it: {printable(done.stderr.decode().strip())}")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder / part


def _git(root: Path, *words: str) -> str:
    command = ["git", "-C", str(root), *words]
    done = subprocess.run(command, capture_output=True, text=True, env=_environment(), check=True)
    return done.stdout.strip()


def _environment() -> dict[str, str]:
    """Without what would point git elsewhere, as inside of a hook."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
