"""A GitHub of our own, and the variables that lead a command to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.github_api import GitHubApi

TOKEN, REPOSITORY = "a-token", "acme/lake"


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHubApi]:
    with GitHubApi(REPOSITORY, TOKEN) as served:
        monkeypatch.setenv("GITHUB_API_URL", served.url)
        monkeypatch.setenv("GITHUB_REPOSITORY", REPOSITORY)
        monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
        monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.com")
        monkeypatch.setenv("GITHUB_RUN_ID", "4711")
        yield served
