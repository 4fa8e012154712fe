"""A GitHub of our own: the few calls that the CLI makes, answered as https://docs.github.com/rest says."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Collection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

BOT = {"login": "github-actions[bot]", "type": "Bot"}


class RefusalError(Exception):
    """An answer with an error status."""

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}


class GitHubApi:
    """Holds one repository; a context manager that serves it on the loop-back interface."""

    def __init__(self, repository: str, token: str) -> None:
        self.repository = repository
        self.token = token
        self.calls: list[str] = []
        self.refusals: list[RefusalError] = []  # the next answers, instead of the real ones
        self._issues: dict[int, dict[str, Any]] = {}
        self._comments: dict[int, dict[str, Any]] = {}
        self._runs: list[dict[str, Any]] = []
        self._artifacts: dict[int, list[dict[str, Any]]] = {}
        self._last_id = 100
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> GitHubApi:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def issues(self) -> list[dict[str, Any]]:
        return [issue for issue in self._issues.values() if "pull_request" not in issue]

    def comments(self, number: int) -> list[dict[str, Any]]:
        return [comment for comment in self._comments.values() if comment["issue"] == number]

    def add_pull_request(
        self, number: int, state: str = "open", labels: Collection[str] = (), head: str = "c" * 40
    ) -> None:
        """Pull requests share their numbers with issues, and lists of issues hold them too."""
        self._issues[number] = {
            "number": number,
            "state": state,
            "title": "",
            "body": "",
            "user": {"login": "somebody", "type": "User"},
            "labels": [{"name": name} for name in labels],
            "head": {"sha": head},
            "pull_request": {},
        }

    def add_issue(self, title: str, body: str, login: str = "somebody") -> int:
        return int(
            self._new_issue({"title": title, "body": body}, {"login": login, "type": "User"})["number"]
        )

    def add_comment(self, number: int, body: str, login: str = "somebody") -> int:
        return int(self._new_comment(number, body, {"login": login, "type": "User"})["id"])

    def add_run(self, identity: int, commit: str, artifacts: list[str], **more: Any) -> None:
        """A run of ci for a push to main, unless `more` says otherwise; the newest of all."""
        run = {
            "id": identity,
            "head_sha": commit,
            "head_branch": "main",
            "event": "push",
            "path": ".github/workflows/ci.yml",
            "head_repository": {"full_name": self.repository},
        }
        self._runs.insert(0, {**run, **more})
        self._artifacts[identity] = [{"name": name, "expired": False} for name in artifacts]

    def expire(self, identity: int) -> None:
        for artifact in self._artifacts[identity]:
            artifact["expired"] = True

    def _new_issue(self, content: dict[str, Any], user: dict[str, str]) -> dict[str, Any]:
        number = max(self._issues, default=0) + 1
        labels = [{"name": name} for name in content.get("labels", [])]
        issue = {"number": number, "state": "open", "title": content["title"], "body": content["body"]}
        self._issues[number] = {**issue, "labels": labels, "user": user}
        return self._issues[number]

    def _new_comment(self, number: int, body: str, user: dict[str, str]) -> dict[str, Any]:
        if number not in self._issues:
            raise RefusalError(404, "Not Found")
        if len(body) > 65_536:
            raise RefusalError(422, "body is too long")
        self._last_id += 1
        self._comments[self._last_id] = {"id": self._last_id, "issue": number, "body": body, "user": user}
        return self._comments[self._last_id]

    def answer(self, method: str, path: str, query: dict[str, str], content: dict[str, Any]) -> Any:
        """What GitHub answers to a call below the repository's path."""
        for pattern, verbs in self._routes().items():
            if found := re.fullmatch(pattern, path):
                if method not in verbs:
                    break
                return verbs[method](found, query, content)
        raise RefusalError(404, "Not Found")

    def _routes(self) -> dict[str, dict[str, Callable[..., Any]]]:
        return {
            r"issues": {"GET": self._list_issues, "POST": lambda _f, _q, body: self._new_issue(body, BOT)},
            r"issues/(\d+)": {"GET": self._get_issue, "PATCH": self._change_issue},
            r"pulls/(\d+)": {"GET": self._get_issue},
            r"issues/(\d+)/labels": {"GET": lambda *call: self._get_issue(*call)["labels"]},
            r"issues/(\d+)/comments": {
                "GET": lambda found, _q, _b: self.comments(int(found[1])),
                "POST": lambda found, _q, body: self._new_comment(int(found[1]), body["body"], BOT),
            },
            r"issues/comments/(\d+)": {
                "PATCH": lambda found, _q, body: self._comment(found).update(body) or self._comment(found),
                "DELETE": lambda found, _q, _b: self._comments.pop(int(found[1])) and None,
            },
            r"actions/workflows/ci\.yml/runs": {"GET": lambda *_: {"workflow_runs": self._runs}},
            r"actions/runs/(\d+)": {"GET": self._get_run},
            r"actions/runs/(\d+)/artifacts": {
                "GET": lambda found, _q, _b: {"artifacts": self._artifacts[int(found[1])]}
            },
        }

    def _list_issues(self, _found: Any, query: dict[str, str], _content: Any) -> list[dict[str, Any]]:
        return [issue for issue in self._issues.values() if issue["state"] == query.get("state", "open")]

    def _get_issue(self, found: re.Match[str], _query: Any, _content: Any) -> dict[str, Any]:
        if int(found[1]) not in self._issues:
            raise RefusalError(404, "Not Found")
        return self._issues[int(found[1])]

    def _change_issue(self, found: re.Match[str], _query: Any, content: dict[str, Any]) -> dict[str, Any]:
        issue = self._get_issue(found, None, None)
        issue.update(content)
        return issue

    def _comment(self, found: re.Match[str]) -> dict[str, Any]:
        return self._comments[int(found[1])]

    def _get_run(self, found: re.Match[str], _query: Any, _content: Any) -> dict[str, Any]:
        for run in self._runs:
            if run["id"] == int(found[1]):
                return run
        raise RefusalError(404, "Not Found")

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        api = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                headers: dict[str, str] = {}
                try:
                    status, answer = 200, self._ask(headers)
                    if self.command == "POST":
                        status = 201
                except RefusalError as refusal:
                    status, answer, headers = refusal.status, {"message": str(refusal)}, refusal.headers
                body = b"" if answer is None else json.dumps(answer).encode()
                self.send_response(status if body else 204)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PATCH = do_DELETE = handle_any  # noqa: N815 - the server's own names

            def _ask(self, headers: dict[str, str]) -> Any:
                address = urlsplit(self.path)
                api.calls.append(f"{self.command} {address.path}")
                length = int(self.headers.get("Content-Length") or 0)
                content = json.loads(self.rfile.read(length) or b"{}")
                if api.refusals:
                    raise api.refusals.pop(0)
                if self.headers.get("Authorization") != f"Bearer {api.token}":
                    raise RefusalError(401, "Bad credentials")
                prefix = f"/repos/{api.repository}/"
                if not address.path.startswith(prefix):
                    raise RefusalError(404, "Not Found")
                query = {name: values[0] for name, values in parse_qs(address.query).items()}
                answer = api.answer(self.command, address.path.removeprefix(prefix), query, content)
                return _page(answer, query, f"{api.url}{address.path}", headers)

            def log_message(self, *_: Any) -> None:
                """The tests say what went wrong."""

        return Handler


def _page(answer: Any, query: dict[str, str], address: str, headers: dict[str, str]) -> Any:
    """One page of a list, with the address of the next in a header."""
    if "per_page" not in query:
        return answer
    name = next((key for key in ("workflow_runs", "artifacts") if key in answer), "")
    items, size, page = answer[name] if name else answer, int(query["per_page"]), int(query.get("page", 1))
    shown = items[(page - 1) * size : page * size]
    if page * size < len(items):
        following = "&".join(f"{key}={value}" for key, value in {**query, "page": page + 1}.items())
        headers["Link"] = f'<{address}?{following}>; rel="next"'
    return {name: shown} if name else shown
