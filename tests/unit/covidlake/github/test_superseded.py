"""A deploy of a pull request's stack whose turn comes when the pull request has moved on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from covidlake.base.errors import BundleError
from covidlake.bundle import manifest
from covidlake.commands.command_line import app
from covidlake.github import api as github_api
from covidlake.ship.deploy import preview_stack
from tests.github_api import GitHubApi, RefusalError

HEAD, NEWER = "a" * 40, "b" * 40
WORDS = ["preview-stack", "deploy", "7", "--head", HEAD]


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHubApi]:
    with GitHubApi("acme/lake", "token") as served:
        for name, value in {
            "GITHUB_API_URL": served.url,
            "GITHUB_REPOSITORY": "acme/lake",
            "GITHUB_TOKEN": "token",
            "GITHUB_ACTIONS": "true",
        }.items():
            monkeypatch.setenv(name, value)
        yield served


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of the pull requests that a deploy was begun for; no bundle is good here."""
    begun: list[int] = []

    def deploy(number: int, *_: Any, **__: Any) -> Any:
        begun.append(number)
        raise BundleError("no bundle in this test")

    monkeypatch.setattr(manifest, "verify", lambda *_: None)
    monkeypatch.setattr(preview_stack, "deploy", deploy)
    return begun


MOVED_ON: list[tuple[dict[str, Any], str]] = [
    ({"state": "closed"}, "pull request #7 is closed"),
    ({"labels": ()}, "pull request #7 has no label preview-stack"),
    ({"labels": ("preview", "bug")}, "pull request #7 has no label preview-stack"),
    ({"head": NEWER}, f"pull request #7 is at {NEWER} now, not at {HEAD}"),
]


@pytest.mark.parametrize(("changed", "why"), MOVED_ON)
def test_what_has_moved_on_is_not_deployed_and_one_line_says_why(
    api: GitHubApi, deployed: list[int], changed: dict[str, Any], why: str
) -> None:
    api.add_pull_request(7, **{"labels": ("preview-stack",), "head": HEAD, **changed})
    done = CliRunner().invoke(app, WORDS)
    assert (done.exit_code, deployed) == (0, [])
    assert done.stdout == f"nothing is deployed: {why}\n::notice::nothing is deployed: {why}\n"


def test_the_newest_commit_of_an_open_labelled_pull_request_is_deployed(
    api: GitHubApi, deployed: list[int]
) -> None:
    api.add_pull_request(7, labels=("bug", "preview-stack"), head=HEAD)
    CliRunner().invoke(app, WORDS)
    assert deployed == [7]
    assert api.calls == ["GET /repos/acme/lake/pulls/7"]


def test_the_commit_may_come_from_the_environment(
    api: GitHubApi, deployed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    api.add_pull_request(7, labels=("preview-stack",), head=NEWER)
    monkeypatch.setenv("COVIDLAKE_HEAD", HEAD)
    assert CliRunner().invoke(app, WORDS[:3]).exit_code == 0
    assert deployed == []


def test_where_github_refuses_it_is_deployed_with_a_warning(api: GitHubApi, deployed: list[int]) -> None:
    api.refusals.append(RefusalError(403, "Resource not accessible by integration"))
    done = CliRunner().invoke(app, WORDS)
    assert deployed == [7]
    assert "::warning::whether pull request #7 has moved on is not known, so it is deployed" in done.stdout
    assert "403 Resource not accessible" in done.stdout


def test_without_a_token_it_is_deployed_and_that_is_said(
    api: GitHubApi, deployed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    done = CliRunner().invoke(app, WORDS)
    assert (deployed, api.calls) == ([7], [])
    assert "GITHUB_TOKEN is not set" in done.stdout


def test_by_hand_without_a_commit_github_is_not_asked(api: GitHubApi, deployed: list[int]) -> None:
    CliRunner().invoke(app, WORDS[:3])
    assert (deployed, api.calls) == ([7], [])


def test_where_github_cannot_be_reached_it_is_deployed(
    api: GitHubApi, deployed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(github_api, "_RETRY", False)
    monkeypatch.setenv("GITHUB_API_URL", "http://127.0.0.1:1")
    done = CliRunner().invoke(app, WORDS)
    assert (deployed, api.calls) == ([7], [])
    assert "GitHub cannot be reached" in done.stdout
