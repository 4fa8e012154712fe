"""Events, and the tree that they make: nothing here knows AWS, a terminal or the time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Kind = Literal["begun", "ended", "retried", "titled", "noted", "said"]
RUNNING, SUCCEEDED, FAILED = "running", "succeeded", "failed"


@dataclass(frozen=True)
class Event:
    """What became of a node: begun again, it was visited once more; `said` is its own latest line.

    `status` is of an end: succeeded, or failed and the like. A `group` has the status of what is below it.
    """

    kind: Kind
    node: str
    at: datetime
    parent: str = ""
    title: str = ""
    status: str = ""
    text: str = ""
    group: bool = False

    def to_json(self) -> dict[str, Any]:
        """For another program; what is empty is left out."""
        content = {
            "event": self.kind,
            "at": self.at.isoformat(),
            "id": self.node,
            "parent": self.parent,
            "title": self.title,
            "status": self.status,
            "text": self.text,
        }
        return {name: value for name, value in content.items() if value}


@dataclass
class Node:
    """A stage, an execution, a state, a stack or a resource, as far as its events have told."""

    id: str
    title: str
    begun: datetime
    ended: datetime | None = None
    own_status: str = RUNNING
    visits: int = 1
    retries: int = 0
    note: str = ""
    said: str = ""
    group: bool = False
    parent: Node | None = field(default=None, repr=False)
    children: list[Node] = field(default_factory=list)

    @property
    def path(self) -> list[str]:
        """The titles from below the root to its own."""
        return [*self.parent.path, self.title] if self.parent else []

    @property
    def status(self) -> str:
        """Its own, or for a group: the worst of what is below it."""
        if not self.group:
            return self.own_status
        found = {child.status for child in self.children}
        others = sorted(found - {RUNNING, SUCCEEDED})
        return others[0] if others else RUNNING if RUNNING in found or not found else SUCCEEDED

    def seconds(self, now: datetime) -> float:
        """From its first beginning to its end, or to now."""
        ends = [child.ended for child in self.children if child.ended] if self.group else []
        end = self.ended or (max(ends) if ends and self.status != RUNNING else now)
        return max(0.0, (end - self.begun).total_seconds())

    def walk(self) -> Iterator[Node]:
        """Itself, then all below it."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass
class Tree:
    """Nodes by their ids, and those without a parent in their order."""

    roots: list[Node] = field(default_factory=list)
    nodes: dict[str, Node] = field(default_factory=dict)

    def apply(self, event: Event) -> None:
        """Take one event. One of a node that never began has no effect."""
        if event.kind == "begun":
            self._begin(event)
            return
        node = self.nodes.get(event.node)
        if node is None:
            return
        if event.kind == "ended":
            node.ended, node.own_status = event.at, event.status or SUCCEEDED
            node.note = event.text or node.note
            if event.status not in ("", SUCCEEDED):
                self._end_below(node, event)
        elif event.kind == "retried":
            node.retries += 1
            node.note = event.text or node.note
        elif event.kind == "titled":
            node.title = event.title
        elif event.kind == "noted":
            node.note = event.text
        else:
            node.said = event.text

    def _begin(self, event: Event) -> None:
        if node := self.nodes.get(event.node):
            node.visits += 1
            node.ended, node.own_status = None, RUNNING
            return
        parent = self.nodes.get(event.parent)
        node = Node(event.node, event.title or event.node, event.at, group=event.group, parent=parent)
        self.nodes[event.node] = node
        (parent.children if parent else self.roots).append(node)

    def _end_below(self, ended: Node, event: Event) -> None:
        """What still ran when its parent failed or was stopped ended with it."""
        for node in ended.walk():
            if node is not ended and not node.group and node.own_status == RUNNING:
                node.ended, node.own_status = event.at, event.status

    def failed(self) -> list[Node]:
        """The innermost nodes that did not succeed, in their order."""
        return [
            node
            for root in self.roots
            for node in root.walk()
            if node.status not in (RUNNING, SUCCEEDED)
            and not any(child.status not in (RUNNING, SUCCEEDED) for child in node.children)
        ]
