"""Whether a bundle is older than what is deployed: a run that waited long must not take a stack back.

Git knows which of two commits is the older one. Where it cannot tell, a deploy from a laptop goes on and
says so. In GitHub Actions a copy of the repository without its history is refused: it is there that runs
wait for approval, and the whole history is a line of the workflow away. A commit that not even the whole
history knows is on no branch, so no bundle of a branch is its ancestor.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from covidlake.base import project
from covidlake.base.errors import DeployError
from covidlake.base.progress import Progress
from covidlake.bundle.manifest import DIRTY

COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
ALLOW = "to go back on purpose: covidlake rollback, or --allow-older"
# In a clone without files git would ask its remote for a commit that it does not know.
QUIET = {"GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0"}


def refuse_older(
    commit: str,
    deployed: str,
    progress: Progress,
    root: Path = project.ROOT,
    *,
    require_history: bool = False,
) -> None:
    """Raise `DeployError` for a bundle of a commit that is an ancestor of the deployed one.

    `deployed` is empty where the stack does not say. Diverged commits pass. With `require_history`, a copy
    of the repository that lacks its history is an error too.
    """
    new, old = (text.removesuffix(DIRTY) for text in (commit, deployed))
    if new == old:
        return
    if unknown := [text or "none" for text in (new, old) if not COMMIT.fullmatch(text)]:
        progress(f"whether the bundle is older than what is deployed is not known: commit {unknown[0]}")
        return
    if why := _why_not_comparable(new, old, progress, root, require_history):
        raise DeployError(
            f"whether commit {new[:12]} is older than {old[:12]}, which is deployed, is not known: "
            f"{why}; {ALLOW}"
        )
    if _git(root, "merge-base", "--is-ancestor", new, old) == 0:
        raise DeployError(
            f"the bundle of commit {new[:12]} is older than {old[:12]}, which is deployed: "
            f"deploy the bundle of a newer commit; {ALLOW}"
        )


def _why_not_comparable(
    new: str, old: str, progress: Progress, root: Path, require_history: bool
) -> str | None:
    """Why Git cannot compare two commits, where that stops a deploy; what does not is said."""
    missing = [one for one in (new, old) if _git(root, "cat-file", "-e", f"{one}^{{commit}}") != 0]
    if not missing:
        return None
    whole = _is_whole(root)
    if require_history and not whole:
        return "this copy of the repository has no whole history: check it out with fetch-depth: 0"
    where = "the repository" if whole else "what is here of the repository"
    progress(
        f"whether the bundle is older than what is deployed is not known: commit {missing[0][:12]} "
        f"is not in {where}"
    )
    return None


def _is_whole(root: Path) -> bool:
    """Whether the folder is a clone with all of its history."""
    if not (root / ".git").exists():  # an unpacked archive, maybe inside someone else's repository
        return False
    return _output(root, "rev-parse", "--is-shallow-repository") == "false"


def _git(root: Path, *arguments: str) -> int:
    """Git's exit code; 128, as for any of its own errors, where there is no Git or no repository."""
    if not (root / ".git").exists():
        return 128
    done = _run(root, *arguments)
    return done.returncode if done else 128


def _output(root: Path, *arguments: str) -> str:
    done = _run(root, *arguments)
    return done.stdout.strip() if done else ""


def _run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str] | None:
    command = ["git", "-C", str(root), *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | QUIET)
    except OSError:
        return None
