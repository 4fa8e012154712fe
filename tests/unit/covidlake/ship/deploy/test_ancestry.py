"""A bundle of an older commit than the deployed one is refused; what cannot be compared is said."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from covidlake.base.errors import DeployError
from covidlake.ship.deploy import ancestry

NOWHERE = "f" * 40


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"]
    command = ["git", "-C", str(folder), *who, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def commit(folder: Path, text: str) -> str:
    git(folder, "commit", "--quiet", "--allow-empty", "--no-verify", "-m", text)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    return folder


@pytest.fixture
def commits(repository: Path) -> list[str]:
    """Two commits of main, the older one first, and one of a branch that leaves the first."""
    first, second = (commit(repository, text) for text in ("first", "second"))
    git(repository, "checkout", "--quiet", "-b", "other", first)
    return [first, second, commit(repository, "other")]


def refuse_older(folder: Path, new: str, old: str, require_history: bool = False) -> list[str]:
    lines: list[str] = []
    ancestry.refuse_older(new, old, lines.append, folder, require_history=require_history)
    return lines


@pytest.mark.parametrize("dirty", [("", ""), ("-dirty", ""), ("", "-dirty")])
def test_an_older_commit_is_refused_with_a_hint(
    repository: Path, commits: list[str], dirty: tuple[str, str]
) -> None:
    first, second, _ = commits
    with pytest.raises(DeployError) as caught:
        refuse_older(repository, first + dirty[0], second + dirty[1])
    assert str(caught.value) == (
        f"the bundle of commit {first[:12]} is older than {second[:12]}, which is deployed: deploy the "
        "bundle of a newer commit; to go back on purpose: covidlake rollback, or --allow-older"
    )
    assert caught.value.exit_code == 6


def test_newer_same_and_diverged_commits_pass(repository: Path, commits: list[str]) -> None:
    first, second, other = commits
    for new, old in ((second, first), (first, first), (f"{first}-dirty", first), (other, second)):
        assert refuse_older(repository, new, old) == []


@pytest.mark.parametrize(("new", "old", "said"), [("unknown", NOWHERE, "unknown"), (NOWHERE, "", "none")])
def test_a_side_without_a_commit_is_said(repository: Path, new: str, old: str, said: str) -> None:
    shown = refuse_older(repository, new, old)
    assert shown == [f"whether the bundle is older than what is deployed is not known: commit {said}"]


@pytest.mark.parametrize("workflow", [False, True])
def test_a_commit_that_the_whole_history_does_not_know_is_said(
    repository: Path, commits: list[str], workflow: bool
) -> None:
    shown = refuse_older(repository, commits[0], NOWHERE, require_history=workflow)
    assert shown[0].endswith(f"commit {NOWHERE[:12]} is not in the repository")


@pytest.mark.parametrize("kind", ["shallow", "unpacked", "without Git"])
def test_without_history_a_laptop_goes_on_and_a_workflow_does_not(
    repository: Path, commits: list[str], tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, _ = commits
    folder = tmp_path / "copy"
    if kind == "shallow":
        git(tmp_path, "clone", "--quiet", "--depth=1", "--branch=main", f"file://{repository}", str(folder))
    elif kind == "unpacked":
        folder.mkdir()
    else:
        shutil.copytree(repository, folder)
        monkeypatch.setenv("PATH", "")
    assert "is not in what is here of the repository" in refuse_older(folder, first, second)[0]
    with pytest.raises(DeployError, match="no whole history: check it out with fetch-depth: 0"):
        refuse_older(folder, first, second, require_history=True)


def test_what_is_no_commit_never_reaches_git(repository: Path) -> None:
    assert "commit --help" in refuse_older(repository, NOWHERE, "--help")[0]
