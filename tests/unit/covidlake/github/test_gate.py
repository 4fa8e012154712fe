"""The gate: every job that an event needs has succeeded, and no job is forgotten."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from covidlake.base.errors import GateError
from covidlake.github import gate

TOKEN, REPOSITORY, BOT = "a-token", "acme/lake", "github-actions[bot]"


MUST = {"always": ["build"], "pull_request": ["preview"], "fork": ["compare"]}


def event(monkeypatch: pytest.MonkeyPatch, folder: Path, name: str, head: Any = None) -> None:
    path = folder / "event.json"
    path.write_text(json.dumps({"pull_request": {"head": head}}))
    monkeypatch.setenv("GITHUB_EVENT_NAME", name)
    monkeypatch.setenv("GITHUB_EVENT_PATH", str(path))
    monkeypatch.setenv("GITHUB_REPOSITORY", REPOSITORY)


@pytest.mark.parametrize(
    ("name", "head", "kind"),
    [
        ("push", None, "push"),
        ("pull_request", {"repo": {"full_name": REPOSITORY}}, "pull_request"),
        ("pull_request", {"repo": {"full_name": "stranger/lake"}}, "fork"),
        ("pull_request", {"repo": None}, "fork"),
    ],
)
def test_a_fork_is_distinguished_from_a_branch(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, head: Any, kind: str
) -> None:
    event(monkeypatch, tmp_path, name, head)
    assert gate.event_kind() == kind


@pytest.mark.parametrize(
    ("kind", "results", "red"),
    [
        ("push", ("success", "skipped", "skipped", "skipped"), []),
        ("pull_request", ("success", "success", "skipped", "success"), []),
        ("fork", ("success", "skipped", "success", "skipped"), []),
        ("pull_request", ("success", "skipped", "skipped", "skipped"), ["preview"]),
        ("push", ("failure", "skipped", "skipped", "skipped"), ["build"]),
        ("push", ("skipped", "skipped", "skipped", "skipped"), ["build"]),
        ("fork", ("success", "skipped", "cancelled", "skipped"), ["compare"]),
        ("push", ("success", "skipped", "skipped", "failure"), ["comment"]),
    ],
)
def test_what_an_event_needs_must_have_succeeded(kind: str, results: tuple[str, ...], red: list[str]) -> None:
    given = dict(zip(("build", "preview", "compare", "comment"), results, strict=True))
    verdicts = gate.judge(given, kind, MUST, ["comment"])
    assert [one.job for one in verdicts if one.problem] == red
    if red:
        with pytest.raises(GateError, match=red[0]):
            gate.check(verdicts)
    else:
        gate.check(verdicts)


@pytest.mark.parametrize("results", [{"build": "success"}, {"other": "success"}])
def test_no_job_is_forgotten(results: dict[str, str]) -> None:
    with pytest.raises(GateError, match="name it in both"):
        gate.judge(results, "push", {"always": ["build", "preview"]}, [])


@pytest.mark.parametrize("text", ["", "[]", '{"build": 1}', '{"build": {}}'])
def test_needs_must_be_what_github_gives(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("NEEDS", text)
    with pytest.raises(GateError, match="toJSON"):
        gate.needs()
