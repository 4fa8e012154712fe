"""Who gets what: a terminal a tree, a program JSON, all others lines; Ctrl-C restores the terminal."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import termios
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from covidlake.base import console
from covidlake.base.progress import Happening, Watching, tell
from covidlake.live import watch
from covidlake.live.watch import Watcher
from covidlake.run import execution, logs
from covidlake.run.logs import Log
from tests.unit.covidlake.live.test_resources import event as resource
from tests.unit.covidlake.live.test_states import two_job_runs

ROOT = Path(__file__).parents[4]
ARN = "arn:aws:states:us-east-2:111122223333:execution:lake:today"
SHOW, HIDE = b"\x1b[?25h", b"\x1b[?25l"


@pytest.fixture(autouse=True)
def cloud(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "history", lambda _: two_job_runs().events)
    monkeypatch.setattr("covidlake.live.job_log.JobLog.look", lambda *_: iter(()))


def follow(told: Any, status: str = "SUCCEEDED", error: str = "", cause: str = "") -> None:
    tell(told, Happening("execution", {"environment": "dev", "arn": ARN}, "execution today"))
    tell(told, Happening("states", {"arn": ARN, "events": two_job_runs().events}))
    facts = {"arn": ARN, "status": status, "error": error, "cause": cause}
    tell(told, Happening("ended", facts))


def test_without_a_terminal_lines_are_what_they_were() -> None:
    lines: list[str] = []
    with watch.followed(lines.append) as told:
        assert not isinstance(told, Watching)
        follow(told)
        tell(told, Happening("resource", resource("Q", "AWS::SQS::Queue", "CREATE_COMPLETE"), "Q is there"))
        told("a line")
    assert lines == ["execution today", "Q is there", "a line"]


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    recorded: list[str] = []
    with watch.followed(as_json=True, record=recorded.append) as told:
        follow(told)
        found = resource("Q", "AWS::SQS::Queue", "CREATE_COMPLETE")
        tell(told, Happening("resource", found | {"StackName": "lake"}, "Q is there"))
        tell(told, Happening("change", line="+ Q"))
        tell(told, Happening("alive", line="still there"))
        told("uploading")
    watch.outcome({"dataset": "uk_covid", "outcome": "LOADED"})
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {event["event"] for event in events} == {
        "begun",
        "titled",
        "noted",
        "retried",
        "ended",
        "line",
        "outcome",
    }
    assert all(datetime.fromisoformat(event["at"]).tzinfo for event in events)
    assert events[-1]["outcome"] == "LOADED"
    by_id = [event for event in events if event.get("id") == "today"]
    assert [(event["event"], event.get("status")) for event in by_id] == [
        ("begun", None),
        ("ended", "succeeded"),
    ]
    assert recorded == ["Q is there", "+ Q"]


def test_a_failure_is_explained_with_its_log(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [Log("job run of a FAILED", ("one", "two"), True), Log("function", ("other",))]
    monkeypatch.setattr(logs, "logs", lambda *_: iter(found))
    watcher = Watcher(lambda _: None)
    follow(watcher, "FAILED", "IngestionFailed", "uk_covid in RunJob: broken")
    assert list(watcher.explain()) == [
        "failed: RunJobs > uk_covid > RunJob",
        "failed: RunJobs > codes > RunJob: Glue.Busy",
        "why: uk_covid in RunJob: broken",
        "the last lines of its log:",
        "  one",
        "  two",
        "to look further: covidlake logs dev today",
    ]


def test_a_success_and_what_still_runs_need_no_explanation() -> None:
    for status in ("SUCCEEDED", "RUNNING"):
        watcher = Watcher(lambda _: None)
        follow(watcher, status)
        assert list(watcher.explain()) == []
    assert watcher.tree.nodes["today"].status == "running"


def test_states_of_an_execution_that_nobody_named_do_no_harm() -> None:
    watcher = Watcher(lambda _: None)
    watcher.happened(Happening("states", {"arn": ARN, "events": two_job_runs().events}))
    assert watcher.tree.roots == []


@pytest.mark.parametrize("name", ["NO_COLOR", "CI"])
def test_neither_ci_nor_no_color_gets_a_tree(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    for one in ("NO_COLOR", "CI"):
        monkeypatch.delenv(one, raising=False)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert watch.is_live() == (not console.progress.is_dumb_terminal)
    monkeypatch.setenv(name, "1")
    assert not watch.is_live()


def read_until(terminal: int, words: bytes, seen: bytes = b"") -> bytes:
    while words not in seen:
        try:
            part = os.read(terminal, 65_536)
        except OSError:  # Linux says so when nobody has the other end open any more
            break
        if not part:
            break
        seen += part
    return seen


def test_ctrl_c_leaves_the_terminal_as_it_was() -> None:
    ours, theirs = pty.openpty()
    before = termios.tcgetattr(theirs)
    environment = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "CI")}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.unit.covidlake.live.followed_forever"],
        cwd=ROOT,
        env={**environment, "TERM": "xterm-256color"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as program:
        seen = read_until(ours, b"ready")
        assert HIDE in seen
        program.send_signal(signal.SIGINT)
        seen = read_until(ours, b"interrupted", seen)
        assert program.wait(timeout=60) == 0
    assert termios.tcgetattr(theirs) == before
    os.close(theirs)
    os.close(ours)
    assert seen.rfind(SHOW) > seen.rfind(HIDE), "the cursor is there again"
    assert b"execution today" in seen
