"""Calls to GitHub: paged, retried, refused in one line."""

from __future__ import annotations

import pytest

from covidlake.base.errors import GitHubError
from covidlake.github.api import ATTEMPTS, GitHub
from tests.github_api import GitHubApi, RefusalError

TOKEN, REPOSITORY, BOT = "a-token", "acme/lake", "github-actions[bot]"


def test_every_page_of_a_list_is_read(api: GitHubApi) -> None:
    for number in range(250):
        api.add_issue(f"issue {number}", "")
    assert len(list(GitHub.from_environment().all("issues"))) == 250


def test_a_server_error_is_retried(api: GitHubApi) -> None:
    api.refusals = [RefusalError(502, "bad gateway"), RefusalError(429, "slow down")]
    assert list(GitHub.from_environment().all("issues")) == []
    assert len(api.calls) == 3


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that would have been waited for GitHub's limits."""
    waited: list[float] = []
    monkeypatch.setattr("covidlake.github.api.time.sleep", waited.append)
    return waited


@pytest.mark.parametrize("status", [403, 429])
def test_a_limit_is_waited_for_as_long_as_github_asks(
    api: GitHubApi, waits: list[float], status: int
) -> None:
    api.refusals = [RefusalError(status, "You have exceeded a secondary rate limit", {"retry-after": "30"})]
    assert list(GitHub.from_environment().all("issues")) == []
    assert len(api.calls) == 2
    assert len(waits) == 1
    assert waits[0] >= 30


def test_a_limit_that_lasts_longer_than_a_job_can_wait_is_an_error(
    api: GitHubApi, waits: list[float]
) -> None:
    api.refusals = [RefusalError(403, "You have exceeded a secondary rate limit", {"retry-after": "3600"})]
    with pytest.raises(GitHubError, match="later"):
        GitHub.from_environment().get("issues/1")
    assert waits == []


def test_what_may_have_been_made_is_not_made_twice(api: GitHubApi) -> None:
    api.refusals = [RefusalError(502, "bad gateway")]
    with pytest.raises(GitHubError, match="502"):
        GitHub.from_environment().post("issues", {"title": "t", "body": "b"})
    assert api.calls == [f"POST /repos/{REPOSITORY}/issues"]


def test_the_missing_permission_is_named(api: GitHubApi) -> None:
    accepted = {"x-accepted-github-permissions": "issues=write"}
    api.refusals = [RefusalError(403, "Resource not accessible by integration", accepted)]
    with pytest.raises(GitHubError, match="issues: write"):
        GitHub.from_environment().post("issues", {"title": "t", "body": "b"})


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (RefusalError(401, "Bad credentials"), "GITHUB_TOKEN"),
        (RefusalError(403, "Resource not accessible by integration"), "permissions"),
        (RefusalError(403, "API rate limit", {"x-ratelimit-remaining": "0"}), "later"),
        (RefusalError(404, "Not Found"), "no such thing"),
    ],
)
def test_a_refusal_names_a_hint(
    api: GitHubApi, waits: list[float], refusal: RefusalError, words: str
) -> None:
    api.refusals = [refusal] * ATTEMPTS
    with pytest.raises(GitHubError, match=words) as caught:
        GitHub.from_environment().get("issues/1")
    assert "\n" not in str(caught.value)
    assert TOKEN not in str(caught.value)


def test_a_token_is_never_sent_in_plain_text(monkeypatch: pytest.MonkeyPatch, api: GitHubApi) -> None:
    monkeypatch.setenv("GITHUB_API_URL", "http://github.example.org")
    with pytest.raises(GitHubError, match="use https"):
        GitHub.from_environment()


def test_without_a_token_nothing_is_asked(monkeypatch: pytest.MonkeyPatch, api: GitHubApi) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    with pytest.raises(GitHubError, match="GITHUB_TOKEN is not set"):
        GitHub.from_environment()


def test_a_github_that_does_not_answer_is_one_line(monkeypatch: pytest.MonkeyPatch, api: GitHubApi) -> None:
    monkeypatch.setattr("covidlake.github.api._RETRY", False)
    with pytest.raises(GitHubError, match="cannot be reached"):
        GitHub(REPOSITORY, TOKEN, "http://127.0.0.1:9").get("issues/1")
