"""Who takes what happens: a tree in a terminal, JSON lines for a program, or plain lines as ever."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from covidlake.base import console
from covidlake.base.errors import CovidLakeError
from covidlake.base.progress import Happening, Progress
from covidlake.live import failure
from covidlake.live.job_log import JobLog
from covidlake.live.model import FAILED, Event, Tree
from covidlake.live.rendering import FRAMES_A_SECOND, TreeView
from covidlake.live.resources import Resources
from covidlake.live.states import ENDS, States
from covidlake.run import execution, logs


@dataclass
class Watcher:
    """Turns what happens into events of a tree; `emit` gets each event, `keep` each line.

    It is a `Watching`: verbs may give it lines, and tell it what happens. `record` gets the lines that a
    tree makes superfluous.
    """

    keep: Progress
    record: Progress = lambda _: None
    emit: Callable[[Event], None] = lambda _: None
    tree: Tree = field(default_factory=Tree)
    lock: threading.Lock = field(default_factory=threading.Lock)
    failed: Happening | None = None
    environment: str = ""
    _states: States | None = None
    _stacks: dict[str, Resources] = field(default_factory=dict)
    _log: JobLog | None = None

    def __call__(self, line: str, /) -> None:
        self.keep(line)

    def happened(self, happening: Happening, /) -> None:
        facts = happening.facts
        if happening.kind == "execution":
            self._start(str(facts["environment"]), str(facts["arn"]))
        elif happening.kind == "states":
            self._follow(str(facts["arn"]), facts["events"])
        elif happening.kind == "ended":
            self._end(happening)
        elif happening.kind == "resource":
            name = str(facts.get("StackName", ""))
            self.take(self._stacks.setdefault(name, Resources(name)).read(facts))
        if happening.line and happening.kind in {"resource", "change"}:
            self.record(happening.line)

    def take(self, events: Iterable[Event]) -> None:
        """Apply events to the tree, and hand them on."""
        for event in events:
            with self.lock:
                self.tree.apply(event)
            self.emit(event)

    def _start(self, environment: str, arn: str) -> None:
        self.environment = environment
        self._states, self._log = States(arn.rpartition(":")[2]), JobLog(environment)

    def _follow(self, arn: str, events: Iterable[Any]) -> None:
        if self._states is None or self._log is None:
            return
        self.take(self._states.read(events))
        if self._states.wants_data:
            self.take(self._states.enrich(_history(arn), datetime.now(UTC)))
        self.take(self._log.look(self._states.job_runs, self.tree))

    def _end(self, happening: Happening) -> None:
        facts = happening.facts
        name, status = str(facts["arn"]).rpartition(":")[2], str(facts["status"])
        if status in execution.RUNNING:
            return
        text = "" if status == "SUCCEEDED" else failure.words(str(facts["error"]), str(facts["cause"]))
        ended = Event("ended", name, datetime.now(UTC), status=ENDS.get(status, FAILED), text=text)
        self.take([ended])
        if status != "SUCCEEDED":
            self.failed = happening

    def explain(self) -> Iterator[str]:
        """Where the execution failed, why, its log, and the command that shows more; nothing without one."""
        if self.failed is None:
            return
        facts = self.failed.facts
        name = str(facts["arn"]).rpartition(":")[2]
        failed = [node for node in self.tree.failed() if "/" in node.id]
        command = f"covidlake logs {self.environment} {name}"
        log = _last_lines(self.environment, name)
        yield from failure.lines(failed, str(facts["error"]), str(facts["cause"]), log, command)


def _history(arn: str) -> list[Any]:
    try:
        return list(execution.history(arn))
    except (ClientError, BotoCoreError):
        return []  # the states are followed all the same


def _last_lines(environment: str, name: str) -> list[str]:
    """Of the job runs that failed; none where the log cannot be read."""
    try:
        found = [log for log in logs.logs(environment, name, failure.LOG_LINES) if log.failed]
    except (ClientError, BotoCoreError, CovidLakeError):
        return []
    return [line for log in found for line in log.lines]


def is_live() -> bool:
    """Whether somebody looks at a terminal that takes more than lines: not in CI, not with NO_COLOR."""
    silent = any(os.environ.get(name) for name in ("NO_COLOR", "CI"))
    return sys.stderr.isatty() and not silent and not console.progress.is_dumb_terminal


@contextmanager
def followed(
    keep: Progress = console.detail,
    as_json: bool = False,
    explained: bool = True,
    record: Progress = lambda _: None,
) -> Iterator[Progress]:
    """A progress to give to verbs, as fits where the command runs.

    `keep` prints plain lines, as without this; `record` gets those that a tree or JSON stands for. With
    `explained`, an execution that failed is explained below its tree. Ctrl-C leaves the terminal as it was.
    """
    if as_json:
        yield Watcher(_line_as_json, record, event)
    elif is_live():
        with _drawn(Watcher(keep, record), explained) as watcher:
            yield watcher
    else:
        yield keep


@contextmanager
def _drawn(watcher: Watcher, explained: bool) -> Iterator[Watcher]:
    try:
        with console.living(lambda: _Locked(watcher), FRAMES_A_SECOND):
            yield watcher
    finally:
        if watcher.tree.roots:
            console.progress.print(TreeView(watcher.tree, final=True))
        if explained:
            for line in watcher.explain():
                console.detail(line)


class _Locked:
    """The tree's view, drawn while no event changes the tree."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher

    def __rich_console__(self, shown: Any, options: Any) -> Any:
        with self._watcher.lock:
            return list(TreeView(self._watcher.tree).__rich_console__(shown, options))


def _line_as_json(line: str) -> None:
    _write({"event": "line", "at": datetime.now(UTC).isoformat(), "text": line})


def outcome(content: Mapping[str, Any]) -> None:
    """What became of a data set, a table or a stack, as the last event of a program's lines."""
    _write({"event": "outcome", "at": datetime.now(UTC).isoformat(), **content})


def answer(content: Mapping[str, Any]) -> None:
    """What was asked of the lake, and what it said."""
    _write({"event": "answer", "at": datetime.now(UTC).isoformat(), **content})


def event(found: Event) -> None:
    """An event that no watcher has made."""
    _write(found.to_json())


def _write(content: dict[str, Any]) -> None:
    console.write(json.dumps(content))
    sys.stdout.flush()
