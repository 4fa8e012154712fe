"""GitHub's concurrency groups: one runs, one waits and is replaced, or with `queue: max` a hundred wait.

https://docs.github.com/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MOST_WAITING = 100
RUNNING, WAITING, CANCELLED, DONE = "running", "waiting", "cancelled", "done"


@dataclass(eq=False)
class Entry:
    """A run, or a job, in its group."""

    name: str
    group: str
    state: str = WAITING


@dataclass
class Queues:
    """All groups of a repository. A job that waits for an approval counts as running: it holds its group.

    https://github.com/orgs/community/discussions/17401, https://github.com/dotnet/docs/issues/28144
    """

    entries: list[Entry] = field(default_factory=list)

    def enter(self, name: str, concurrency: Mapping[str, Any]) -> Entry:
        """Something new comes to its group; raises ValueError for what GitHub refuses to read."""
        keeps, cancels = concurrency.get("queue", "single") == "max", bool(concurrency["cancel-in-progress"])
        if keeps and cancels:
            raise ValueError("queue: max and cancel-in-progress: true exclude each other")
        entry = Entry(name, str(concurrency["group"]).casefold())
        waiting = self.of(entry.group, WAITING)
        replaced = [] if keeps else waiting
        for other in [*replaced, *(self.of(entry.group, RUNNING) if cancels else [])]:
            other.state = CANCELLED
        if keeps and len(waiting) >= MOST_WAITING:
            entry.state = CANCELLED
        self.entries.append(entry)
        self._go_on(entry.group)
        return entry

    def finish(self, entry: Entry) -> None:
        """A running one ends; the one that has waited longest goes on."""
        assert entry.state == RUNNING, f"{entry.name} is {entry.state}"
        entry.state = DONE
        self._go_on(entry.group)

    def of(self, group: str, state: str) -> list[Entry]:
        return [one for one in self.entries if one.group == group.casefold() and one.state == state]

    def _go_on(self, group: str) -> None:
        waiting = self.of(group, WAITING)
        if waiting and not self.of(group, RUNNING):
            waiting[0].state = RUNNING
