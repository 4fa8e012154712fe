"""The part of GitHub's REST API that the workflows need: https://docs.github.com/rest

The token of a job, the repository and the address come from the variables that GitHub gives every step.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import urllib3

from covidlake.aws import retries as _retries
from covidlake.base.errors import GitHubError

DEFAULT_URL = "https://api.github.com"
PAGE = 100
TIMEOUT_SECONDS = 30.0
BOT = "github-actions[bot]"  # who writes with the token of a job
LOOPBACK = {"127.0.0.1", "::1", "localhost", "github.localhost"}
_NEXT = re.compile(r'<([^>]+)>;\s*rel="next"')
_RETRY = urllib3.Retry(
    total=5,
    backoff_factor=0.5,
    backoff_jitter=0.5,
    status_forcelist={500, 502, 503, 504},
    allowed_methods=None,
    raise_on_status=False,
    respect_retry_after_header=False,  # GitHub may ask for an hour; see `_seconds_to_wait`
)
# A POST that may have been done is not made again: it would make a second issue.
_RETRY_POST = _RETRY.new(read=0, status_forcelist={503})
ATTEMPTS = 5  # of a request that GitHub's limits refuse
LONGEST_WAIT_SECONDS = 60.0


@dataclass(frozen=True)
class GitHub:
    """One repository on GitHub, reached with one token."""

    repository: str
    token: str
    url: str = DEFAULT_URL

    @classmethod
    def from_environment(cls) -> GitHub:
        """Read GITHUB_REPOSITORY, GITHUB_TOKEN and GITHUB_API_URL.

        Raises `GitHubError` when one of the first two is missing, or the token would be sent in plain text.
        """
        given = {name: os.environ.get(name, "") for name in ("GITHUB_REPOSITORY", "GITHUB_TOKEN")}
        if missing := [name for name, value in given.items() if not value]:
            raise GitHubError(f"{missing[0]} is not set: give it to the step as an environment variable")
        return cls.of(given["GITHUB_REPOSITORY"], given["GITHUB_TOKEN"])

    @classmethod
    def of(cls, repository: str, token: str) -> GitHub:
        """A repository at GITHUB_API_URL; raises `GitHubError` for an address that is not encrypted."""
        url = os.environ.get("GITHUB_API_URL") or DEFAULT_URL
        address = urlsplit(url)
        if address.scheme != "https" and address.hostname not in LOOPBACK:
            raise GitHubError(f"GITHUB_API_URL {url}: use https, or the token would be sent in plain text")
        return cls(repository, token, url.rstrip("/"))

    def get(self, path: str, **query: str | int) -> Any:
        """What lies at a path below the repository's, such as `issues/7`. Raises `GitHubError`."""
        return self._ask("GET", self._address(path, query))[0]

    def get_beside(self, path: str) -> Any:
        """What lies at a path of the API outside of the repository's, such as `orgs/acme`."""
        return self._ask("GET", f"{self.url}/{path}")[0]

    def all(self, path: str, within: str = "", **query: str | int) -> Iterator[Any]:
        """Every item of a list, page by page; `within` names the list where it is part of an object."""
        address: str | None = self._address(path, {**query, "per_page": PAGE})
        while address:
            answer, headers = self._ask("GET", address)
            yield from answer[within] if within else answer
            found = _NEXT.search(headers.get("link", ""))
            address = found[1] if found and found[1].startswith(self.url) else None

    def post(self, path: str, content: Mapping[str, Any]) -> Any:
        return self._ask("POST", self._address(path), content)[0]

    def patch(self, path: str, content: Mapping[str, Any]) -> Any:
        return self._ask("PATCH", self._address(path), content)[0]

    def delete(self, path: str) -> None:
        self._ask("DELETE", self._address(path))

    def _address(self, path: str, query: Mapping[str, str | int] | None = None) -> str:
        return f"{self.url}/repos/{self.repository}/{path}" + (f"?{urlencode(query)}" if query else "")

    def _ask(
        self, method: str, address: str, content: Mapping[str, Any] | None = None
    ) -> tuple[Any, Mapping[str, str]]:
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {self.token}",
            "User-Agent": "covidlake",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        body = None if content is None else json.dumps(content).encode()
        answer = self._send(method, address, headers, body)
        for attempts in range(1, ATTEMPTS):
            seconds = _seconds_to_wait(answer, attempts)
            if seconds is None:
                break
            time.sleep(seconds)
            answer = self._send(method, address, headers, body)
        where = f"{method} {urlsplit(address).path}"
        if answer.status >= 400:
            raise GitHubError(f"GitHub refused {where}: {_why(answer)}", answer.status)
        return (answer.json() if answer.data else None), answer.headers

    def _send(
        self, method: str, address: str, headers: Mapping[str, str], body: bytes | None
    ) -> urllib3.BaseHTTPResponse:
        retries = _RETRY_POST if method == "POST" else _RETRY
        try:
            return urllib3.request(
                method, address, headers=headers, body=body, retries=retries, timeout=TIMEOUT_SECONDS
            )
        except urllib3.exceptions.HTTPError as error:
            raise GitHubError(f"{self.url}: GitHub cannot be reached: {type(error).__name__}") from error


def _is_limited(answer: urllib3.BaseHTTPResponse) -> bool:
    """https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api"""
    asked = "retry-after" in answer.headers or answer.headers.get("x-ratelimit-remaining") == "0"
    return answer.status == 429 or (answer.status == 403 and asked)


def _seconds_to_wait(answer: urllib3.BaseHTTPResponse, attempts: int) -> float | None:
    """The wait that GitHub's limits ask for, with jitter; None without a limit, or for too long a wait."""
    if not _is_limited(answer):
        return None
    after, reset = answer.headers.get("retry-after", ""), answer.headers.get("x-ratelimit-reset", "")
    asked = 0.0
    if after.isdigit():
        asked = float(after)
    elif answer.headers.get("x-ratelimit-remaining") == "0" and reset.isdigit():
        asked = max(0.0, float(reset) - time.time())
    return asked + _retries.delay(attempts) if asked <= LONGEST_WAIT_SECONDS else None


def _why(answer: urllib3.BaseHTTPResponse) -> str:
    """GitHub's message and a hint."""
    try:
        message = str(answer.json().get("message", ""))
    except (ValueError, AttributeError):
        message = ""
    if _is_limited(answer):
        return f"{answer.status} {message}: the limit of requests is reached: run the job again later"
    accepted = answer.headers.get("x-accepted-github-permissions", "").replace("=", ": ")
    permission = f"a permission ({accepted})" if accepted else "a permission"
    hints = {
        401: "the token is not valid: give the step GITHUB_TOKEN",
        403: f"the job lacks {permission}: add it under `permissions` of the job",
        404: "there is no such thing, or the job may not see it",
        410: "issues are switched off in the repository's settings",
    }
    return f"{answer.status} {message}: {hints.get(answer.status, 'see the message')}"


def is_own(thing: Mapping[str, Any]) -> bool:
    """Whether an issue or a comment was written by a workflow of this repository, not by somebody else."""
    return (thing.get("user") or {}).get("login") == BOT
