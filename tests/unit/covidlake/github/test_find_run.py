"""The run whose bundle is deployed again: of what was merged, and not expired."""

from __future__ import annotations

from typing import Any

import pytest

from covidlake.base.errors import GitHubError
from covidlake.github.find_run import find_run
from tests.github_api import GitHubApi

COMMIT = "a" * 40


def test_the_newest_run_of_a_commit_is_found(api: GitHubApi) -> None:
    api.add_run(1, COMMIT, ["bundle"])
    api.add_run(2, "b" * 40, ["bundle", "other"])
    assert find_run(COMMIT[:8]) == "1"
    assert find_run() == "2"
    assert find_run(run="1") == "1"


def test_a_newer_run_without_a_bundle_does_not_hide_an_older_one(api: GitHubApi) -> None:
    api.add_run(1, COMMIT, ["bundle"])
    api.add_run(2, COMMIT, [])
    api.add_run(3, "b" * 40, [])
    assert find_run() == "1"
    assert find_run(COMMIT) == "1"
    with pytest.raises(GitHubError, match=r"run 3 .* made no bundle"):
        find_run("b" * 40)
    with pytest.raises(GitHubError, match=r"run 2 .* made no bundle"):
        find_run(run="2")


@pytest.mark.parametrize(
    "fault",
    [
        {"event": "pull_request"},
        {"head_branch": "feature"},
        {"head_repository": {"full_name": "stranger/lake"}},
        {"path": ".github/workflows/other.yml"},
    ],
)
def test_what_was_not_merged_is_not_deployed(api: GitHubApi, fault: dict[str, Any]) -> None:
    api.add_run(1, COMMIT, ["bundle"], **fault)
    with pytest.raises(GitHubError, match="merge"):
        find_run(COMMIT)
    with pytest.raises(GitHubError, match="only what was merged"):
        find_run(run="1")


def test_an_expired_bundle_names_the_other_way(api: GitHubApi) -> None:
    api.add_run(1, COMMIT, ["bundle"])
    api.expire(1)
    with pytest.raises(GitHubError, match="covidlake rollback"):
        find_run(COMMIT)


@pytest.mark.parametrize("commit", ["main", "abc", "g" * 40])
def test_a_commit_is_named_by_its_digits(api: GitHubApi, commit: str) -> None:
    with pytest.raises(GitHubError, match="hexadecimal"):
        find_run(commit)
    assert api.calls == []
