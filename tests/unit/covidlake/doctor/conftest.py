"""A GitHub that answers what a test gives it."""

from __future__ import annotations

from typing import Any

import pytest

from covidlake.base.errors import GitHubError
from covidlake.github.api import GitHub

REPOSITORY = "acme/lake"


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What GitHub has at each path; for any other it answers 404."""
    known: dict[str, Any] = {}

    def get(_: GitHub, path: str, **_query: Any) -> Any:
        if path not in known:
            raise GitHubError(f"GitHub refused GET /repos/{REPOSITORY}/{path}: 404 Not Found: see there", 404)
        return known[path]

    monkeypatch.setattr(GitHub, "get", get)
    monkeypatch.setattr(GitHub, "get_beside", lambda github, path: get(github, f"/{path}"))
    return known


@pytest.fixture
def github() -> GitHub:
    return GitHub(REPOSITORY, "token")
